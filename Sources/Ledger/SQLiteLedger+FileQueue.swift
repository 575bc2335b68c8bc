import GRDB
import Pipeline
import SystemPackage
import Watch

extension SQLiteLedger: FileQueue {
    package func unhandled(among files: [FoundFile]) async throws -> [FoundFile] {
        let dealtWith = try await read { try FilesTable.dealtWith(among: files, in: $0) }
        return files.filter { dealtWith[$0.path] != $0.version }
    }

    /// A version that is queued, uploading, uploaded or rejected already has settled once and stays what it is.
    package func noteSettling(_ files: [SettlingFile], at time: Timestamp) async throws {
        try await write { db in
            for settling in files { try Self.noteSettling(settling, at: time, in: db) }
        }
    }

    package func noteGone(_ paths: [FilePath], at time: Timestamp) async throws {
        try await write { db in
            for path in paths { try Self.noteGone(path, at: time, in: db) }
        }
    }

    /// A commit for each few hundred files, so that a large directory does not hold up everybody else's writes.
    package func noteGone(beneath directory: FilePath, at time: Timestamp) async throws {
        var isThrough = false
        while !isThrough {
            isThrough = try await write { db in
                let paths = try FilesTable.present(beneath: directory, limit: GroupCommit.largestGroup, in: db)
                for path in paths { try Self.noteGone(path, at: time, in: db) }
                return paths.isEmpty
            }
        }
    }

    package func enqueue(_ file: MediaFile, at time: Timestamp) async throws {
        try await write { db in
            let known = try FilesTable.record(of: file.path, in: db)
            let isSame = known?.version == file.version
            switch known?.state {
            case .queued, .uploading, .uploaded: if isSame { return }
            case .settling, .rejected, .gone, nil: break
            }
            let record = FileRecord(
                path: file.path,
                folder: file.folder,
                account: file.account,
                state: .queued,
                reason: "",
                version: file.version,
                attempts: isSame && known?.state == .settling ? known?.attempts ?? 0 : 0,
                due: .atOnce,
                updatedAt: time
            )
            try FilesTable.put(record, media: file, entered: try db.next("entered"), in: db)
        }
    }

    package func reject(_ file: SettledFile, _ rejection: Rejection, at time: Timestamp) async throws {
        try await write { db in
            let record = FileRecord(
                path: file.path,
                folder: file.folder,
                account: nil,
                state: .rejected,
                reason: rejection.reason,
                version: file.version,
                attempts: 0,
                due: nil,
                updatedAt: time
            )
            try FilesTable.put(record, entered: try db.next("entered"), in: db)
            try ManifestTable.reject(file.path, folder: file.folder, rejection, at: time, in: db)
        }
    }

    package func present(in folder: String, after path: FilePath?, limit: Int) async throws -> [FilePath] {
        try await read { try FilesTable.present(in: folder, after: path, limit: limit, in: $0) }
    }

    package func counts() async throws -> [FileState: Int] {
        try await read { db in
            var counts: [FileState: Int] = [:]
            for row in try db.rows("SELECT state, count(*) FROM files GROUP BY state") {
                counts[try FileState(column: row[0])] = row[1]
            }
            return counts
        }
    }

    package func record(of path: FilePath) async throws -> FileRecord? {
        try await read { try FilesTable.record(of: path, in: $0) }
    }

    package func waiting(limit: Int) async throws -> [FileRecord] {
        try await read { try FilesTable.waiting(limit: limit, in: $0) }
    }

    /// A row of the manifest that is present has a file that is not gone, so going by the files misses none.
    private static func noteGone(_ path: FilePath, at time: Timestamp, in db: Database) throws {
        try FilesTable.markGone(path, at: time, in: db)
        try ManifestTable.leave(path, in: db)
    }

    private static func noteSettling(_ settling: SettlingFile, at time: Timestamp, in db: Database) throws {
        let file = settling.file
        let known = try FilesTable.record(of: file.path, in: db)
        if let known, known.version == file.version {
            switch known.state {
            case .settling:
                return try FilesTable.move(file.path, to: .settling, reason: settling.reason, at: time, in: db)
            case .queued, .uploading, .uploaded, .rejected:
                return
            case .gone:
                break
            }
        }
        let record = FileRecord(
            path: file.path,
            folder: file.folder,
            account: nil,
            state: .settling,
            reason: settling.reason,
            version: file.version,
            attempts: 0,
            due: nil,
            updatedAt: time
        )
        try FilesTable.put(record, entered: try db.next("entered"), in: db)
    }
}
