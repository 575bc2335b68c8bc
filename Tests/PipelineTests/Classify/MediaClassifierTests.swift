import Sandbox
import TestSupport
import Testing

@testable import Pipeline

@Suite struct MediaClassifierTests {
    @Test(arguments: SampleFile.accepted)
    func `a sample cut off anywhere is the same type or none that goes up`(sample: SampleFile) {
        let whole = MediaClassifier.classify(sample.bytes).type
        #expect(whole.kind != nil)

        for length in 0..<sample.bytes.count {
            let part = MediaClassifier.classify(Array(sample.bytes.prefix(length))).type
            #expect(part == whole || part.kind == nil, "\(sample.name), \(length) bytes: \(part.name)")
        }
    }

    /// GIF and PDF are taken however they end, WebM and AVI from some place on. Nobody looks at a PNG's last checksum.
    /// Where the header of a box is cut, nothing shows that there was a box. The MP4 has two of them behind its index.
    @Test(
        arguments: SampleFile.accepted.filter {
            !["loop.gif", "brochure.pdf", "talk.webm", "archive.avi"].contains($0.name)
        }
    )
    func `a sample cut off anywhere does not count as whole`(sample: SampleFile) {
        let unseen = (0..<sample.bytes.count).filter { length in
            let part = MediaClassifier.classify(Array(sample.bytes.prefix(length)))
            return part.fault == nil && part.type.kind != nil
        }

        #expect(unseen.count <= 16, "\(sample.name): \(unseen)")
    }

    @Test func `a PDF that begins behind the head is none`() {
        let start = MediaBytes.zeros(100) + MediaBytes.ascii("%PDF-1.4\n")
        let head = start + MediaBytes.zeros(MediaClassifier.headLength - start.count)
        let object = MediaBytes.ascii("1 0 obj")

        #expect(MediaClassifier.classify(start + object) == MediaFinding(.pdf))
        #expect(MediaClassifier.classify(head + object) == MediaFinding(.unknown))
    }

    @Test func `random bytes are read to an answer that holds together`() {
        var random = SeededGenerator()

        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            expectWhole(MediaClassifier.classify(bytes).type, bytes, random.seed)
        }
    }

    /// Random bytes behind a real beginning reach the readers of containers, which bare random bytes never do.
    @Test func `damaged beginnings are read to an answer that holds together`() {
        var random = SeededGenerator()
        let beginnings = CorpusRow.all.map { Array($0.bytes.prefix(300)) }.filter { !$0.isEmpty }

        for beginning in beginnings {
            for _ in 0..<60 {
                var bytes = beginning
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let place = Int.random(in: 0..<min(bytes.count, 64), using: &random)
                    bytes[place] =
                        [0x00, 0x01, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
                        .randomElement(using: &random) ?? 0
                }
                bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                expectWhole(MediaClassifier.classify(bytes).type, bytes, random.seed)
            }
        }
    }

    /// Only the eleven types have a kind, and each of them has an ending; every answer has a name.
    private func expectWhole(_ type: MediaType, _ bytes: [UInt8], _ seed: UInt64) {
        let isKnown = CorpusTests.postbreeze.contains(type.mime)
        #expect((type.kind != nil) == isKnown, "seed \(seed): \(bytes)")
        #expect(type.endings.isEmpty != isKnown, "seed \(seed): \(bytes)")
        #expect(!type.name.isEmpty, "seed \(seed): \(bytes)")
    }
}
