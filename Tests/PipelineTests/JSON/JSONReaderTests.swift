import TestSupport
import Testing

@testable import Pipeline

@Suite struct JSONReaderTests {
    private func value(_ text: String) throws -> JSON {
        try JSONReader.value(of: Array(text.utf8)[...])
    }

    /// Those names and values of an object, as they are written.
    private func fields(_ text: String) throws -> [(String, String)] {
        guard case .object(let fields) = try value(text) else { return [] }
        return fields.map { ($0.name, $0.value.json) }
    }

    @Test func `names that a person reads alike are two`() throws {
        let fields = try fields("{\"caf\u{E9}\":1,\"cafe\u{301}\":2}")

        #expect(fields.map { Array($0.0.utf8) } == [Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8)])
        #expect(fields.map(\.1) == ["1", "2"])
    }

    @Test func `a field is found by its bytes`() throws {
        guard case .object(let fields) = try value("{\"caf\u{E9}\":1,\"cafe\u{301}\":2,\"a\":3,\"a\":4}") else {
            return #expect(Bool(false))
        }

        #expect(fields["caf\u{E9}"]?.int64 == 1)
        #expect(fields["cafe\u{301}"]?.int64 == 2)
        #expect(fields["a"]?.int64 == 4)
        #expect(fields["b"] == nil)
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-1", "12.50", "1e+9", "-0.1E-3", "\"\"", "[]", "{}", "[1,[2,{}],\"a\"]",
        #"{"a":{"b":[null,true]},"c":"\n\\\""}"#, "9007199254740993",
    ])
    func `what was read is written as it was`(text: String) throws {
        #expect(try value(text).json == text)
    }

    @Test func `white space may stand between all`() throws {
        #expect(try value(" { \"a\" : [ 1 ,\t2 ] ,\r\n \"b\" : { } } ").json == #"{"a":[1,2],"b":{}}"#)
    }

    @Test func `what is escaped is the character that it stands for`() throws {
        let text = try value(#""\u00e9\u0065\u0301\ud83d\ude00\/\b\f\n\r\t\"\\\u0000""#).string

        #expect(text.map { Array($0.unicodeScalars) } == Array("\u{E9}e\u{301}😀/\u{8}\u{C}\n\r\t\"\\\0".unicodeScalars))
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "tru", "01", "1.", ".5", "-", "+1", "1e", "\"a", "\"\u{1}\"", #""\x""#, #""\u12""#,
        #""\ud800""#, #""\ud800\u0041""#, "[1,]", "[1 2]", "[", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
        "1 2",
        "{} x", "NaN", "'a'",
    ])
    func `what is no JSON, or is cut short, is refused`(text: String) {
        #expect(throws: JSONDamage.self) { try value(text) }
        // What nobody asks for is read as strictly.
        #expect(throws: JSONDamage.self) {
            var reader = JSONReader(Array(text.utf8)[...])
            try reader.skip()
            try reader.end()
        }
    }

    @Test func `bytes that are no UTF-8 are refused, where they stand and where they are read over`() {
        let text = Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)

        #expect(throws: JSONDamage.self) { try JSONReader.value(of: text[...]) }
        #expect(throws: JSONDamage.self) {
            var reader = JSONReader(text[...])
            try reader.skip()
        }
    }

    @Test func `nesting ends before the stack does`() throws {
        let deep = String(repeating: "[", count: 100_000)
        let fine = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)

        #expect(throws: JSONDamage.self) { try value(deep) }
        #expect(try value(fine).json == fine)
    }

    @Test func `whatever text a value holds, it is read back as it was written`() throws {
        var random = SeededGenerator()
        let alphabet: [Unicode.Scalar] = [
            "a", "é", "e", "\u{301}", "\"", "\\", "/", "\n", "\u{0}", "\u{2028}", "😀", "%",
        ]
        for _ in 0..<1000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                if let scalar = alphabet.randomElement(using: &random) { text.unicodeScalars.append(scalar) }
            }
            let written = JSON.object([JSON.Member(text, .array([.string(text)]))]).json

            guard case .object(let fields) = try value(written), let field = fields.first,
                case .array(let items) = field.value
            else { return #expect(Bool(false), "seed \(random.seed)") }
            #expect(Array(field.name.utf8) == Array(text.utf8), "seed \(random.seed)")
            #expect(items.first?.string.map { Array($0.utf8) } == Array(text.utf8), "seed \(random.seed)")
        }
    }

    @Test func `a text that is cut anywhere is refused`() {
        let text = Array(#"{"a":[1,{"b":"c\u00e9"}],"d":true,"e":-1.5e3}"#.utf8)

        for count in text.indices {
            #expect(throws: JSONDamage.self, "after \(count) bytes") { try JSONReader.value(of: text.prefix(count)) }
        }
    }
}
