import Pipeline
import SystemPackage
import Testing

@testable import outtray

struct PrintableTests {
    @Test(
        arguments: [
            ("a\nb", #"a\u{a}b"#), ("\u{1B}[2K", #"\u{1b}[2K"#), ("a\u{85}b", #"a\u{85}b"#), ("a\u{7F}", #"a\u{7f}"#),
            ("a\u{2028}b", #"a\u{2028}b"#), ("a\u{2029}b", #"a\u{2029}b"#), ("a\tb", #"a\u{9}b"#),
        ]
    )
    func `what ends a line or moves the cursor is shown by its number`(text: String, shown: String) {
        #expect(printable(text) == shown)
    }

    @Test(
        arguments: [
            "\u{061C}", "\u{200B}", "\u{200E}", "\u{200F}", "\u{202A}", "\u{202D}", "\u{202E}", "\u{2066}", "\u{2069}",
            "\u{FEFF}", "\u{AD}", "\u{E0041}",
        ]
    )
    func `what turns a line round or is not seen is shown by its number`(character: String) {
        let shown = printable("photo\(character)gpj.png")

        #expect(shown.unicodeScalars.allSatisfy(\.isASCII))
        #expect(shown.contains("\\u{"))
    }

    @Test(arguments: [
        "Grüße aus Zürich.png", "cafe\u{301}", "👩\u{200D}👧.png", "می\u{200C}خواهم", #"C:\pictures\u"#, "",
    ])
    func `what people write stays as it is`(text: String) {
        #expect(Array(printable(text).utf8) == Array(text.utf8))
    }

    @Test func `no two texts print alike`() {
        #expect(printable(#"a\u{202e}b"#) != printable("a\u{202E}b"))
        #expect(printable(#"a\u{5c}u{202e}b"#) != printable(#"a\u{202e}b"#))
    }

    @Test func `a path prints on one line, whatever its bytes`() {
        let path = FilePath(bytes: Array("/in/a\n".utf8) + [0xFF] + Array("\u{202E}.png".utf8))

        #expect(printablePath(path) == #"/in/a\u{a}%FF\u{202e}.png"#)
    }
}
