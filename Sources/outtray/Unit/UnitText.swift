import Pipeline
import SystemPackage

/// One `Key=value` line of a unit file, or of what `systemctl show` prints.
struct UnitAssignment: Equatable, Sendable {
    let key: String
    /// Bytes, because a value may hold paths.
    let value: [UInt8]
}

/// The syntax of unit files (systemd.syntax(7)) and of `systemctl show`. Everything is bytes.
enum UnitText {
    /// How a value's words are quoted.
    enum Quoting {
        /// As in a unit file: a backslash takes the meaning from the next byte.
        case unit
        /// As `systemctl show` prints a list: a backslash begins an escape of C.
        case shown
    }

    private static let blanks: Set<UInt8> = Set(" \t\n\r".utf8)

    /// The assignments in the section `[Service]`, in order. A line that ends in a backslash goes on in the next one.
    static func service(_ text: [UInt8]) -> [UnitAssignment] {
        var assignments: [UnitAssignment] = []
        var section: [UInt8] = []
        var begun: [UInt8]?
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let bare = trimmed(line)
            // A comment within a continued line does not end it.
            if let first = bare.first, first == UInt8(ascii: "#") || first == UInt8(ascii: ";") { continue }
            var whole = (begun.map { $0 + [UInt8(ascii: " ")] } ?? []) + bare
            begun = nil
            if goesOn(whole) {
                whole.removeLast()
                begun = whole
                continue
            }
            if whole.first == UInt8(ascii: "["), whole.last == UInt8(ascii: "]") {
                section = Array(whole.dropFirst().dropLast())
            } else if section.elementsEqual("Service".utf8), let assignment = assignment(whole[...]) {
                assignments.append(assignment)
            }
        }
        return assignments
    }

    /// Whether a line ends in a backslash that means itself: another one before it takes its meaning.
    private static func goesOn(_ line: [UInt8]) -> Bool {
        !line.reversed().prefix { $0 == UInt8(ascii: "\\") }.count.isMultiple(of: 2)
    }

    /// The lines of `systemctl show`. Keys that stand for several values come more than once.
    static func shown(_ text: [UInt8]) -> [UnitAssignment] {
        text.split(separator: UInt8(ascii: "\n")).compactMap(assignment)
    }

    private static func assignment(_ line: ArraySlice<UInt8>) -> UnitAssignment? {
        guard let sign = line.firstIndex(of: UInt8(ascii: "=")), sign > line.startIndex else { return nil }
        let key = String(decoding: trimmed(line[..<sign]), as: UTF8.self)
        return UnitAssignment(key: key, value: Array(trimmed(line[(sign + 1)...])))
    }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop(while: blanks.contains)
        while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
        return bytes
    }

    /// The words of a value, without their quotation marks.
    static func words(_ value: [UInt8], _ quoting: Quoting) -> [[UInt8]] {
        fields(value, quoting, separator: nil).map { Array($0.joined()) }
    }

    /// The words of a value, each in the parts that a separator makes. One that is quoted or escaped parts nothing.
    static func fields(_ value: [UInt8], _ quoting: Quoting, separator: UInt8?) -> [[[UInt8]]] {
        var words: [[[UInt8]]] = []
        // The parts of the word that has begun; none between words.
        var parts: [[UInt8]] = []
        var mark: UInt8?
        var rest = value[...]
        func add(_ bytes: [UInt8]) {
            if parts.isEmpty { parts = [[]] }
            parts[parts.count - 1] += bytes
        }
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") {
                let literal = quoting == .unit ? rest.popFirst() : unescaped(&rest)
                add(literal.map { [$0] } ?? [])
            } else if let open = mark {
                if byte == open { mark = nil } else { add([byte]) }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                mark = byte
                add([])
            } else if blanks.contains(byte) {
                if !parts.isEmpty { words.append(parts) }
                parts = []
            } else if byte == separator {
                add([])
                parts.append([])
            } else {
                add([byte])
            }
        }
        return parts.isEmpty ? words : words + [parts]
    }

    /// What an escape of C stands for, after its backslash: a letter, or three octal digits.
    private static func unescaped(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        let letters: [UInt8: UInt8] = [
            UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10,
            UInt8(ascii: "v"): 11, UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13,
        ]
        let digits = rest.prefix(3)
        if digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
            rest = rest.dropFirst(3)
            return value
        }
        return rest.popFirst().map { letters[$0] ?? $0 }
    }

    /// A path as a word of a unit file, after a prefix such as `-`.
    ///
    /// Nil if no unit file can hold the path (a byte that is not UTF-8), or no terminal shows it (a control character).
    /// `isOfBind`: a colon parts the entries of `BindPaths=` and the like.
    static func word(_ path: FilePath, prefix: String = "", isOfBind: Bool = false) -> String? {
        guard let text = String(validating: path.bytes, as: UTF8.self), text.unicodeScalars.allSatisfy(isPlain) else {
            return nil
        }
        var whole = prefix
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": whole += "%%"
            case "\\", "\"": whole += "\\\(scalar)"
            case ":" where isOfBind: whole += "\\:"
            default: whole.unicodeScalars.append(scalar)
            }
        }
        return whole.unicodeScalars.contains { [" ", "'", "\""].contains($0) } ? "\"\(whole)\"" : whole
    }

    /// As ``word(_:prefix:isOfBind:)``, and in any case something for people.
    static func shownWord(_ path: FilePath) -> String { word(path) ?? printablePath(path) }
}
