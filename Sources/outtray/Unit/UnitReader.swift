import Pipeline
import SystemPackage

/// Reads values out of a unit's assignments, wherever they come from.
struct UnitReader {
    let assignments: [UnitAssignment]
    /// Whether they are lines of unit files, in which specifiers are to be filled in.
    let isOfFiles: Bool
    /// The unit's name without `.service`.
    var name = "outtray"
    /// Values whose specifiers are not known here.
    private(set) var unread: [String] = []

    init(_ assignments: [UnitAssignment], isOfFiles: Bool) {
        self.assignments = assignments
        self.isOfFiles = isOfFiles
    }

    /// All values of a key, in order. In a file an empty value takes back those before it.
    func values(_ key: String) -> [[UInt8]] {
        assignments.reduce(into: []) { values, assignment in
            guard assignment.key == key else { return }
            if assignment.value.isEmpty { values = [] } else { values.append(assignment.value) }
        }
    }

    /// The last value of a key; empty if there is none.
    mutating func text(_ key: String) -> String {
        guard let last = assignments.last(where: { $0.key == key }) else { return "" }
        return String(decoding: filled(last.value, key), as: UTF8.self)
    }

    mutating func truth(_ key: String) -> Bool {
        ["yes", "y", "true", "t", "on", "1"].contains(text(key).lowercased())
    }

    mutating func words(_ key: String) -> [[UInt8]] {
        var words: [[UInt8]] = []
        for value in values(key) {
            for word in UnitText.words(value, isOfFiles ? .unit : .shown) { words.append(filled(word, key)) }
        }
        return words
    }

    mutating func names(_ key: String) -> [String] { words(key).map { String(decoding: $0, as: UTF8.self) } }

    mutating func paths(_ key: String) -> [UnitPath] { words(key).compactMap { UnitPath($0[...], in: key) } }

    /// The entries of `BindPaths=` and the like: `SOURCE:DESTINATION:OPTIONS`, the latter two optional.
    mutating func binds(_ key: String) -> [UnitBind] {
        var binds: [UnitBind] = []
        for value in values(key) {
            for fields in UnitText.fields(value, isOfFiles ? .unit : .shown, separator: UInt8(ascii: ":")) {
                let parts = fields.map { filled($0, key) }
                guard let first = parts.first, let source = UnitPath(first[...], in: key) else { continue }
                let given = parts.count > 1 ? UnitPath(parts[1][...], in: key) : nil
                let options = parts.dropFirst(2).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ":")
                binds.append(
                    UnitBind(
                        source: source.path,
                        target: given?.path ?? source.path,
                        isOptional: source.isOptional,
                        options: options
                    )
                )
            }
        }
        return binds
    }

    /// Whether a set of capabilities has one. `byDefault`: it is in the set if nothing is said.
    ///
    /// The first assignment replaces the default, later ones are added; `~` takes away.
    func hasCapability(_ name: String, in key: String, byDefault: Bool) -> Bool {
        var answer: Bool?
        for assignment in assignments where assignment.key == key {
            let takes = assignment.value.first == UInt8(ascii: "~")
            let text = String(decoding: takes ? assignment.value.dropFirst() : assignment.value[...], as: UTF8.self)
            let isNamed = text.lowercased().split(separator: " ").contains { $0 == name }
            if text.isEmpty || answer == nil {
                answer = isNamed != takes
            } else if isNamed {
                answer = !takes
            }
        }
        return answer ?? byDefault
    }

    /// Fills in the specifiers of a system's unit (systemd.unit(5)) that do not depend on the machine.
    private mutating func filled(_ word: [UInt8], _ key: String) -> [UInt8] {
        guard isOfFiles, word.contains(UInt8(ascii: "%")) else { return word }
        let known: [UInt8: String] = [
            UInt8(ascii: "%"): "%", UInt8(ascii: "S"): "/var/lib", UInt8(ascii: "C"): "/var/cache",
            UInt8(ascii: "L"): "/var/log", UInt8(ascii: "t"): "/run", UInt8(ascii: "E"): "/etc",
            UInt8(ascii: "T"): "/tmp", UInt8(ascii: "V"): "/var/tmp", UInt8(ascii: "h"): "/root",
            UInt8(ascii: "n"): "\(name).service", UInt8(ascii: "N"): name, UInt8(ascii: "p"): name,
        ]
        var whole: [UInt8] = []
        var rest = word[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                whole.append(byte)
            } else if let letter = rest.popFirst(), let value = known[letter] {
                whole += Array(value.utf8)
            } else {
                unread.append("\(key)=\(String(decoding: word, as: UTF8.self))")
                return word
            }
        }
        return whole
    }
}

/// A path that a unit names, such as in `ReadWritePaths=`.
struct UnitPath: Equatable, Sendable {
    let path: FilePath
    /// Whether the service starts without it (`-`).
    let isOptional: Bool
    let key: String

    init(_ path: FilePath, isOptional: Bool = true, in key: String) {
        self.path = path.lexicallyNormalized()
        self.isOptional = isOptional
        self.key = key
    }

    /// Nil for what is no absolute path after the prefixes `-` and `+`.
    init?(_ word: ArraySlice<UInt8>, in key: String) {
        let bare = word.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard bare.first == UInt8(ascii: "/") else { return nil }
        self.init(FilePath(bytes: bare), isOptional: word.first == UInt8(ascii: "-"), in: key)
    }
}

/// An entry of `BindPaths=` or `BindReadOnlyPaths=`.
struct UnitBind: Equatable, Sendable {
    let source: FilePath
    let target: FilePath
    /// Whether the service starts without it (`-`).
    var isOptional = false
    /// Such as `rbind`; empty if there are none.
    var options = ""

    /// The entry as a unit file has it; nil if none can hold it.
    var word: String? {
        let prefix = isOptional ? "-" : ""
        guard let from = UnitText.word(source, prefix: prefix, isOfBind: true),
            let to = UnitText.word(target, isOfBind: true)
        else { return nil }
        let isShort = target == source && options.isEmpty
        return ([from] + (isShort ? [] : [to]) + (options.isEmpty ? [] : [options])).joined(separator: ":")
    }
}
