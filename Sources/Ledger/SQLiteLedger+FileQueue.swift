import GRDB
import Pipeline
import SystemPackage
import Watch

extension SQLiteLedger: FileQueue {
    package func compare(_ found: [FoundFiles]) async throws -> ScanComparison {
        try await read { try FilesTable.compare(found, in: $0) }
    }

    package func admit(_ file: MediaFile, at time: Timestamp) async throws -> Bool {
        try await write { db in
            let known = try FilesTable.record(of: file.path, in: db)
            guard known?.isDealtWith(in: file.version) != true else { return false }
            try Self.enqueue(file, knownAs: known, at: time, in: db)
            return true
        }
    }

    package func admit(_ file: FoundFile, rejected rejection: Rejection, at time: Timestamp) async throws -> Bool {
        try await write { db in
            let known = try FilesTable.record(of: file.path, in: db)
            guard known?.isDealtWith(in: file.version) != true else { return false }
            try Self.reject(file, rejection, at: time, in: db)
            return true
        }
    }

    package func enqueue(_ file: MediaFile, at time: Timestamp) async throws {
        try await write { db in
            let known = try FilesTable.record(of: file.path, in: db)
            let isSame = known?.version == file.version
            switch known?.state {
            case .queued: if isSame && known?.account == file.account { return }
            case .uploading: if isSame { return }
            case .uploaded: if try isSame && !FilesTable.isElsewhere(file, in: db) { return }
            // The file is no longer refused: the manifest takes its word back in the same commit.
            case .rejected: if isSame { try ManifestTable.withdraw(file.path, in: db) }
            case .settling, .skipped, .gone, nil: break
            }
            try Self.enqueue(file, knownAs: known, at: time, in: db)
        }
    }

    package func reject(_ file: FoundFile, _ rejection: Rejection, at time: Timestamp) async throws {
        try await write { try Self.reject(file, rejection, at: time, in: $0) }
    }

    private static func enqueue(
        _ file: MediaFile,
        knownAs known: FileRecord?,
        at time: Timestamp,
        in db: Database
    ) throws {
        try put(file, knownAs: known, at: time, in: db)
        // A folder tells its files' account. A pushed file has nothing but a name, which may mean another one later.
        if file.folder == nil {
            try FilesTable.setHolder(try AccountsTable.meaning(of: file.account, in: db), of: file.path, in: db)
        }
    }

    private static func put(
        _ file: MediaFile,
        knownAs known: FileRecord?,
        at time: Timestamp,
        in db: Database
    ) throws {
        let settled = known.flatMap { $0.version == file.version && $0.state == .settling ? $0 : nil }
        let entered = try db.next("entered")
        try StepsTable.enqueue(file, isNew: known.map { $0.state == .gone } ?? true, at: time, in: db)
        if let settled, settled.folder == file.folder {
            return try FilesTable.queueSettled(file, entered: entered, at: time, in: db)
        }
        let record = FileRecord(
            path: file.path,
            folder: file.folder,
            account: file.account,
            state: .queued,
            reason: "",
            version: file.version,
            attempts: settled?.attempts ?? 0,
            due: .atOnce,
            updatedAt: time
        )
        try FilesTable.put(record, media: file, entered: entered, in: db)
    }

    private static func reject(_ file: FoundFile, _ rejection: Rejection, at time: Timestamp, in db: Database) throws {
        let record = FileRecord(file, .rejected, reason: rejection.reason, at: time)
        try FilesTable.put(record, entered: try db.next("entered"), in: db)
        try FilesTable.setHolder(of: file.path, byFolder: file.folder, in: db)
        try ManifestTable.reject(file.path, folder: file.folder, rejection, at: time, in: db)
        try StepsTable.reject(file.path, rejection, at: time, in: db)
    }

    package func present(
        in folder: String,
        except seen: SeenFiles,
        after path: FilePath?,
        limit: Int
    ) async throws -> PresentFiles {
        try await read { try FilesTable.present(in: folder, except: seen, after: path, limit: limit, in: $0) }
    }

    /// Does nothing if these folders gave their names last: all files have them then. Others may come by a process that
    /// watches nothing (``FolderNames/doubt(in:)``), and by files that wait under another name. While there are such
    /// files, each start looks again.
    package func nameFolders(_ folders: [WatchedFolder]) async throws {
        let names = FolderNames(folders)
        if try await read({ try names.areGiven(in: $0) }) { return }
        // A file that waits now may be up before the end.
        let waited = try await write { db in
            try FolderNames.doubt(in: db)
            return try FilesTable.waitsUnderAnotherName(in: folders, in: db)
        }
        for folder in folders {
            var last = try await write { db in
                try FilesTable.name(folder, in: db)
                try DeparturesTable.name(folder, in: db)
                return try ManifestTable.name(folder, after: nil, limit: GroupCommit.largestGroup, in: db)
            }
            while let path = last {
                last = try await write {
                    try ManifestTable.name(folder, after: path, limit: GroupCommit.largestGroup, in: $0)
                }
            }
        }
        if waited { return }
        try await write { db in
            if try !FilesTable.waitsUnderAnotherName(in: folders, in: db) { try names.note(in: db) }
        }
    }

    package func unwatched(
        by folders: [WatchedFolder],
        after file: UnwatchedFile?,
        limit: Int
    ) async throws -> [UnwatchedFile] {
        try await read { try FilesTable.unwatched(by: folders, after: file, limit: limit, in: $0) }
    }

    package func counts() async throws -> [FileState: Int] {
        try await read { db in
            var counts: [FileState: Int] = [:]
            for tally in try TalliesTable.all(in: db) { counts[tally.state, default: 0] += tally.files }
            return counts
        }
    }

    package func record(of path: FilePath) async throws -> FileRecord? {
        try await read { try FilesTable.record(of: path, in: $0) }
    }

    /// The steps of a path, oldest first: at most 64. Empty for a path that was never known, or left long ago.
    package func steps(of path: FilePath) async throws -> [FileStep] {
        try await read { try StepsTable.steps(of: path, in: $0) }
    }

    package func waiting(beneath directory: FilePath) async throws -> [FilePath] {
        try await read { try FilesTable.waiting(beneath: directory, in: $0) }
    }

    /// A file that waits because all files of its account do. Nil if there is none, or the account uploads one.
    package func heldBack(by account: String) async throws -> FileRecord? {
        try await read { try FilesTable.heldBack(by: account, in: $0) }
    }

    package func waiting(limit: Int) async throws -> [FileRecord] {
        try await read { try FilesTable.waiting(limit: limit, in: $0) }
    }
}
