import GRDB
import Pipeline
import SystemPackage

extension SQLiteLedger: ActionBook {
    /// How many entries one commit forgets, so that other writes come in between.
    private static let forgottenEntriesACommit = 256

    package func pauses() async throws -> [Pause] {
        try await read { try PausesTable.all(in: $0) }
    }

    package func pause(_ subjects: [Pause.Subject], at time: Timestamp) async throws {
        try await write { db in
            for subject in subjects { try PausesTable.add(subject, at: time, in: db) }
        }
    }

    package func resume(_ subjects: [Pause.Subject]?) async throws {
        try await write { db in
            guard let subjects else { return try db.run("DELETE FROM pauses") }
            for subject in subjects { try PausesTable.remove(subject, in: db) }
        }
    }

    /// The pause that keeps a queued file from going up; nil if none does.
    package func pause(of record: FileRecord) async throws -> Pause? {
        try await read { try PausesTable.pause(of: record, in: $0) }
    }

    package func retryable(_ state: FileState, after number: Int64, limit: Int) async throws -> [RetryCandidate] {
        try await read { try FilesTable.retryable(state, after: number, limit: limit, in: $0) }
    }

    package func withFailedAssets() async throws -> [RetryCandidate] {
        try await read { try FilesTable.withFailedAssets(in: $0) }
    }

    package func retry(_ paths: [FilePath], watched: Set<String>, at time: Timestamp) async throws -> [RetriedFile] {
        try await write { db in
            try paths.map { try FilesTable.retry($0, watched: watched, at: time, in: db) }
        }
    }

    package func forget(_ paths: [FilePath], at time: Timestamp) async throws -> [ForgottenFile] {
        try await write { db in try paths.map { try ManifestTable.forget($0, in: db) } }
    }

    package func forgetLeft(before time: Timestamp) async throws {
        let limit = Self.forgottenEntriesACommit
        while try await write({ db in
            let paths = try ManifestTable.left(before: time, limit: limit, in: db)
            let forgotten = try paths.map { try ManifestTable.forget($0, in: db) }.filter { $0.outcome == .forgotten }
            // Where nothing can be forgotten, the same page would come again.
            return paths.count == limit && !forgotten.isEmpty
        }) {}
    }
}
