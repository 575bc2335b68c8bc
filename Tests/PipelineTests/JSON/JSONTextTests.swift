import Foundation
import TestSupport
import Testing

@testable import Pipeline

@Suite struct JSONTextTests {
    @Test func `members stand in the order they are given, each type as JSON writes it`() {
        let value = JSON.object([
            JSON.Member("z", .string("text")), JSON.Member("a", .number("-7")), JSON.Member("truth", .bool(true)),
            JSON.Member("nothing", .null), JSON.Member("none", .array([])),
            JSON.Member("two", .array([.string("x"), .string("y")])),
            JSON.Member("inner", .object([JSON.Member("k", .bool(false))])), JSON.Member("empty", .object([])),
        ])

        let expected =
            #"{"z":"text","a":-7,"truth":true,"nothing":null,"none":[],"two":["x","y"],"inner":{"k":false},"empty":{}}"#
        #expect(value.json == expected)
    }

    @Test func `whatever a reader may take for the end of a line or a text is escaped`() {
        var json = JSONText()
        json.member("k\"", .string("a\"b\\c\nd\re\tf\u{0}\u{1F}g\u{85}\u{2028}\u{2029}ü😀/"))

        #expect(json.text == #""k\"":"a\"b\\c\nd\re\tf\u0000\u001fg\u0085\u2028\u2029ü😀/""#)
    }

    @Test func `whatever moves a terminal's cursor or turns a line round is escaped`() {
        var json = JSONText()
        json.member("k", .string("a\u{7F}\u{9B}\u{202E}\u{2066}\u{200F}\u{61C}\u{200D}b"))

        #expect(json.text == #""k":"a\u007f\u009b\u202e\u2066\u200f\u061c\#u{200D}b""#)
    }

    @Test func `a caller may choose what else is escaped, also beyond U+FFFF`() {
        var json = JSONText(escaping: { $0 == "é" || $0 == "\u{E0041}" || $0 == "a" })
        json.write("aé\u{E0041}\u{202E}\n\"")

        #expect(json.text == #""a\u00e9\udb40\udc41\#u{202E}\n\"""#)
    }

    @Test func `any text comes back from a JSON reader as it was`() throws {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...(Bool.random(using: &random) ? 0x2030 : 0x10FFFF), using: &random))
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            let json = JSON.object([JSON.Member("k", .array([.string(text), .string(text + "\"")]))]).json

            let read = try JSONDecoder().decode([String: [String]].self, from: Data(json.utf8))

            #expect(
                read["k"].map { $0.map { Array($0.utf8) } } == [Array(text.utf8), Array((text + "\"").utf8)],
                "seed \(random.seed)"
            )
            #expect(!json.utf8.contains { $0 < 0x20 }, "seed \(random.seed)")
        }
    }
}
