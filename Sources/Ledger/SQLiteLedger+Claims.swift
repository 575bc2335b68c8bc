import GRDB
import Pipeline
import Watch

// The half of ``FileQueue`` that workers call: what is taken from the queue, and how it comes back.

extension SQLiteLedger {
    package func claim(
        account: String,
        _ portion: Portion,
        except held: HeldBack = .nothing,
        at time: Timestamp
    ) async throws -> [QueuedFile] {
        try await write { try FilesTable.claim(account: account, portion, except: held, at: time, in: $0) }
    }

    package func postpone(_ file: MediaFile, reason: String, due: Timestamp, attempted: Bool) async throws {
        try await write { db in
            guard try FilesTable.state(of: file, in: db) == .uploading else { return }
            try db.run(
                "UPDATE files SET state = 'queued', reason = ?, due = ?, attempts = attempts + ? WHERE path = ?",
                [reason, due.milliseconds, attempted ? 1 : 0, file.path.blob]
            )
        }
    }

    package func returnToSettling(_ file: MediaFile, reason: String, at time: Timestamp) async throws {
        try await write { db in
            guard try FilesTable.state(of: file, in: db) == .uploading else { return }
            try FilesTable.move(file.path, to: .settling, reason: reason, at: time, in: db)
        }
    }

    package func reject(_ file: MediaFile, _ rejection: Rejection, at time: Timestamp) async throws {
        try await write { db in
            guard try FilesTable.state(of: file, in: db) == .uploading else { return }
            try FilesTable.move(file.path, to: .rejected, reason: rejection.reason, at: time, in: db)
            let holder = try AccountsTable.meaning(of: file.account, in: db)
            try FilesTable.setHolder(holder, of: file.path, in: db)
            try ManifestTable.reject(file.path, folder: file.folder, rejection, at: time, in: db)
        }
    }

    package func recover(at time: Timestamp) async throws {
        try await write { db in
            try db.run(
                "UPDATE files SET state = 'queued', reason = '', due = ?, updated = ? WHERE state = 'uploading'",
                [Timestamp.atOnce.milliseconds, time.milliseconds]
            )
        }
    }

    /// A page a commit: however many files wait, few of them are in memory, and other writes come in between.
    package func release(exceptFolders accounts: [String: String], at time: Timestamp) async throws {
        var place: Int64? = .min
        while let after = place {
            place = try await write { db in
                try FilesTable.release(
                    exceptFolders: accounts,
                    after: after,
                    limit: Self.releasedACommit,
                    at: time,
                    in: db
                )
            }
        }
        try await write { try FilesTable.releasePushed(at: time, in: $0) }
        while try await write({ try FilesTable.forgetGone(at: time, limit: Self.releasedACommit, in: $0) }) {}
    }

    private static let releasedACommit = 1024

    package func nextDue(account: String, except held: HeldBack = .nothing) async throws -> Timestamp? {
        try await read { try FilesTable.nextDue(account: account, except: held, in: $0) }
    }
}
