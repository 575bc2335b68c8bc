import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct ManifestKeyTests {
    private func key(_ bytes: [UInt8]) -> ManifestKey { ManifestKey(FilePath(bytes: bytes)) }

    @Test(arguments: [
        "/in/a.jpg", "/in/100%.jpg", "/in/grüße 😀.jpg", "/in/a\u{0308}.jpg", "/in/a\nb\"\\.jpg", "/in/%", "/in/%F",
        "/in/%G1%1G%", "/in/100% 4K.mp4",
    ])
    func `a path that is UTF-8 is its own key, but for a percent sign before two hex digits`(path: String) {
        let key = ManifestKey(FilePath(path))

        #expect(Array(key.text.utf8) == Array(path.utf8))
        #expect(!key.isPercentEncoded)
    }

    @Test func `what is not UTF-8 is written as its bytes, and a percent sign beside it too`() {
        let latin = key(Array("/in/caf".utf8) + [0xE9] + Array(" 100%ü.jpg".utf8))

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

    @Test(
        arguments: [
            ("/in/x%FF.mp4", "/in/x%25FF.mp4"), ("/in/x%ff.mp4", "/in/x%25ff.mp4"), ("/in/%25", "/in/%2525"),
            ("/in/100% %41", "/in/100%25 %2541"), ("/%2541/é", "/%252541/é"),
        ]
    )
    func `a path that another one's key could be read as is encoded itself`(path: String, text: String) {
        let key = ManifestKey(FilePath(path))

        #expect(key.text == text)
        #expect(key.isPercentEncoded)
    }

    @Test func `a key without the mark is the path, as older versions wrote it`() {
        #expect(ManifestKey.path("/in/x%FF.mp4", encoding: nil) == FilePath("/in/x%FF.mp4"))
        #expect(
            ManifestKey.path("/in/x%FF.mp4", encoding: "percent")?.bytes == Array("/in/x".utf8) + [0xFF]
                + Array(".mp4".utf8)
        )
        #expect(ManifestKey.path("/in/%+1", encoding: "percent") == nil)
        #expect(ManifestKey.path("/in/%0", encoding: "percent") == nil)
        #expect(ManifestKey.path("/in/%00", encoding: "percent") == nil)
        #expect(ManifestKey.path("in/a", encoding: nil) == nil)
    }

    @Test func `no two paths share a key, and from each key the path's bytes can be had back`() {
        var random = SeededGenerator()
        var paths: [[UInt8]: [UInt8]] = [:]
        let alphabet: [UInt8] = [
            0x25, 0x25, 0x25, 0x41, 0x32, 0x35, 0x46, 0x66, 0xC3, 0xBC, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, 0xFF,
            0x0A,
        ]
        for _ in 0..<5000 {
            let name = (0..<Int.random(in: 1...9, using: &random)).compactMap { _ in
                alphabet.randomElement(using: &random)
            }
            let bytes = Array("/".utf8) + name
            let key = key(bytes)

            let back = ManifestKey.path(key.text, encoding: key.isPercentEncoded ? "percent" : nil)
            #expect(back?.bytes == bytes, "seed \(random.seed): \(bytes)")
            let other = paths.updateValue(bytes, forKey: Array(key.text.utf8))
            #expect(other == nil || other == bytes, "seed \(random.seed): \(bytes)")
        }
    }
}
