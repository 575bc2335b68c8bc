import Sandbox
import Testing

@testable import Pipeline

@Suite struct SampleFileTests {
    @Test func `there is one sample of each type that Postbreeze takes`() {
        let types = SampleFile.accepted.map { MediaClassifier.classify($0.bytes).type.mime }

        #expect(types == CorpusTests.postbreeze)
        #expect(SampleFile.accepted.allSatisfy { MediaClassifier.classify($0.bytes).fault == nil })
    }

    @Test func `no sample is empty or large, and no two have one name`() {
        let samples = SampleFile.accepted + SampleFile.rejected

        #expect(samples.allSatisfy { (50..<2048).contains($0.bytes.count) })
        #expect(Set(samples.map(\.name)).count == samples.count)
    }

    @Test(arguments: zip(SampleFile.accepted, SampleFileTests.beginnings))
    func `each accepted sample begins as its format demands`(sample: SampleFile, beginning: [UInt8?]) {
        let agrees = zip(sample.bytes, beginning).allSatisfy { $1 == nil || $0 == $1 }

        #expect(sample.bytes.count > beginning.count)
        #expect(agrees, "\(sample.name)")
    }

    @Test(arguments: SampleFile.rejected)
    func `each rejected sample is of no kind`(sample: SampleFile) {
        #expect(MediaClassifier.classify(sample.bytes).type.kind == nil)
    }

    /// In the order of `SampleFile.accepted`; nil stands for any byte.
    static let beginnings: [[UInt8?]] = [
        [0xFF, 0xD8, 0xFF, 0xE0],
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
        ascii("GIF89a"),
        ascii("RIFF") + sizeField + ascii("WEBPVP8 "),
        sizeField + ascii("ftypheic"),
        sizeField + ascii("ftypmif1"),
        sizeField + ascii("ftypisom"),
        sizeField + ascii("ftypqt  "),
        ascii("RIFF") + sizeField + ascii("AVI LIST"),
        [0x1A, 0x45, 0xDF, 0xA3],
        ascii("%PDF-1.4\n"),
    ]

    private static let sizeField: [UInt8?] = [nil, nil, nil, nil]

    private static func ascii(_ text: String) -> [UInt8?] { [UInt8](text.utf8).map { $0 } }
}
