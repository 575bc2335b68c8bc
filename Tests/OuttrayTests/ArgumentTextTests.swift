import Pipeline
import TestSupport
import Testing

@testable import outtray

struct ArgumentTextTests {
    @Test func `from each text, the argument's bytes can be had back, and no two share one`() {
        var random = SeededGenerator()
        let alphabet: [[UInt8]] = [
            [0x61], [0xC3, 0xA9], [0x65, 0xCC, 0x81], [0xFF], [0xC3], [0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF],
            Array("\u{10FFFF}".utf8), Array("\u{10FFE9}".utf8), Array("\u{10FE00}".utf8), Array("😀".utf8), [0x2D],
        ]
        var texts: [[UInt32]: [UInt8]] = [:]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...6, using: &random)).flatMap { _ in
                alphabet.randomElement(using: &random) ?? []
            }
            let text = ArgumentText.text(of: bytes)

            #expect(ArgumentText.bytes(of: text) == bytes, "seed \(random.seed): \(bytes)")
            let other = texts.updateValue(bytes, forKey: text.unicodeScalars.map(\.value))
            #expect(other == nil || other == bytes, "seed \(random.seed): \(bytes)")
        }
    }

    @Test func `what people type stays as it is`() {
        for text in ["", "--json", "caf\u{E9}.png", "cafe\u{301}.png", "a b", "😀"] {
            #expect(Array(ArgumentText.text(of: Array(text.utf8)).utf8) == Array(text.utf8))
        }
    }

    @Test func `a path argument is its own bytes`() {
        let bytes = Array("/in/".utf8) + [0xFE, 0x2E, 0x70]

        #expect(PathArgument(argument: ArgumentText.text(of: bytes)).absolute.bytes == bytes)
    }
}
