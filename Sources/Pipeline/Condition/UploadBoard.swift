import SystemPackage
import Threads

/// What is under way at this moment, and what went up or failed last: for people who ask.
///
/// In memory alone: after a restart there is nothing under way, and the ledger tells the rest.
package final class UploadBoard: Sendable {
    /// What a try at a file is doing.
    package enum Phase: String, Sendable, CaseIterable {
        /// Opening the file, and looking for known bytes.
        case reading
        /// Waiting for the account's pace.
        case pace
        case asking
        case sending
        /// All bytes are there; the provider is told, and the ledger.
        case finishing
    }

    /// A file under way.
    package struct Upload: Sendable, Equatable {
        package let path: FilePath
        package let account: String
        package let bytes: Int64
        /// When the try began, for the order of the list.
        package let begun: Timestamp
        package var phase = Phase.reading
        /// Bytes that were handed to connections or are at the storage.
        package var sent: Int64 = 0
        package var bytesPerSecond = 0.0
        /// How many PUTs the file needs; 0 until that is known.
        package var pieces = 0
        package var piecesDone = 0

        package init(
            path: FilePath,
            account: String,
            bytes: Int64,
            begun: Timestamp = .now(),
            phase: Phase = .reading,
            sent: Int64 = 0,
            bytesPerSecond: Double = 0,
            pieces: Int = 0,
            piecesDone: Int = 0
        ) {
            self.path = path
            self.account = account
            self.bytes = bytes
            self.begun = begun
            self.phase = phase
            self.sent = sent
            self.bytesPerSecond = bytesPerSecond
            self.pieces = pieces
            self.piecesDone = piecesDone
        }

        /// How long the rest takes at the present rate; nil if nothing moves.
        package var timeLeft: Duration? {
            guard phase == .sending, bytesPerSecond > 0 else { return nil }
            return .seconds(Double(max(0, bytes - sent)) / bytesPerSecond)
        }
    }

    /// What became of a file.
    package struct Word: Sendable, Equatable {
        package let path: FilePath
        package let at: Timestamp
        /// What went wrong; nil for a file that went up.
        package let reason: String?

        package init(path: FilePath, at time: Timestamp, reason: String?) {
            self.path = path
            at = time
            self.reason = reason
        }
    }

    private struct State {
        var uploads: [FilePath: (upload: Upload, meter: RateMeter<ContinuousClock.Instant>)] = [:]
        var bytes: RateMeter<ContinuousClock.Instant>
        var files: RateMeter<ContinuousClock.Instant>
        var lastUploaded: Word?
        var lastError: Word?
        /// By folder.
        var last: [String: Word] = [:]
    }

    private static let clock = ContinuousClock()
    /// How far back the rate of bytes looks, in seconds.
    private static let span = 10
    private let state: Mutex<State>

    package init() {
        let now = Self.clock.now
        state = Mutex(State(bytes: RateMeter(seconds: Self.span, at: now), files: RateMeter(seconds: 60, at: now)))
    }

    /// The files under way, those first that began first.
    package var uploads: [Upload] {
        let now = Self.clock.now
        let all = state.withLock { state in
            state.uploads.values.map { upload, meter in
                var upload = upload
                upload.bytesPerSecond = meter.perSecond(at: now)
                return upload
            }
        }
        return all.sorted { ($0.begun, $0.path.string) < ($1.begun, $1.path.string) }
    }

    package func upload(of path: FilePath) -> Upload? { uploads.first { $0.path == path } }

    package var bytesPerSecond: Double { state.withLock { $0.bytes.perSecond(at: Self.clock.now) } }
    /// Files that went up in the last minute, known bytes included.
    package var filesLastMinute: Int64 { state.withLock { $0.files.sum(at: Self.clock.now) } }
    package var lastUploaded: Word? { state.withLock { $0.lastUploaded } }
    package var lastError: Word? { state.withLock { $0.lastError } }
    /// The last file of each folder that went up since the start, by the folder's name.
    package var lastByFolder: [String: Word] { state.withLock { $0.last } }

    func begin(_ file: MediaFile) {
        let upload = Upload(path: file.path, account: file.account, bytes: file.size)
        let meter = RateMeter(seconds: Self.span, at: Self.clock.now)
        state.withLock { $0.uploads[file.path] = (upload, meter) }
    }

    func end(_ path: FilePath) {
        state.withLock { $0.uploads[path] = nil }
    }

    func note(_ path: FilePath, _ phase: Phase) {
        state.withLock { $0.uploads[path]?.upload.phase = phase }
    }

    /// Notes that the pieces of a ticket go. Those of `known` are at the storage.
    func send(_ path: FilePath, _ ticket: Ticket, known: [PieceAnswer]) {
        let done = Set(known.map(\.index))
        let bytes = ticket.pieces.filter { done.contains($0.index) }.reduce(0) { $0 + $1.length }
        let now = Self.clock.now
        state.withLock { state in
            guard var upload = state.uploads[path]?.upload else { return }
            upload.phase = .sending
            upload.sent = bytes
            upload.pieces = ticket.pieces.count
            upload.piecesDone = done.count
            state.uploads[path] = (upload, RateMeter(seconds: Self.span, at: now))
        }
    }

    /// Notes that bytes were handed to a connection. A negative number: that they have to go again.
    func note(_ path: FilePath, sent bytes: Int64) {
        let now = Self.clock.now
        state.withLock { state in
            if bytes > 0 { state.bytes.add(bytes, at: now) }
            state.uploads[path]?.upload.sent += bytes
            state.uploads[path]?.meter.add(bytes, at: now)
        }
    }

    func notePieceDone(_ path: FilePath) {
        state.withLock { $0.uploads[path]?.upload.piecesDone += 1 }
    }

    /// Takes what the stages report.
    func observe(_ event: PipelineEvent) {
        switch event {
        case .uploaded(let file, _), .reused(let file, _):
            let word = Word(path: file.path, at: .now(), reason: nil)
            state.withLock { state in
                state.lastUploaded = word
                if let folder = file.folder { state.last[folder] = word }
                state.files.add(1, at: Self.clock.now)
            }
        case .rejected(let path, let rejection): fail(path, rejection.reason)
        case .postponed(let file, let reason, _): fail(file.path, reason)
        default: break
        }
    }

    private func fail(_ path: FilePath, _ reason: String) {
        state.withLock { $0.lastError = Word(path: path, at: .now(), reason: reason) }
    }
}
