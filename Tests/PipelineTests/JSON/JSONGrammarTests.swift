import TestSupport
import Testing

@testable import Pipeline

/// What the reader's two grammars share, and where they differ.
@Suite struct JSONGrammarTests {
    private static func read(_ text: [UInt8], as grammar: JSONReader.Grammar) -> JSON? {
        try? JSONReader.value(of: text[...], as: grammar)
    }

    private static func bytes(_ beginning: String, _ middle: [UInt8] = [], _ end: String = "") -> [UInt8] {
        Array(beginning.utf8) + middle + Array(end.utf8)
    }

    // MARK: Differences

    /// Texts that only the lenient grammar reads, and what it reads there.
    private static let differences: [([UInt8], JSON)] =
        [
            // A byte order mark.
            (bytes("\u{FEFF}1"), .number("1")),
            (bytes("\u{FEFF} {\"a\":[]}\n"), .object(["a": .array([])])),
            // Numbers that strtod(3) reads.
            (bytes("01"), .number("01")), (bytes("-01"), .number("-01")), (bytes("00"), .number("00")),
            (bytes("1."), .number("1.")), (bytes("-.5"), .number("-.5")), (bytes("1.e2"), .number("1.e2")),
            (bytes("[007,1.]"), .array([.number("007"), .number("1.")])),
            // Lone surrogates. What follows one is read for itself.
            (bytes(#""\ud83dx""#), "\u{FFFD}x"), (bytes(#""\ud800\u0041""#), "\u{FFFD}A"),
            (bytes(#""\ud800\n""#), "\u{FFFD}\n"), (bytes(#""\ud800\uD83D\uDE00""#), "\u{FFFD}😀"),
            (bytes(#""\ude00\ud83d""#), "\u{FFFD}\u{FFFD}"), (bytes(#""\udfff""#), "\u{FFFD}"),
            (bytes(#"{"\ud800":1}"#), .object(["\u{FFFD}": .number("1")])),
            // Bytes that are no UTF-8: a stray byte, a cut character, an overlong one, a surrogate, one too high.
            (bytes("\"a", [0xFF], "b\""), "a\u{FFFD}b"), (bytes("\"", [0x80], "\""), "\u{FFFD}"),
            (bytes("\"", [0xC3], "\""), "\u{FFFD}"), (bytes("\"", [0xE2, 0x82], "x\""), "\u{FFFD}x"),
            (bytes("\"", [0xC0, 0xAF], "\""), "\u{FFFD}\u{FFFD}"),
            (bytes("\"", [0xED, 0xA0, 0x80], "\""), "\u{FFFD}\u{FFFD}\u{FFFD}"),
            (bytes("\"", [0xF4, 0x90, 0x80, 0x80], "\""), "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            (bytes("\"", [0xC3], #"\u00a9""#), "\u{FFFD}©"), (bytes(#""\u00c3"#, [0xA9], "\""), "Ã\u{FFFD}"),
            (bytes("{\"", [0xFF], "\":1}"), .object(["\u{FFFD}": .number("1")])),
        ]
        // Control characters in strings and names.
        + (0..<0x20).flatMap { (byte: UInt8) -> [([UInt8], JSON)] in
            let text = "a" + String(Unicode.Scalar(byte)) + "b"
            return [
                (bytes("\"\(text)\""), .string(text)),
                (bytes("{\"\(text)\":null}"), .object([JSON.Member(text, .null)])),
            ]
        }

    @Test(arguments: differences)
    func `only the lenient grammar reads what servers send besides JSON`(text: [UInt8], value: JSON) {
        let shown = String(decoding: text, as: UTF8.self)

        #expect(Self.read(text, as: .strict) == nil, "\(shown)")
        #expect(Self.read(text, as: .lenient) == value, "\(shown)")
    }

    @Test(arguments: [
        "", " ", "\u{FEFF}", "\u{FEFF}\u{FEFF}1", "[\u{FEFF}1]", "1\u{FEFF}", "+1", ".5", "-", "--1", "1e", "1e+-1",
        "1.2.3", "1-2", "0x10", "e1", "NaN", "Infinity", "-Infinity", "nul", "True", "'a'", "{a:1}", "[1,]",
        "{\"a\":1,}",
        "[1 2]", "1 2", "\"open", #""\q""#, #""\u12g4""#, #""\ud83d\u12g4""#, #""\ud83d\u12"#, "// x\n1", "\u{B}1",
        "\u{A0}1", "<html>",
    ])
    func `neither grammar reads other text`(text: String) {
        for grammar in JSONReader.Grammar.allCases { #expect(Self.read(Array(text.utf8), as: grammar) == nil) }
    }

    @Test(arguments: JSONReader.Grammar.allCases)
    func `nesting ends at the same level, for what is kept and for what is read over`(grammar: JSONReader.Grammar) {
        func nested(_ levels: Int) -> [UInt8] {
            Array(
                (String(repeating: "[{\"a\":", count: levels / 2) + "1" + String(repeating: "}]", count: levels / 2))
                    .utf8
            )
        }

        #expect(Self.read(nested(64), as: grammar) != nil)
        #expect(Self.read(nested(66), as: grammar) == nil)
        #expect(throws: Never.self) { try Self.readOver(nested(64), as: grammar) }
        #expect(throws: JSONDamage.self) { try Self.readOver(nested(66), as: grammar) }
    }

    // MARK: What both share

    @Test func `both grammars read what is JSON alike, and it is written as it was read`() throws {
        var random = SeededGenerator()
        for _ in 0..<400 {
            let value = JSON.random(depth: 4, using: &random)
            let text = Array(value.spelled(using: &random).utf8)

            let read = try JSONReader.value(of: text[...], as: .strict)

            #expect(read == value, "seed \(random.seed): \(String(decoding: text, as: UTF8.self))")
            #expect(Self.read(text, as: .lenient) == read, "seed \(random.seed)")
            #expect(Self.read(Array(read.json.utf8), as: .strict) == read, "seed \(random.seed)")
        }
    }

    @Test func `what the strict grammar reads of a damaged text, the lenient one reads alike`() {
        var random = SeededGenerator()
        let spoilers = Array("\\\"{}[]:,0-.eEu \n\t".utf8) + [0, 0x1F, 0x80, 0xC3, 0xEF, 0xFF]
        var accepted = 0
        for _ in 0..<1000 {
            var text = Array(JSON.random(depth: 3, using: &random).spelled(using: &random).utf8)
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                guard let place = text.indices.randomElement(using: &random) else { break }
                let end = min(text.count, place + Int.random(in: 0...1, using: &random))
                text.replaceSubrange(place..<end, with: spoilers.randomElement(using: &random).map { [$0] } ?? [])
            }
            let shown = "seed \(random.seed): \(String(decoding: text, as: UTF8.self))"

            let strict = Self.read(text, as: .strict)

            if let strict {
                accepted += 1
                #expect(Self.read(text, as: .lenient) == strict, "\(shown)")
            }
            // What is read over is read by the same grammar.
            for grammar in JSONReader.Grammar.allCases {
                let isRead = (try? Self.readOver(text, as: grammar)) != nil
                #expect(isRead == (Self.read(text, as: grammar) != nil), "\(grammar), \(shown)")
            }
        }
        #expect(accepted > 0 && accepted < 1000)
    }

    private static func readOver(_ text: [UInt8], as grammar: JSONReader.Grammar) throws {
        var reader = JSONReader(text[...], as: grammar)
        try reader.skip()
        try reader.end()
    }
}

extension JSON {
    fileprivate static func random(depth: Int, using random: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0...(depth > 0 ? 8 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .number(numbers.randomElement(using: &random) ?? "0")
        case 4, 5: return .string(string(using: &random))
        case 6:
            return .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in JSON.random(depth: depth - 1, using: &random) }
            )
        default:
            return .object(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    Member(string(using: &random), .random(depth: depth - 1, using: &random))
                }
            )
        }
    }

    private static let numbers = [
        "0", "-0", "0.0", "-0e0", "1E+2", "1e-2", "-12.50e01", "1e999", "-1E999", "1e-999", "9007199254740993",
        "12345678901234567890123", "0." + String(repeating: "0", count: 400) + "1", String(repeating: "9", count: 400),
    ]

    private static func string(using random: inout SeededGenerator) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "é", "e", "\u{301}", "\"", "\\", "/", "\n", "\u{0}", "\u{7F}", "\u{9B}", "\u{202E}", "\u{2028}",
            "\u{D7FF}",
            "\u{E000}", "\u{FEFF}", "\u{FFFD}", "\u{FFFF}", "😀", "\u{10FFFF}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            if let scalar = alphabet.randomElement(using: &random) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    /// One of many spellings that RFC 8259 allows: white space anywhere, and any character escaped.
    fileprivate func spelled(using random: inout SeededGenerator) -> String {
        let text: String
        switch self {
        case .null, .bool, .number: text = json
        case .string(let string): text = Self.quoted(string, using: &random)
        case .array(let items): text = "[" + items.map { $0.spelled(using: &random) }.joined(separator: ",") + "]"
        case .object(let members):
            let spelled = members.map { member in
                Self.space(using: &random) + Self.quoted(member.name, using: &random) + Self.space(using: &random) + ":"
                    + member.value.spelled(using: &random)
            }
            text = "{" + spelled.joined(separator: ",") + "}"
        }
        return Self.space(using: &random) + text + Self.space(using: &random)
    }

    private static func quoted(_ string: String, using random: inout SeededGenerator) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || Bool.random(using: &random) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    private static func space(using random: inout SeededGenerator) -> String {
        ["", "", "", " ", "\n", "\t\r\n "].randomElement(using: &random) ?? ""
    }
}
