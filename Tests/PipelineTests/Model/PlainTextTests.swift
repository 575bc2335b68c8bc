import Testing

@testable import Pipeline

struct PlainTextTests {
    @Test(arguments: [
        "a\nb", "a\r\nb", "a\u{0}b", "a\u{1B}[2Jb", "a\u{202E}b", "a\u{2028}b", "a\u{2029}b", "a\u{85}b", "a\u{FEFF}b",
    ])
    func `what does not print is shown as not readable`(text: String) {
        let plain = PlainText.of(text)

        #expect(plain.hasPrefix("a\u{FFFD}") && plain.hasSuffix("b"))
        #expect(!plain.unicodeScalars.contains(where: PlainText.isHidden))
    }

    @Test(arguments: ["", "a b", "grün", "日本", "👩‍👩‍👧", "e\u{301}"])
    func `what prints stays as it is`(text: String) {
        #expect(Array(PlainText.of(text).utf8) == Array(text.utf8))
    }

    @Test func `no error's sentence forges a line`() {
        let error = ProviderError(.transient, "a\nb", requestID: "c\u{202E}d")

        #expect("\(error)" == "a\u{FFFD}b (request c\u{FFFD}d)")
    }
}
