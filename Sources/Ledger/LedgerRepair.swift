import GRDB
import Glibc
import Pipeline
import SystemPackage

/// Puts a ledger that was rebuilt from the manifest in the place of one that is damaged or missing.
///
/// For the one process that has the state directory, with no ledger open. A kill at any moment leaves the damaged ledger
/// in place, or a whole new one, or ``SwapFiles/rebuilt``: then nobody opens a ledger until ``finish()`` was called.
package struct LedgerRepair: Sendable {
    /// How the ledger's file is.
    package enum Finding: Sendable, Equatable {
        case whole
        /// No file, or an empty one.
        case missing
        /// With what is wrong, for people.
        case damaged(String)
        /// A repair was broken off after the new ledger was whole, before it was in its place.
        case unfinished
    }

    private let files: SwapFiles

    package init(directory: FilePath) {
        files = SwapFiles(directory: directory)
    }

    /// What errors and people call the ledger.
    package var path: FilePath { files.ledger }

    /// Whether there is no ledger's file, or an empty one, as it is before the first table and as a crash of the machine
    /// may leave it.
    package var isMissing: Bool { !files.isSwapping && files.size(of: files.ledger) ?? 0 == 0 }

    /// Looks at the whole file and writes nothing.
    ///
    /// - Throws: ``LedgerError`` for a file that is not damaged but cannot be looked at, or is not ours to repair.
    package func look() throws -> Finding {
        if files.isSwapping { return .unfinished }
        if isMissing { return .missing }
        do {
            let path = try LedgerFile.prepare(in: files.directory)
            do {
                try LedgerCheck.run(path: path)
            } catch {
                throw LedgerError.mapped(error, path: path)
            }
        } catch let error as LedgerError where error.kind == .corrupt {
            return .damaged(error.finding)
        }
        return .whole
    }

    /// Builds a ledger of what the manifest tells, beside the damaged one, and makes it ready to take its place:
    /// ``finish()`` is to be called next.
    ///
    /// - Throws: ``LedgerError``; what was there before is as it was then.
    package func rebuild(from record: ManifestRecord, at time: Timestamp) throws {
        do {
            try files.makeBuilding()
            let queue = try DatabaseQueue(path: files.building.string, configuration: SQLiteLedger.configuration)
            try Schema.migrator.migrate(queue)
            // One transaction, synced; and not in WAL mode, so that all of it is in one file.
            try queue.write { try Restoration.write(record, at: time, in: $0) }
            try queue.inDatabase { try Schema.check($0, path: files.building.string) }
            try queue.close()
            try files.buildingIsWhole()
        } catch let error as Errno {
            throw LedgerError(.inputOutput, "\(files.building) cannot be made: \(error)", cause: error)
        } catch {
            throw LedgerError.mapped(error, path: files.building.string)
        }
    }

    /// Moves what is damaged aside, with its log, and the new ledger into its place. Begins where an earlier call was
    /// broken off.
    ///
    /// - Returns: the files that were kept: `outtray.db.damaged-<UTC time>` and those that belong to it.
    package func finish() throws -> [FilePath] {
        do {
            return try files.swap()
        } catch let error as Errno {
            throw LedgerError(.inputOutput, "\(files.rebuilt) cannot be moved into its place: \(error)", cause: error)
        }
    }
}
