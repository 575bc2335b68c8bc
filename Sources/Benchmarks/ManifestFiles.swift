import Pipeline
import SystemPackage
import Watch

/// The manifest's two files, written from rows in memory. So the ledger has no share in it.
enum ManifestFiles {
    /// The snapshot of `count` entries.
    static func measureSnapshot(_ count: Int, in directory: FilePath) async throws -> Measurement {
        try await measure("snapshot", RowsInMemory(count, changes: false), in: directory)
    }

    /// `count` changes, appended to the journal as fast as they can be made durable.
    static func measureJournal(_ count: Int, in directory: FilePath) async throws -> Measurement {
        try await measure("journal append", RowsInMemory(count, changes: true), in: directory)
    }

    private static func measure(_ part: String, _ source: RowsInMemory, in directory: FilePath) async throws
        -> Measurement
    {
        let plan = ManifestPlan(
            snapshot: directory.appending("\(part).json"),
            journal: directory.appending("\(part).ndjson"),
            interval: .seconds(1),
            mode: .ownerReadWrite
        )
        let clock = ContinuousClock()
        let writer = ManifestWriter(
            plan: plan,
            source: source,
            bookkeeping: Bookkeeping(clock: clock) { _ in },
            clock: clock
        )
        return try await Measurement.of(part, source.count) { try await writer.flush() }
    }
}

/// The source of a manifest whose rows, or whose changes, are all in memory.
private struct RowsInMemory: ManifestSource {
    let count: Int
    private let rows: [ManifestRow]
    private let changes: [ManifestChange]

    init(_ count: Int, changes areChanges: Bool) {
        self.count = count
        let rows = (1...count).map(Self.row)
        self.rows = areChanges ? [] : rows
        changes = areChanges ? rows.map { ManifestChange(event: .uploaded, row: $0) } : []
    }

    func revision() -> Int64 { Int64(changes.count) }

    func changes(after revision: Int64, limit: Int) -> [ManifestChange] {
        Array(changes.dropFirst(Int(revision)).prefix(limit))
    }

    func oldestChange() -> Int64? { changes.first?.revision }

    func pruneChanges(through revision: Int64) {}

    func snapshot(
        by order: ManifestOrder,
        start: @escaping @Sendable (Int64) throws -> Void,
        row: @escaping @Sendable (ManifestRow) throws -> Void
    ) throws {
        try start(revision())
        for each in rows { try row(each) }
    }

    func published() -> PublishedFiles? { nil }

    func notePublished(_ files: PublishedFiles) {}

    func rowCount() -> Int { rows.count }

    func row(of path: FilePath) -> ManifestRow? { rows.first { $0.path == path } }

    private static func row(_ number: Int) -> ManifestRow {
        let file = Samples.media(number)
        let entry = ManifestEntry(
            folder: file.folder,
            kind: file.kind,
            mimeType: file.mime,
            bytes: file.size,
            sha256: Samples.digest(number),
            provider: "postbreeze",
            account: file.account,
            receipt: Samples.receipt(number),
            present: true,
            uploadedAt: Timestamp(milliseconds: 1_800_000_000_000 + Int64(number)),
            revision: Int64(number)
        )
        return ManifestRow(path: file.path, content: .entry(entry))
    }
}
