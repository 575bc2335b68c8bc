/// Reads JSON text (RFC 8259), value by value, and keeps only values that the caller wants.
///
/// The usual decoders round numbers and put members into dictionaries. There, two spellings of one name are one key, so
/// one of two paths that read alike would be lost. Nesting ends at 64 levels: a hostile text must not exhaust the
/// stack.
package struct JSONReader {
    /// What counts as JSON.
    package enum Grammar: CaseIterable, Sendable {
        /// RFC 8259 to the letter. For our own files, so that a cut or damaged text is noticed.
        case strict
        /// What servers send, too: a byte order mark, numbers such as `01`, control characters in strings.
        ///
        /// Lone surrogates and bytes that are no UTF-8 become U+FFFD, as in browsers.
        case lenient
    }

    private static let deepest = 64

    private let text: ArraySlice<UInt8>
    private let grammar: Grammar
    private(set) var place: Int
    private let depth: Int

    init(_ text: ArraySlice<UInt8>, as grammar: Grammar = .strict) {
        let hasMark = grammar == .lenient && text.starts(with: [0xEF, 0xBB, 0xBF])
        self.init(text, as: grammar, at: text.startIndex + (hasMark ? 3 : 0), depth: 0)
    }

    private init(_ text: ArraySlice<UInt8>, as grammar: Grammar, at place: Int, depth: Int) {
        self.text = text
        self.grammar = grammar
        self.place = place
        self.depth = depth
    }

    /// Reads the whole text as one value.
    package static func value(of text: ArraySlice<UInt8>, as grammar: Grammar = .strict) throws(JSONDamage) -> JSON {
        var reader = JSONReader(text, as: grammar)
        let value = try reader.value()
        try reader.end()
        return value
    }

    /// Walks over an object's members. `take` reads each value, or skips it.
    mutating func members(_ take: (String, inout JSONReader) throws(JSONDamage) -> Void) throws(JSONDamage) {
        try open("{")
        if closes("}") { return }
        repeat {
            skipSpace()
            guard let name = try string(isKept: true) else { throw damage }
            skipSpace()
            guard has(UInt8(ascii: ":")) else { throw damage }
            var inner = try nested()
            try take(name, &inner)
            place = inner.place
            skipSpace()
        } while has(UInt8(ascii: ","))
        guard has(UInt8(ascii: "}")) else { throw damage }
    }

    mutating func value() throws(JSONDamage) -> JSON {
        try value(isKept: true)
    }

    /// Reads over a value, as strictly as over any other.
    mutating func skip() throws(JSONDamage) {
        _ = try value(isKept: false)
    }

    /// Throws unless only white space follows.
    mutating func end() throws(JSONDamage) {
        skipSpace()
        guard place == text.endIndex else { throw damage }
    }

    /// Whether an object begins here.
    var isAtObject: Bool {
        var ahead = self
        ahead.skipSpace()
        return ahead.peek() == UInt8(ascii: "{")
    }

    private mutating func value(isKept: Bool) throws(JSONDamage) -> JSON {
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"):
            var kept: [JSON.Member] = []
            try members { name, reader throws(JSONDamage) in
                let value = try reader.value(isKept: isKept)
                if isKept { kept.append(JSON.Member(name, value)) }
            }
            return .object(kept)
        case UInt8(ascii: "["): return .array(try array(isKept: isKept))
        case UInt8(ascii: "\""): return .string(try string(isKept: isKept) ?? "")
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func array(isKept: Bool) throws(JSONDamage) -> [JSON] {
        var items: [JSON] = []
        try open("[")
        if closes("]") { return items }
        repeat {
            var inner = try nested()
            let item = try inner.value(isKept: isKept)
            if isKept { items.append(item) }
            place = inner.place
            skipSpace()
        } while has(UInt8(ascii: ","))
        guard has(UInt8(ascii: "]")) else { throw damage }
        return items
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONDamage) -> JSON {
        let isThere = word.withUTF8Buffer { text[place...].starts(with: $0) }
        guard isThere else { throw damage }
        place += word.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(JSONDamage) -> String {
        let start = place
        switch grammar {
        case .strict: try strictNumber()
        case .lenient: try lenientNumber()
        }
        return String(decoding: text[start..<place], as: UTF8.self)
    }

    /// RFC 8259, section 6: a sign, digits without a leading zero, a fraction, an exponent.
    private mutating func strictNumber() throws(JSONDamage) {
        _ = has(UInt8(ascii: "-"))
        if !has(UInt8(ascii: "0")) { try digits() }
        if has(UInt8(ascii: ".")) { try digits() }
        if has(UInt8(ascii: "e")) || has(UInt8(ascii: "E")) {
            if !has(UInt8(ascii: "+")) { _ = has(UInt8(ascii: "-")) }
            try digits()
        }
    }

    private mutating func digits() throws(JSONDamage) {
        let start = place
        while let byte = peek(), Self.isDigit(byte) { place += 1 }
        guard place > start else { throw damage }
    }

    /// A sign or a digit, and what follows it of a number's characters, if strtod(3) takes them all.
    private mutating func lenientNumber() throws(JSONDamage) {
        let start = place
        while let byte = peek(), Self.isDigit(byte) || "+-.eE".utf8.contains(byte) { place += 1 }
        let number = text[start..<place]
        guard let first = number.first, first == UInt8(ascii: "-") || Self.isDigit(first),
            Double(String(decoding: number, as: UTF8.self)) != nil
        else { throw damage }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    // MARK: Strings

    /// Nil if no string begins here. A string that is not kept is read over; the result is then empty.
    private mutating func string(isKept: Bool) throws(JSONDamage) -> String? {
        guard has(UInt8(ascii: "\"")) else { return nil }
        var string = ""
        var start = place
        var isASCII = true
        while let byte = peek() {
            switch byte {
            // Plain ASCII: nearly all that there is, so it comes first.
            case 0x20...0x21, 0x23...0x5B, 0x5D...0x7F: place += 1
            case UInt8(ascii: "\""):
                try take(start..<place, isKept || !isASCII, to: &string)
                place += 1
                return string
            case UInt8(ascii: "\\"):
                try take(start..<place, isKept || !isASCII, to: &string)
                place += 1
                let scalar = try escaped()
                if isKept { string.unicodeScalars.append(scalar) }
                start = place
            case 0..<0x20 where grammar == .strict: throw damage
            default:
                isASCII = false
                place += 1
            }
        }
        throw damage
    }

    /// Checks or repairs unescaped bytes that are to be UTF-8, and adds them.
    private func take(_ range: Range<Int>, _ isNeeded: Bool, to string: inout String) throws(JSONDamage) {
        guard isNeeded, !range.isEmpty else { return }
        switch grammar {
        case .strict:
            guard let valid = String(validating: text[range], as: UTF8.self) else { throw damage }
            string += valid
        case .lenient: string += String(decoding: text[range], as: UTF8.self)
        }
    }

    private mutating func escaped() throws(JSONDamage) -> Unicode.Scalar {
        guard let byte = peek() else { throw damage }
        place += 1
        if byte == UInt8(ascii: "u") { return try unicode() }
        guard let scalar = JSONEscape.character(byte) else { throw damage }
        return scalar
    }

    /// A lone surrogate is no character, and Outtray writes none. What follows one is read next.
    private mutating func unicode() throws(JSONDamage) -> Unicode.Scalar {
        let unit = try hexUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        var ahead = self
        do throws(JSONDamage) {
            let scalar = try ahead.secondHalf(of: unit)
            place = ahead.place
            return scalar
        } catch {
            guard grammar == .lenient else { throw error }
            return "\u{FFFD}"
        }
    }

    /// The character whose first half is this surrogate.
    private mutating func secondHalf(of high: UInt32) throws(JSONDamage) -> Unicode.Scalar {
        guard (0xD800..<0xDC00).contains(high), has(UInt8(ascii: "\\")), has(UInt8(ascii: "u")) else { throw damage }
        let low = try hexUnit()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw damage }
        return scalar
    }

    private mutating func hexUnit() throws(JSONDamage) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw damage }
            unit = unit << 4 | UInt32(digit)
            place += 1
        }
        return unit
    }

    // MARK: Bytes

    private func nested() throws(JSONDamage) -> JSONReader {
        guard depth < Self.deepest else { throw damage }
        return JSONReader(text, as: grammar, at: place, depth: depth + 1)
    }

    private mutating func open(_ bracket: Unicode.Scalar) throws(JSONDamage) {
        skipSpace()
        guard has(UInt8(ascii: bracket)) else { throw damage }
    }

    /// Whether the array or object is empty, so that it ends here.
    private mutating func closes(_ bracket: Unicode.Scalar) -> Bool {
        skipSpace()
        return has(UInt8(ascii: bracket))
    }

    private func peek() -> UInt8? { place < text.endIndex ? text[place] : nil }

    private mutating func has(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private var damage: JSONDamage { JSONDamage(place: place - text.startIndex) }
}

/// The place at which a text ceases to be JSON.
package struct JSONDamage: Error, Hashable {
    /// In bytes from the text's beginning.
    package let place: Int
}
