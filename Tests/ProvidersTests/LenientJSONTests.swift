import Pipeline
import Testing

@testable import Providers

struct LenientJSONTests {
    @Test(arguments: [
        #"{"b":1,"a":[true,false,null,"x"],"c":{}}"#,
        #"{"n":12345678901234567890123,"f":1.0,"e":-2.5E-3}"#,
        #""a \"quoted\" \\ line\nnext\ttab \u0001 é 😀""#,
        #"[]"#, #""""#, #"0"#, #"null"#,
    ])
    func `what is read is written as it came`(text: String) {
        #expect(parsed(text)?.json == text)
    }

    @Test func `white space and a byte order mark do not matter`() {
        #expect(parsed("\u{FEFF} { \"a\" : [ 1 , 2 ] }\r\n")?.json == #"{"a":[1,2]}"#)
    }

    @Test func `escapes are read, surrogate pairs too`() {
        #expect(parsed(#""\u00e9\uD83D\uDE00\/\b\f""#) == .string("é😀/\u{8}\u{C}"))
    }

    @Test(arguments: [
        (#""\uD83Dx""#, "\u{FFFD}x"), (#""\ud800\u0041""#, "\u{FFFD}A"), (#""\ud800\n""#, "\u{FFFD}\n"),
        (#""\ud800\uD83D\uDE00""#, "\u{FFFD}😀"), (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"),
    ])
    func `a lone surrogate becomes a replacement character, and what follows stays`(text: String, expected: String) {
        #expect(parsed(text) == .string(expected))
    }

    @Test(arguments: [
        "", " ", "{", "[1,", "[1,]", #"{"a"}"#, #"{"a":}"#, #"{a:1}"#, "tru", "1 2", "nan", "+1", "0x10", "\"open",
        #""\q""#,
        #""\u12g4""#, #""\ud83d\u12g4""#, #""\ud83d\u12"#, "<html>",
    ])
    func `what is no JSON is nil`(text: String) {
        #expect(parsed(text) == nil)
    }

    @Test func `nesting has an end`() {
        #expect(parsed(String(repeating: "[", count: 100_000)) == nil)
        #expect(parsed(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)) != nil)
    }

    @Test func `numbers may be strings or floats`() {
        let integers = ["5", "5.0", "5e0", "\"5\"", "\"5.0\""].map { parsed($0)?.integer }

        #expect(integers == [5, 5, 5, 5, 5])
        #expect(parsed("5.5")?.integer == nil)
        #expect(parsed("1e300")?.integer == nil)
        #expect(parsed("9223372036854775807")?.integer == .max)
    }

    @Test func `flags may be strings or numbers`() {
        #expect(["true", "\"TRUE\"", "1"].map { parsed($0)?.flag } == [true, true, true])
        #expect(["false", "\"false\"", "0"].map { parsed($0)?.flag } == [false, false, false])
        #expect(["null", "\"maybe\"", "2"].map { parsed($0)?.flag } == [nil, nil, nil])
    }

    @Test func `a null member is missing, unless it is wanted verbatim`() {
        let json = parsed(#"{"a":null}"#)

        #expect(json?["a"] == nil)
        #expect(json?.verbatim("a") == .null)
        #expect(json?.verbatim("b") == nil)
    }

    @Test func `header values may be numbers, and an empty map may be null or a list`() {
        let json = parsed(#"{"Content-Length":5,"X":"y","Gone":null,"Flag":true}"#)
        let expected = [HeaderField("Content-Length", "5"), HeaderField("X", "y"), HeaderField("Flag", "true")]

        #expect(json?.headerFields == expected)
        #expect(parsed("null")?.headerFields == [])
        #expect(parsed("[]")?.headerFields == [])
        #expect(parsed("{}")?.headerFields == [])
    }
}
