import GRDB
import Glibc
import Pipeline
import SystemPackage

/// Replaces a damaged or missing ledger by a ledger rebuilt from the manifest. Brings an old one up to the manifest.
///
/// For the one process that holds the state directory, with no ledger open. A kill at any moment leaves the damaged
/// ledger in place, or a whole new one, or ``SwapFiles/rebuilt``. With ``SwapFiles/rebuilt`` there, nobody opens a
/// ledger before ``finish()`` was called.
package struct LedgerRepair: Sendable {
    /// What a look at the ledger's file found.
    package enum Condition: Sendable, Equatable {
        case whole
        /// Nothing is in it: its first start was killed. The next start makes it.
        case empty
        /// There is no file, or an empty one.
        case missing
        /// The file is damaged. The text says how, for people.
        case damaged(String)
        /// A repair was broken off after the new ledger was whole, before it was in its place.
        case unfinished
    }

    private let files: SwapFiles

    package init(directory: FilePath) {
        files = SwapFiles(directory: directory)
    }

    /// The ledger's path, for errors and for people.
    package var path: FilePath { files.ledger }

    /// Whether the ledger's file is missing or empty. The file is empty before its first table is made, and may be
    /// empty after a crash of the machine. False if nobody can tell: to open the file then says why.
    package var isMissing: Bool {
        !files.isSwapping && (files.isAbsent(files.ledger) || files.size(of: files.ledger) == 0)
    }

    /// Looks at the whole file and leaves a damaged one's content alone. Gives the file mode 0600 if others can read
    /// it. Rolls back a first start that was broken off.
    ///
    /// - Throws: ``LedgerError`` for a file that is not damaged but cannot be looked at, or is not ours to repair.
    package func inspect() throws -> Condition {
        if files.isSwapping { return .unfinished }
        if isMissing { return .missing }
        do {
            let path = try LedgerFile.prepare(in: files.directory)
            do {
                if try LedgerCheck.run(path: path) { return .empty }
            } catch {
                throw LedgerError.mapped(error, path: path)
            }
        } catch let error as LedgerError where error.kind == .corrupt {
            return .damaged(error.finding)
        }
        return .whole
    }

    /// Builds a ledger from the manifest's record beside the damaged one, ready to take its place. Call ``finish()``
    /// next. Returns what the damaged one still tells, and no manifest has.
    ///
    /// - Throws: ``LedgerError``. The ledger that was there before is then as it was.
    @discardableResult
    package func rebuild(from record: ManifestRecord, at time: Timestamp) throws -> Salvage {
        let salvage = salvage()
        do {
            try files.makeBuilding()
            let queue = try DatabaseQueue(path: files.building.string, configuration: SQLiteLedger.configuration)
            try Schema.migrator.migrate(queue)
            // One transaction, synced. WAL mode is off, so that the whole ledger is in one file.
            try queue.write { db in
                try Restoration.write(record, at: time, in: db)
                try salvage.put(in: db)
            }
            try queue.inDatabase { try Schema.check($0, path: files.building.string) }
            try queue.close()
            try files.buildingIsWhole()
            return salvage
        } catch let error as Errno {
            throw LedgerError(.inputOutput, "\(files.building) cannot be made: \(error)", cause: error)
        } catch {
            throw LedgerError.mapped(error, path: files.building.string)
        }
    }

    /// What the damaged ledger still tells.
    ///
    /// `immutable` keeps SQLite from the log and from any write: the damaged files stay as they are
    /// (https://www.sqlite.org/uri.html). An SQLite that takes no such name finds no file.
    private func salvage() -> Salvage {
        if isMissing { return Salvage() }
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        let marks = ["%": "%25", "?": "%3f", "#": "%23"]
        let path = files.ledger.string.map { marks[String($0)] ?? String($0) }.joined()
        let queue = try? DatabaseQueue(path: "file:\(path)?immutable=1", configuration: configuration)
        return (try? queue?.read { Salvage(from: $0) }) ?? Salvage()
    }

    /// Takes up what the manifest tells and an old ledger does not know, in one transaction. See
    /// ``Restoration/takeUp(_:at:in:)``.
    ///
    /// - Throws: ``LedgerError``. The ledger is then as it was.
    package func takeUp(_ record: ManifestRecord, at time: Timestamp) throws -> TakenUp {
        do {
            let path = try LedgerFile.prepare(in: files.directory)
            let queue = try DatabaseQueue(path: path, configuration: SQLiteLedger.configuration)
            try Schema.migrator.migrate(queue)
            let result = try queue.write { db in
                let result = try Restoration.takeUp(record, at: time, in: db)
                try db.checkForeignKeys()
                return result
            }
            try queue.close()
            return result
        } catch {
            throw LedgerError.mapped(error, path: files.ledger.string)
        }
    }

    /// Moves the damaged ledger aside, with its log, and the new ledger into its place. Resumes where an earlier call
    /// was broken off.
    ///
    /// - Returns: the files that were kept: `outtray.db.damaged-<UTC time>` and the files that belong to it.
    package func finish() throws -> [FilePath] {
        do {
            return try files.swap()
        } catch let error as Errno {
            throw LedgerError(.inputOutput, "\(files.rebuilt) cannot be moved into its place: \(error)", cause: error)
        }
    }
}
