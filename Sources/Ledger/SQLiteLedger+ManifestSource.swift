import Pipeline
import SystemPackage

extension SQLiteLedger: HostManifest {
    package func revision() async throws -> Int64 {
        try await read { try $0.value(of: "revision") }
    }

    package func changes(after revision: Int64, limit: Int) async throws -> [ManifestChange] {
        try await read { try ManifestTable.changes(after: revision, limit: limit, in: $0) }
    }

    package func oldestChange() async throws -> Int64? {
        try await read { try ManifestTable.oldestChange(in: $0) }
    }

    package func pruneChanges(through revision: Int64) async throws {
        try await write { try ManifestTable.pruneChanges(through: revision, in: $0) }
    }

    /// Runs in one read transaction. Writers go on beside it.
    package func snapshot(
        by order: ManifestOrder,
        start: @escaping @Sendable (Int64) throws -> Void,
        row: @escaping @Sendable (ManifestRow) throws -> Void
    ) async throws {
        try await read { db in
            try start(try db.value(of: "revision"))
            try ManifestTable.walk(by: order, in: db, row)
        }
    }

    package func rowCount() async throws -> Int {
        try await read { try ManifestTable.count(in: $0) }
    }

    package func published() async throws -> PublishedFiles? {
        try await read { try PublishedTable.files(in: $0) }
    }

    package func notePublished(_ files: PublishedFiles) async throws {
        try await write { try PublishedTable.put(files, in: $0) }
    }

    package func row(of path: FilePath) async throws -> ManifestRow? {
        try await read { try ManifestTable.row(of: path, in: $0) }
    }
}
