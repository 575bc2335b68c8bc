import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct FileBytesTests {
    /// Bytes whose every read is held against the file's size.
    private final class Watched {
        let content: [UInt8]
        var stray = 0

        init(_ content: [UInt8]) { self.content = content }

        var bytes: FileBytes {
            FileBytes(size: Int64(content.count)) { offset, count in
                guard offset >= 0, count >= 0, offset + Int64(count) <= Int64(self.content.count) else {
                    self.stray += 1
                    return []
                }
                return Array(self.content[Int(offset)..<Int(offset) + count])
            }
        }
    }

    /// Whether a look at the file keeps all bounds and comes to an answer that holds together.
    private func isBounded(_ content: [UInt8]) -> Bool {
        let watched = Watched(content)
        let bytes = watched.bytes
        let finding = MediaClassifier.classify(bytes)
        let isKnown = CorpusTests.postbreeze.contains(finding.type.mime)
        let (width, height) = (finding.measure.width, finding.measure.height)
        guard (width == nil) == (height == nil), width ?? 1 > 0, height ?? 1 > 0,
            finding.measure.duration ?? .seconds(1) > .zero
        else { return false }
        return watched.stray == 0 && bytes.failure == nil && bytes.reads <= FileBytes.mostReads
            && bytes.bytesRead <= FileBytes.mostBytes && (finding.type.kind != nil) == isKnown
    }

    /// `OUTTRAY_MUTATIONS` sets how many files are tried.
    @Test func `damaged files of each kind are read within the bounds`() {
        var random = SeededGenerator()
        let runs = getenv("OUTTRAY_MUTATIONS").flatMap { Int(String(cString: $0)) } ?? 20_000
        let files = (CorpusRow.all.map(\.bytes) + MeasureRow.all.map(\.bytes)).filter {
            !$0.isEmpty && $0.count < 20_000
        }

        for run in 0..<runs {
            guard var content = files.randomElement(using: &random) else { return }
            for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&content, &random) }
            if !isBounded(content) {
                Issue.record("seed \(random.seed), run \(run): \(content.prefix(300))")
                return
            }
        }
    }

    /// Overwrites a byte or a whole size, cuts, repeats, or puts something else behind.
    private func damage(_ content: inout [UInt8], _ random: inout SeededGenerator) {
        guard !content.isEmpty else { return }
        let place = Int.random(in: 0..<content.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: content[place] = UInt8.random(in: 0...255, using: &random)
        case 1: content[place] = [0x00, 0x01, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
        case 2:
            let value: UInt8 = [0x00, 0x7F, 0xFF].randomElement(using: &random) ?? 0
            for index in place..<min(content.count, place + 8) { content[index] = value }
        case 3: content.removeLast(content.count - place)
        case 4: content += content.prefix(4096).suffix(place)
        default: content.removeSubrange(place..<min(content.count, place + Int.random(in: 1...9, using: &random)))
        }
    }

    @Test(arguments: [
        MediaBytes.box("free", []), MediaBytes.box("moov", MediaBytes.box("trak", [])), [0xFF, 0xE0, 0, 2],
        [0xFF, 0xD0],
        MediaBytes.chunk("IDAT"), MediaBytes.riffChunk("JUNK", []), MediaBytes.element([0xEC], []),
        MediaBytes.box("moof", []),
    ])
    func `a file of a million pieces is looked at within the bounds`(piece: [UInt8]) {
        let beginnings = [
            MediaBytes.mp4, MediaBytes.heic, [0xFF, 0xD8], MediaBytes.png(), MediaBytes.riff("AVI ", []),
            MediaBytes.webmHeader + [0x18, 0x53, 0x80, 0x67, 0xFF],
        ]
        let pieces = Array(repeatElement(piece, count: 1_000_000 / piece.count).joined())

        for beginning in beginnings { #expect(isBounded(beginning + pieces)) }
    }

    /// Lists that tell of more than there is: of four billion items, and of 255 properties each.
    @Test func `a list of items without an end is looked at within the bounds`() {
        let list = MediaBytes.box(
            "ipma",
            MediaBytes.zeros(4) + [0xFF, 0xFF, 0xFF, 0xFF] + Array(repeating: 0, count: 900_000)
        )
        let whole = MediaBytes.box(
            "ipma",
            MediaBytes.zeros(4) + [0xFF, 0xFF, 0xFF, 0xFF] + Array(repeating: 0xFF, count: 900_000)
        )
        let primary = MediaBytes.box("pitm", MediaBytes.zeros(6))

        for table in [list, whole, Array(repeatElement(whole.prefix(24), count: 9000).joined())] {
            let properties = MediaBytes.box("iprp", MediaBytes.box("ipco", []) + table)
            let start = MediaBytes.box("ftyp", MediaBytes.ascii("heic\0\0\0\0mif1heic"))
            #expect(isBounded(start + MediaBytes.box("meta", MediaBytes.zeros(4) + primary + properties)))
        }
    }

    /// A picture without an end is the most that is searched.
    @Test(arguments: [UInt8(0), 0x55, 0xFF])
    func `a huge picture without an end is not finished, and read within the bounds`(filling: UInt8) {
        let header = MediaBytes.jpeg(scan: [])
        let pattern = (0..<(300 << 10)).map { $0 & 1 == 0 ? filling : 0 }
        let bytes = FileBytes(size: Int64(header.count + (10 << 20))) { offset, count in
            let first = header.dropFirst(Int(offset)).prefix(count)
            let start = (Int(offset) + first.count - header.count) & 1
            return Array(first + pattern[start...].prefix(count - first.count))
        }

        let finding = MediaClassifier.classify(bytes)

        #expect(bytes.bytesRead > 4 << 20 && bytes.bytesRead <= FileBytes.mostBytes && bytes.failure == nil)
        #expect((finding.fault != nil) == (filling != 0x55))
    }

    @Test func `a file that ends earlier than its status said has changed`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a.png", MediaBytes.png(MediaBytes.chunk("IDAT", MediaBytes.zeros(9000))))
        let file = try SourceFile(path, beneath: directory.path)
        #expect(truncate(path.string, 20) == 0)

        #expect(throws: SourceFileError.truncated) { try MediaClassifier.classify(file) }
    }
}
