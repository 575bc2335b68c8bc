import Pipeline
import SystemPackage
import Threads

/// A manifest source in memory: rows, changes, and a walk that can be made to fail.
final class MemorySource: ManifestSource {
    struct Broken: Error {}

    private struct State {
        var rows: [FilePath: ManifestRow] = [:]
        var changes: [ManifestChange] = []
        var revision: Int64 = 0
        var breaksAfter: Int?
        var walks = 0
        var pause: (@Sendable () -> Void)?
        var beforeCount: (@Sendable () -> Void)?
        var published: PublishedFiles?
        var numbering = ManifestNumbering()
    }

    private let state = Mutex(State())

    /// How often all rows were walked over.
    var walks: Int { state.withLock { $0.walks } }

    /// The changes that were not pruned.
    var kept: [Int64] { state.withLock { $0.changes.map(\.revision) } }

    /// The next change; the row is given its revision.
    func change(_ event: ManifestChange.Event, _ row: (Int64) -> ManifestRow, movedFrom: FilePath? = nil) {
        state.withLock { state in
            state.revision += 1
            let row = row(state.revision)
            state.rows[row.path] = row
            state.changes.append(ManifestChange(event: event, row: row, movedFrom: movedFrom))
        }
    }

    /// The next walk throws after so many rows; nil ends that.
    func breakWalks(after rows: Int?) {
        state.withLock { $0.breaksAfter = rows }
    }

    /// Called within each walk, before its rows; nil ends that.
    func pauseWalks(_ pause: (@Sendable () -> Void)?) {
        state.withLock { $0.pause = pause }
    }

    /// Called before each count of the rows; nil ends that.
    func beforeCounts(_ act: (@Sendable () -> Void)?) {
        state.withLock { $0.beforeCount = act }
    }

    func revision() async throws -> Int64 { state.withLock { $0.revision } }

    func changes(after revision: Int64, limit: Int) async throws -> [ManifestChange] {
        state.withLock { Array($0.changes.filter { $0.revision > revision }.prefix(limit)) }
    }

    func oldestChange() async throws -> Int64? { state.withLock { $0.changes.first?.revision } }

    func pruneChanges(through revision: Int64) async throws {
        state.withLock { $0.changes.removeAll { $0.revision <= revision } }
    }

    func snapshot(
        by order: ManifestOrder,
        start: @escaping @Sendable (Int64) throws -> Void,
        row: @escaping @Sendable (ManifestRow) throws -> Void
    ) async throws {
        let (revision, rows, breaksAfter) = state.withLock { state in
            state.walks += 1
            return (state.revision, Array(state.rows.values), state.breaksAfter)
        }
        let sorted = rows.sorted { left, right in
            switch order {
            case .revision: left.revision < right.revision
            case .section: (left.section, left.path.string) < (right.section, right.path.string)
            }
        }
        try start(revision)
        state.withLock { $0.pause }?()
        for (index, each) in sorted.enumerated() {
            if index == breaksAfter { throw Broken() }
            try row(each)
        }
    }

    func rowCount() async throws -> Int {
        state.withLock { $0.beforeCount }?()
        return state.withLock { $0.rows.count }
    }

    func published() async throws -> PublishedFiles? { state.withLock { $0.published } }

    func notePublished(_ files: PublishedFiles) async throws {
        state.withLock { $0.published = files }
    }

    func numbering() async throws -> ManifestNumbering { state.withLock { $0.numbering } }

    func noteJournal(of numbering: Int64) async throws {
        state.withLock { $0.numbering = ManifestNumbering(now: $0.numbering.now, ofJournal: numbering) }
    }

    /// Begins anew with these rows, at another revision.
    func beginAnew(at revision: Int64, _ rows: [ManifestRow]) {
        state.withLock { state in
            state.rows = Dictionary(rows.map { ($0.path, $0) }) { $1 }
            state.changes = []
            state.revision = revision
            state.numbering = ManifestNumbering(now: state.numbering.now + 1, ofJournal: state.numbering.ofJournal)
        }
    }
}

extension ManifestRow {
    fileprivate var section: Int {
        if case .entry = content { 0 } else { 1 }
    }

    /// An entry with a value in each member.
    static func entry(_ path: FilePath, _ revision: Int64, present: Bool = true, shown: Bool = true) -> ManifestRow {
        let entry = ManifestEntry(
            folder: "inbox",
            kind: .video,
            mimeType: .mp4,
            bytes: 73_400_320,
            sha256: digest(0x9F),
            provider: "connectsafely",
            account: "linkedin",
            receipt: Receipt(assetURN: "urn:li:digitalmediaAsset:C4E", recipes: ["r-1", "r-2"], status: .ready),
            present: present,
            uploadedAt: at(1_763_806_530_000),
            revision: revision
        )
        return ManifestRow(path: path, content: .entry(entry), shown: shown)
    }

    static func rejected(_ path: FilePath, _ revision: Int64, shown: Bool = true) -> ManifestRow {
        let rejection = ManifestRejection(
            folder: nil,
            rejection: Rejection(.unsupportedType, "this is \"text\""),
            at: at(1_763_806_530_000),
            revision: revision
        )
        return ManifestRow(path: path, content: .rejected(rejection), shown: shown)
    }
}
