import GRDB
import Pipeline
import SystemPackage
import Watch

// The half of ``FileQueue`` for workers: how claimed files come back, and what waits.

extension SQLiteLedger {
    package func postpone(_ file: MediaFile, _ postponement: Postponement) async throws {
        try await write { db in
            _ = try FilesTable.postpone(file, postponement, at: .now(), in: db)
        }
    }

    package func release(_ paths: [FilePath]) async throws {
        try await write { try FilesTable.release(paths, in: $0) }
    }

    package func recordGone(_ file: MediaFile, at time: Timestamp) async throws {
        try await write { db in
            // Another file may have come to the path meanwhile.
            guard try FilesTable.state(of: file, in: db) == .uploading else { return }
            try Self.recordGone(file.path, at: time, in: db)
        }
    }

    package func returnToSettling(_ file: MediaFile, reason: String, at time: Timestamp) async throws {
        try await write { db in
            guard try FilesTable.state(of: file, in: db) == .uploading else { return }
            try FilesTable.move(file.path, to: .settling, reason: reason, at: time, in: db)
            try StepsTable.add(.changed, .init(reason: reason), of: file.path, at: time, in: db)
        }
    }

    package func reject(_ file: MediaFile, _ rejection: Rejection, at time: Timestamp) async throws {
        try await write { db in
            guard try FilesTable.state(of: file, in: db) == .uploading else { return }
            try UploadsTable.forgetIntent(file.path, in: db)
            try FilesTable.move(file.path, to: .rejected, reason: rejection.reason, at: time, in: db)
            let holder = try AccountsTable.meaning(of: file.account, in: db)
            try FilesTable.setHolder(holder, of: file.path, in: db)
            try ManifestTable.reject(file.path, folder: file.folder, rejection, at: time, in: db)
            try StepsTable.reject(file.path, rejection, at: time, in: db)
        }
    }

    package func recover(at time: Timestamp) async throws {
        try await write { try FilesTable.recover(at: time, in: $0) }
    }

    package func recover(account: String, at time: Timestamp) async throws {
        try await write { try FilesTable.recover(account: account, at: time, in: $0) }
    }

    package func waiting(after place: Int64, limit: Int) async throws -> [WaitingFile] {
        try await read { try FilesTable.waiting(after: place, limit: limit, in: $0) }
    }

    package func dismiss(_ files: [(file: WaitingFile, why: Dismissal)], at time: Timestamp) async throws {
        try await write { db in
            for (file, why) in files { try Self.dismiss(file, why, at: time, in: db) }
        }
    }

    private static func dismiss(_ file: WaitingFile, _ why: Dismissal, at time: Timestamp, in db: Database) throws {
        guard let known = try FilesTable.record(of: file.path, in: db), known.version == file.version,
            [.settling, .queued, .uploading].contains(known.state)
        else { return }
        try UploadsTable.forgetIntent(file.path, in: db)
        switch why {
        case .letGo(let reason): try FilesTable.letGo(file.path, reason, at: time, in: db)
        case .rejected(let rejection):
            try FilesTable.move(file.path, to: .rejected, reason: rejection.reason, at: time, in: db)
            try ManifestTable.reject(file.path, folder: file.folder, rejection, at: time, in: db)
            try StepsTable.reject(file.path, rejection, at: time, in: db)
        }
    }

    package func tidy(at time: Timestamp) async throws {
        try await write { try FilesTable.releasePushed(at: time, in: $0) }
        try await forgetOld(at: time)
    }

    /// Forgets one page of files a commit. However many there are, other writes come in between.
    package func forgetOld(at time: Timestamp) async throws {
        while try await write({ try FilesTable.forgetGone(at: time, limit: Self.forgottenACommit, in: $0) }) {}
        while try await write({ try UploadsTable.forgetLeft(asOf: time, limit: Self.forgottenACommit, in: $0) }) {}
        let hour = time.advanced(by: .seconds(-3600))
        while try await write({ try FirstLooksTable.forgetLeft(before: hour, limit: Self.forgottenACommit, in: $0) }) {}
        try await write { try FirstLooksTable.forgetWanted(in: $0) }
        while try await write({ try StepsTable.forgetOld(at: time, limit: Self.forgottenACommit, in: $0) }) {}
    }

    private static let forgottenACommit = 1024

    package func queuedAccounts() async throws -> Set<String> {
        try await read { try FilesTable.queuedAccounts(in: $0) }
    }

    package func explain(
        account: String,
        after place: Int64,
        cause: WaitCause,
        reason: String
    ) async throws -> Int64? {
        if try await read({ try FilesTable.hasLaterTry(account: account, in: $0) }) {
            try await write { try FilesTable.letAllCome(account: account, in: $0) }
        }
        guard let last = try await read({ try FilesTable.lastQueued(account: account, after: place, in: $0) }) else {
            return nil
        }
        try await write { db in
            try FilesTable.explain(account: account, places: place...last, cause: cause, reason: reason, in: db)
        }
        return last
    }

    package func nextDue(account: String, except held: HeldBack = .nothing) async throws -> Timestamp? {
        try await read { try FilesTable.nextDue(account: account, except: held, in: $0) }
    }
}
