import Control
import Pipeline
import SystemPackage
import Threads

/// The bars of `outtray push` on a terminal: one for each file under way, and a total.
///
/// A value; ``PushDisplay`` draws it.
struct PushBars {
    static let width = 24
    /// Files under way beyond these are only counted.
    static let most = 8

    /// Files that were named.
    let named: Int
    /// Those that have a result.
    let ended: Int
    let uploads: [UploadBoard.Upload]
    let bytesPerSecond: Double

    /// `columns`: the terminal's.
    func lines(columns: Int) -> [String] {
        var table = TextTable([.left, .right, .right, .right, .cut])
        for upload in uploads.prefix(Self.most) {
            let name = upload.path.lastComponent.map { printablePath(FilePath(root: nil, components: $0)) } ?? ""
            let isSending = upload.phase == .sending && upload.bytes > 0
            let part = isSending ? Double(upload.sent) / Double(upload.bytes) : upload.phase == .finishing ? 1 : 0
            table.add([
                Self.bar(part), isSending ? "\(Int(part * 100)) %" : "",
                isSending ? "\(ByteCount(upload.sent)) of \(ByteCount(upload.bytes))" : upload.phase.words,
                upload.timeLeft.map { "\(Words.duration($0)) left" } ?? "", name,
            ])
        }
        if uploads.count > Self.most { table.add(["", "", "", "", "and \(uploads.count - Self.most) more"]) }
        let rate = bytesPerSecond > 0 ? "  \(ByteCount(Int64(bytesPerSecond)))/s" : ""
        let total =
            "\(Self.bar(named > 0 ? Double(ended) / Double(named) : 1))  \(ended) of \(Words.files(named))\(rate)"
        return table.lines(width: columns) + [DisplayWidth.cut(total, to: columns)]
    }

    private static func bar(_ part: Double) -> String {
        let full = max(0, min(width, Int(part * Double(width))))
        return "[\(String(repeating: "#", count: full))\(String(repeating: "-", count: width - full))]"
    }
}

/// Draws ``PushBars`` on standard error, over the ones before. Without a terminal there it draws nothing.
final class PushDisplay {
    private var drawn = 0

    func draw(_ bars: PushBars) {
        guard let columns = Terminal.errorColumns else { return }
        let lines = bars.lines(columns: columns - 1)
        Console.write(erasing + lines.map { "\($0)\n" }.joined(), to: 2)
        drawn = lines.count
    }

    /// Leaves a clean place.
    func end() {
        if drawn > 0 { Console.write(erasing, to: 2) }
        drawn = 0
    }

    /// Up to the first line that was drawn, then erase below (ECMA-48).
    private var erasing: String { drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : "" }
}

/// Does work while bars on the terminal tell how far it is. `read` gives the files that have ended, the uploads and the
/// bytes a second.
func withBars<Value: Sendable>(
    named: Int,
    _ read: @escaping @Sendable () async throws -> (ended: Int, uploads: [UploadBoard.Upload], bytesPerSecond: Double),
    while work: () async throws -> Value
) async throws -> Value {
    guard Terminal.errorColumns != nil else { return try await work() }
    DisplayWidth.begin()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await draw(named: named, read) }
        defer { group.cancelAll() }
        return try await work()
    }
}

/// Draws until the task is cancelled.
private func draw(
    named: Int,
    _ read: @Sendable () async throws -> (ended: Int, uploads: [UploadBoard.Upload], bytesPerSecond: Double)
) async {
    let display = PushDisplay()
    defer { display.end() }
    while !Task.isCancelled {
        let begun = ContinuousClock.now
        // What cannot be told now is not drawn.
        if let (ended, uploads, rate) = try? await read() {
            display.draw(PushBars(named: named, ended: ended, uploads: uploads, bytesPerSecond: rate))
        }
        // With thousands of files, the question itself takes a while.
        try? await rest(for: max(.milliseconds(250), begun.duration(to: .now) * 4))
    }
}
