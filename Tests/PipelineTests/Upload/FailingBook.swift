import Pipeline
import SystemPackage
import Threads

/// An asset book whose next calls fail, as on a full disk, before it passes on what it is told.
final class FailingBook: AssetBook {
    struct DiskFull: Error {}

    private let book: any AssetBook
    private let failures: Mutex<Int>
    private let completing: @Sendable () -> Void

    /// `completing` is called before an upload is recorded.
    init(_ book: any AssetBook, failures: Int = 0, completing: @escaping @Sendable () -> Void = {}) {
        self.book = book
        self.failures = Mutex(failures)
        self.completing = completing
    }

    private func check() throws {
        let fails = failures.withLock { left in
            left -= 1
            return left >= 0
        }
        if fails { throw DiskFull() }
    }

    func hasAssets(ofSize size: Int64) async throws -> Bool { try await book.hasAssets(ofSize: size) }

    func asset(size: Int64, sha256: SHA256Digest) async throws -> KnownAsset? {
        try await book.asset(size: size, sha256: sha256)
    }

    func hasUploads(besides file: MediaFile) async throws -> Bool { try await book.hasUploads(besides: file) }

    func upload(of file: MediaFile, sha256: SHA256Digest?) async throws -> UploadUnderWay? {
        try await book.upload(of: file, sha256: sha256)
    }

    func beginUpload(of file: MediaFile, at time: Timestamp) async throws {
        try check()
        try await book.beginUpload(of: file, at: time)
    }

    func claim(_ portion: Portion, except held: HeldBack, at time: Timestamp) async throws -> [QueuedFile] {
        try await book.claim(portion, except: held, at: time)
    }

    func recordTicket(
        _ ticket: Ticket,
        of file: MediaFile,
        sha256: SHA256Digest?,
        at time: Timestamp
    ) async throws -> RecordedTicket {
        try check()
        return try await book.recordTicket(ticket, of: file, sha256: sha256, at: time)
    }

    func adopt(
        _ asset: SharedAsset,
        sha256: SHA256Digest,
        for file: MediaFile,
        provider: String,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws {
        try check()
        try await book.adopt(asset, sha256: sha256, for: file, provider: provider, leaving: leaving, at: time)
    }

    func recordAnswer(_ answer: PieceAnswer, of file: MediaFile) async throws {
        try check()
        try await book.recordAnswer(answer, of: file)
    }

    func recordBytes(_ sha256: SHA256Digest, of file: MediaFile, with ticket: Ticket, askedAt: Timestamp) async throws {
        try check()
        try await book.recordBytes(sha256, of: file, with: ticket, askedAt: askedAt)
    }

    func dropUpload(of file: MediaFile) async throws { try await book.dropUpload(of: file) }

    func postponeRefused(_ file: MediaFile, _ postponement: Postponement) async throws {
        try check()
        try await book.postponeRefused(file, postponement)
    }

    func isRefusalContradicted(of file: MediaFile) async throws -> Bool {
        try await book.isRefusalContradicted(of: file)
    }

    func leaveUpload(of file: MediaFile) async throws { try await book.leaveUpload(of: file) }

    func complete(
        _ file: MediaFile,
        provider: String,
        sha256: SHA256Digest,
        receipt: Receipt,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws {
        try check()
        completing()
        try await book.complete(
            file,
            provider: provider,
            sha256: sha256,
            receipt: receipt,
            leaving: leaving,
            at: time
        )
    }

    func reuse(
        _ asset: KnownAsset,
        for file: MediaFile,
        movedFrom: FilePath?,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws {
        try check()
        try await book.reuse(asset, for: file, movedFrom: movedFrom, leaving: leaving, at: time)
    }

    func earlierPaths(of file: MediaFile, showing asset: KnownAsset) async throws -> [FilePath] {
        try await book.earlierPaths(of: file, showing: asset)
    }

    func processing(at time: Timestamp, limit: Int) async throws -> [ProcessingAsset] {
        try await book.processing(at: time, limit: limit)
    }

    func nextLook() async throws -> Timestamp? { try await book.nextLook() }

    func recordStatus(_ status: AssetStatus, of asset: ProcessingAsset, nextLook: Timestamp?, at time: Timestamp)
        async throws -> RecordedStatus
    {
        try await book.recordStatus(status, of: asset, nextLook: nextLook, at: time)
    }

    func recordGone(_ asset: KnownAsset, at time: Timestamp) async throws -> RecordedStatus {
        try await book.recordGone(asset, at: time)
    }
}
