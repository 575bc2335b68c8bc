import GRDB
import Pipeline
import SystemPackage
import Watch

// The part of ``FileQueue`` for files that lie in a folder when it is watched for the first time.

extension SQLiteLedger {
    package func beginFirstLook(
        of folder: FilePath,
        _ existing: ExistingFiles,
        at time: Timestamp
    ) async throws -> FirstLook? {
        if existing == .upload, try await read({ try FirstLooksTable.hasSkipped(beneath: folder, in: $0) }) {
            let limit = Self.notesACommit
            while try await write({ try FirstLooksTable.forgetSkipped(beneath: folder, limit: limit, in: $0) }) {}
        }
        if try await read({ try FirstLooksTable.isOver(folder, in: $0) }) { return nil }
        return try await write { db in
            let look = try FirstLooksTable.begin(folder, at: time, in: db)
            if look == nil || existing == .skip { return look }
            try FirstLooksTable.end(folder, at: time, in: db)
            return nil
        }
    }

    package func endFirstLook(of folder: FilePath, at time: Timestamp) async throws {
        try await write { try FirstLooksTable.end(folder, at: time, in: $0) }
    }

    package func skipAgain(_ file: FoundFile, at time: Timestamp) async throws -> Bool {
        if try await !read({ try FirstLooksTable.hasSkipped(file.version, in: $0) }) { return false }
        return try await write { db in
            guard try FirstLooksTable.hasSkipped(file.version, in: db) else { return false }
            return try Self.skip(file, at: time, in: db)
        }
    }

    /// Returns false and does nothing if the path has another story: it shows an entry, or its file is up, on its way,
    /// or rejected.
    @discardableResult static func skip(_ file: FoundFile, at time: Timestamp, in db: Database) throws -> Bool {
        let known = try FilesTable.record(of: file.path, in: db)
        switch known?.state {
        case .queued, .uploading, .uploaded, .rejected: return false
        case .settling, .skipped, .gone, nil: break
        }
        if let shown = try ManifestTable.standing(of: file.path, in: db), shown.shown { return false }
        let record = FileRecord(
            path: file.path,
            folder: file.folder,
            account: nil,
            state: .skipped,
            reason: "",
            version: file.version,
            attempts: 0,
            due: nil,
            updatedAt: time
        )
        try FilesTable.put(record, entered: try db.next("entered"), in: db)
        return true
    }
}
