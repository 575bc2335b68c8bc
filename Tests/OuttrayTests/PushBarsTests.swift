import Control
import Pipeline
import SystemPackage
import Testing

@testable import outtray

@Suite struct PushBarsTests {
    init() { DisplayWidth.begin() }

    private func upload(_ name: String, sent: Int64, phase: UploadBoard.Phase = .sending) -> UploadBoard.Upload {
        UploadBoard.Upload(
            path: FilePath("/in/\(name)"),
            account: "main",
            bytes: 200_000_000,
            phase: phase,
            sent: sent,
            bytesPerSecond: 10_000_000
        )
    }

    @Test func `each file under way has a bar, and all have a total`() {
        let bars = PushBars(
            named: 40,
            ended: 10,
            uploads: [upload("写真.jpg", sent: 50_000_000), upload("b.jpg", sent: 0, phase: .asking)],
            bytesPerSecond: 12_000_000
        )
        #expect(
            bars.lines(columns: 100) == [
                "[######------------------]  25 %        50 MB of 200 MB  15 s left  写真.jpg",
                "[------------------------]        the provider is asked             b.jpg",
                "[######------------------]  10 of 40 files  12 MB/s",
            ]
        )
    }

    @Test func `no line is wider than the terminal, and many files are counted`() {
        let uploads = (0..<12).map { upload("\($0)-" + String(repeating: "写", count: 80) + ".jpg", sent: 1000) }
        let bars = PushBars(named: 12, ended: 0, uploads: uploads, bytesPerSecond: 0)
        let lines = bars.lines(columns: 80)

        #expect(lines.count == PushBars.most + 2)
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= 80 }, "\(lines)")
        #expect(lines[PushBars.most].hasSuffix("and 4 more"))
    }

    @Test func `nothing named is all done`() {
        let bars = PushBars(named: 0, ended: 0, uploads: [], bytesPerSecond: 0)
        #expect(bars.lines(columns: 80) == ["[########################]  0 of 0 files"])
    }
}
