import GRDB
import Pipeline
import SystemPackage

/// Reads a ledger that another process may be working with, or that is about to be opened. Writes nothing.
///
/// A ledger whose first start was killed before it made a table is one in which nothing is known yet.
package enum LedgerOutlook {
    /// The newest revision of a ledger, of any version; nil if there is no ledger.
    package static func revision(in directory: FilePath) throws -> Int64? {
        guard !LedgerRepair(directory: directory).isMissing else { return nil }
        return try reading(directory, ifEmpty: 0) { try $0.value(of: "revision") }
    }

    /// The changes that ``SQLiteLedger/adopt(_:folders:at:)`` would return. Empty without a ledger, and for a ledger of
    /// an earlier version.
    package static func changes(
        in directory: FilePath,
        _ accounts: [ConfiguredAccount],
        folders: [String: String]
    ) throws -> [AccountChange] {
        guard !LedgerRepair(directory: directory).isMissing else { return [] }
        return try reading(directory, ifEmpty: []) { db in
            guard try Schema.migrator.hasCompletedMigrations(db) else { return [] }
            return try accounts.compactMap { account in
                let names = folders.filter { $0.value == account.name }.map(\.key)
                return try AccountsTable.known(in: db).change(
                    of: account,
                    from: try AccountsTable.meaning(of: account.name, in: db),
                    files: try FilesTable.countElsewhere(than: account, in: names, db)
                )
            }
        }
    }

    /// All that a ledger knows of one path. Nil for a ledger of an earlier version. Without a ledger, nothing is known.
    package static func file(at path: FilePath, in directory: FilePath) throws -> KnownFile? {
        guard !LedgerRepair(directory: directory).isMissing else { return KnownFile() }
        return try reading(directory, ifEmpty: KnownFile()) { db in
            guard try Schema.migrator.hasCompletedMigrations(db) else { return nil }
            return try KnownFile(path, in: db)
        }
    }

    /// The files beneath a directory that settle, wait or go up. None without a ledger, and in one of an earlier
    /// version.
    package static func waiting(beneath path: FilePath, in directory: FilePath) throws -> [FilePath] {
        guard !LedgerRepair(directory: directory).isMissing else { return [] }
        return try reading(directory, ifEmpty: []) { db in
            guard try Schema.migrator.hasCompletedMigrations(db) else { return [] }
            return try FilesTable.waiting(beneath: path, in: db)
        }
    }

    /// How many files are in which state, and since when the oldest of each group has waited. Nil for a ledger of an
    /// earlier version. Without a ledger, there are none.
    package static func waits(
        in directory: FilePath
    ) throws -> (tallies: [FileTally], oldest: [StoredWait: Timestamp], revision: Int64)? {
        guard !LedgerRepair(directory: directory).isMissing else { return ([], [:], 0) }
        return try reading(directory, ifEmpty: ([], [:], 0)) { db in
            guard try Schema.migrator.hasCompletedMigrations(db) else { return nil }
            let (tallies, oldest) = try TalliesTable.waits(in: db)
            return (tallies, oldest, try db.value(of: "revision"))
        }
    }

    /// The time of the newest step; nil without a ledger, in an empty one, and in one of an earlier version.
    package static func newestStep(in directory: FilePath) throws -> Timestamp? {
        guard !LedgerRepair(directory: directory).isMissing else { return nil }
        return try reading(directory, ifEmpty: nil) { db in
            guard try Schema.migrator.hasCompletedMigrations(db) else { return nil }
            return try StepsTable.newest(in: db)
        }
    }

    /// Walks over the manifest's rows at one moment. `start` gets that moment's revision first: 0 for an empty ledger.
    /// For a ledger of an earlier version, nothing is called, and the result is false.
    ///
    /// `row` may ask for what is known of the row's file.
    package static func rows(
        in directory: FilePath,
        start: (Int64) -> Void,
        row: (ManifestRow, _ record: () throws -> FileRecord?) throws -> Void
    ) throws -> Bool {
        let isRead = try reading(directory, ifEmpty: nil) { db -> Bool? in
            guard try Schema.migrator.hasCompletedMigrations(db) else { return false }
            start(try db.value(of: "revision"))
            try ManifestTable.walk(by: .section, in: db) { entry in
                try row(entry) { try FilesTable.record(of: entry.path, in: db) }
            }
            return true
        }
        if isRead == nil { start(0) }
        return isRead ?? true
    }

    private static func reading<Value>(
        _ directory: FilePath,
        ifEmpty nothing: Value,
        _ work: (Database) throws -> Value
    ) throws -> Value {
        let path = directory.appending(LedgerFile.name).string
        do {
            var configuration = GRDB.Configuration()
            configuration.label = "ledger outlook"
            configuration.readonly = true
            configuration.busyMode = .timeout(SQLiteLedger.busyTimeout)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { try Schema.isEmpty($0) ? nothing : work($0) }
        } catch {
            throw LedgerError.mapped(error, path: path)
        }
    }
}

extension KnownFile {
    init(_ path: FilePath, in db: Database) throws {
        let record = try FilesTable.record(of: path, in: db)
        self.init(
            record: record,
            row: try ManifestTable.row(of: path, in: db),
            steps: try StepsTable.steps(of: path, in: db),
            sameBytes: try ManifestTable.paths(sharing: path, limit: 32, in: db),
            pause: try record.flatMap { try PausesTable.pause(of: $0, in: db) }
        )
    }
}
