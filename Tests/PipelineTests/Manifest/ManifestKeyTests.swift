import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct ManifestKeyTests {
    private func key(_ bytes: [UInt8]) -> ManifestKey { ManifestKey(FilePath(bytes: bytes)) }

    @Test(arguments: ["/in/a.jpg", "/in/100%.jpg", "/in/grüße 😀.jpg", "/in/a\u{0308}.jpg", "/in/a\nb\"\\.jpg"])
    func `a path that is UTF-8 is its own key, percent signs and all`(path: String) {
        let key = ManifestKey(FilePath(path))

        #expect(Array(key.text.utf8) == Array(path.utf8))
        #expect(!key.isPercentEncoded)
    }

    @Test func `what is not UTF-8 is written as its bytes, and a percent sign beside it too`() {
        let latin = key(Array("/in/caf".utf8) + [0xE9] + Array(" 100%ü.jpg".utf8))

        #expect(latin == key(Array("/in/caf".utf8) + [0xE9] + Array(" 100%ü.jpg".utf8)))
        #expect(latin.text == "/in/caf%E9 100%25ü.jpg")
        #expect(latin.isPercentEncoded)
    }

    @Test(
        arguments: [
            ([0xC0, 0xAF], "%C0%AF"), ([0xED, 0xA0, 0x80], "%ED%A0%80"), ([0xF4, 0x90, 0x80, 0x80], "%F4%90%80%80"),
            ([0xE2, 0x82], "%E2%82"), ([0x80, 0x41], "%80A"), ([0xFF, 0xC3, 0xBC], "%FFü"),
            ([0x01, 0xFE], "\u{01}%FE"),
        ] as [([UInt8], String)]
    )
    func `overlong forms, surrogates, cut-off and stray bytes are no UTF-8`(bytes: [UInt8], text: String) {
        #expect(key(Array("/".utf8) + bytes).text == "/" + text)
    }

    @Test func `from each key, the path's bytes can be had back`() {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let alphabet: [UInt8] = [
                0x25, 0x41, 0x32, 0xC3, 0xBC, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, 0xFF, 0x0A,
            ]
            let name = (0..<Int.random(in: 1...12, using: &random)).compactMap { _ in
                alphabet.randomElement(using: &random)
            }
            let bytes = Array("/".utf8) + name
            let key = key(bytes)

            let back = key.isPercentEncoded ? Self.decoded(key.text) : Array(key.text.utf8)
            #expect(back == bytes, "seed \(random.seed): \(bytes)")
            #expect(FilePath(bytes: bytes).bytes == bytes)
        }
    }

    private static func decoded(_ text: String) -> [UInt8] {
        var rest = Array(text.utf8)[...]
        var bytes: [UInt8] = []
        while let first = rest.popFirst() {
            if first == UInt8(ascii: "%"), let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(first)
            }
        }
        return bytes
    }
}
