import Control
import Foundation
import Glibc
import Ledger
import Logging
import Pipeline
import Providers
import SystemPackage

/// The state directory in this process's hands: made if missing, locked, with its ledger open.
struct Workplace: Sendable {
    let directory: FilePath
    let ledger: SQLiteLedger
    private let lock: StateLock

    /// Makes and locks the state directory, and opens its ledger. `committed` is told how long each commit took.
    ///
    /// - Throws: ``WorkplaceError``.
    init(
        _ configuration: Configuration,
        logger: Logger,
        committed: @escaping @Sendable (Duration) -> Void = { _ in }
    ) throws(WorkplaceError) {
        directory = configuration.stateDirectory
        try Self.create(directory, mode: 0o755)
        lock = try Self.lock(directory)
        try Self.refuseLostLedger(configuration)
        ledger = try Self.openLedger(directory, logger: logger, committed: committed)
        try Self.refuseOldLedger(configuration)
    }

    /// Closes the ledger, so that all of it is in its one file. Call it when all has ended well.
    ///
    /// A ledger that was found damaged, or is another file by now, stays as it is.
    func close() {
        // What could not be moved into the file stays in its log. The next start finds it there.
        try? ledger.close()
    }

    /// Looks at the ledger's whole file, changes nothing, and says in a few words what it is.
    ///
    /// - Throws: The error that keeps `outtray run` from starting with this ledger.
    static func ledgerState(_ configuration: Configuration) throws(WorkplaceError) -> String {
        try refuseLostLedger(configuration)
        let repair = LedgerRepair(directory: configuration.stateDirectory)
        switch try mapped({ try repair.inspect() }) {
        case .whole:
            try refuseOldLedger(configuration)
            return "\(repair.path) is whole"
        case .empty:
            try refuseOldLedger(configuration)
            return "\(repair.path) is empty: a start makes its tables"
        case .missing: return "none yet in \(configuration.stateDirectory)"
        case .damaged(let reason):
            throw .unusable("\(reason): run \"outtray check --repair\" with the service stopped")
        case .unfinished:
            throw .unusable("a repair was broken off: run \"outtray check --repair\" again")
        }
    }

    /// What a start would make of the accounts in the ledger: the account, and words for people.
    static func accountChanges(
        _ configuration: Configuration,
        keys: [String: Secret]
    ) throws(WorkplaceError) -> [(account: String, words: String)] {
        let accounts = configuration.accounts.map { account in
            ConfiguredAccount(name: account.name, identity: account.identity(key: keys[account.name] ?? Secret("")))
        }
        let folders = Dictionary(configuration.folders.map { ($0.name, $0.account) }) { first, _ in first }
        let changes = try mapped {
            try LedgerOutlook.changes(in: configuration.stateDirectory, accounts, folders: folders)
        }
        return changes.map { change in
            let words =
                switch change.kind {
                case .another(let files):
                    "it is another one than before: the files in its folders go up to it, \(files) of them"
                case .filesElsewhere(let files):
                    "files in its folders are up at another account, and go up to it, \(files) of them"
                case .unproven:
                    "its key is new: what is up counts again once an answer names the same owner; nothing is sent again"
                case .same: "it is the same under its new key"
                }
            return (change.account, words)
        }
    }

    /// Refuses to begin a new ledger beside a manifest that has a revision.
    ///
    /// Without its ledger, the manifest would begin anew, and all files would go up again.
    private static func refuseLostLedger(_ configuration: Configuration) throws(WorkplaceError) {
        let repair = LedgerRepair(directory: configuration.stateDirectory)
        guard repair.isMissing else { return }
        let plan = configuration.manifestPlan
        guard let record = try record(in: plan), record.revision > 0 else { return }
        throw .unusable(
            "\(repair.path) is missing or empty, and the manifest is not: run \"outtray check --repair\" with the service "
                + "stopped, or put back a copy; to start anew, move \(plan.snapshot) and \(plan.journal) aside, and all "
                + "files go up again"
        )
    }

    /// Refuses a ledger that is older than its manifest, as after a state directory was put back from a copy.
    ///
    /// It would upload again what went up since, and publish revisions a second time with other content.
    static func refuseOldLedger(_ configuration: Configuration) throws(WorkplaceError) {
        guard let age = try LedgerAge(of: configuration) else { return }
        throw .unusable(
            "\(age.words): run \"outtray check --repair\" with the service stopped, which takes up what went up since; "
                + "if the manifest is another state directory's, give this one a manifest.path of its own"
        )
    }

    /// The content of the manifest's two files; nil if neither is there.
    static func record(in plan: ManifestPlan) throws(WorkplaceError) -> ManifestRecord? {
        try reading(plan, ManifestRecord.init(reading:))
    }

    /// Reads the manifest's files. Their errors become those of the workplace.
    static func reading<Value>(
        _ plan: ManifestPlan,
        _ work: (ManifestPlan) throws -> Value
    ) throws(WorkplaceError) -> Value {
        do {
            return try work(plan)
        } catch let error as NotRegular {
            throw .unusable("\(plan.snapshot) or \(plan.journal) cannot be read: \(error)")
        } catch {
            throw .denied("\(plan.snapshot) or \(plan.journal) cannot be read: \(error)")
        }
    }

    /// Locks the state directory for this process alone, as long as the lock lives. The directory has to be there.
    static func lock(_ directory: FilePath) throws(WorkplaceError) -> StateLock {
        do {
            return try StateLock(directory)
        } catch {
            switch error {
            case .held: throw .held(error.description)
            case .failed(let reason, .readOnlyFileSystem):
                throw WorkplaceError(
                    "\(reason): \(words(for: .readOnlyFileSystem, at: directory))",
                    .readOnlyFileSystem
                )
            case .failed(let reason, let errno): throw WorkplaceError(reason, errno)
            }
        }
    }

    /// The ledger of a state directory that another process works with.
    static func ledgerOfAnother(_ configuration: Configuration, logger: Logger) throws(WorkplaceError) -> SQLiteLedger {
        try openLedger(configuration.stateDirectory, logger: logger)
    }

    private static func openLedger(
        _ directory: FilePath,
        logger: Logger,
        committed: @escaping @Sendable (Duration) -> Void = { _ in }
    ) throws(WorkplaceError) -> SQLiteLedger {
        try mapped { try SQLiteLedger(directory: directory, logger: logger, committed: committed) }
    }

    /// What a command says that reads the ledger and finds one of an earlier version.
    static let earlierLedger =
        "outtray: the ledger is of an earlier version: start the service once, it is brought up to date"

    /// Does work on the ledger. Its errors become those of the workplace.
    static func mapped<Value>(_ work: () throws -> Value) throws(WorkplaceError) -> Value {
        do {
            return try work()
        } catch let error as LedgerError {
            throw WorkplaceError(error)
        } catch {
            throw .unusable("\(error)")
        }
    }

    /// What keeps this user from writing to a directory, and what would mend it.
    private static func words(for error: Errno, at directory: FilePath) -> String {
        guard [.readOnlyFileSystem, .permissionDenied].contains(error) else { return "\(error)" }
        let surroundings = Surroundings(ProcessInfo.processInfo.environment)
        return DirectoryTrouble(error, at: directory, for: .write).words(for: directory, in: surroundings)
    }

    /// Makes a directory and those above it.
    static func create(_ directory: FilePath, mode: mode_t) throws(WorkplaceError) {
        if access(directory.string, F_OK) == 0 { return }
        let parent = directory.removingLastComponent()
        if parent != directory, !parent.isEmpty { try create(parent, mode: mode) }
        guard directory.withPlatformString({ mkdir($0, mode) }) == 0 || errno == EEXIST else {
            let failure = Errno(rawValue: errno)
            throw WorkplaceError("\(directory) cannot be made: \(words(for: failure, at: parent))", failure)
        }
    }
}

/// Why the state directory cannot be worked with.
enum WorkplaceError: Error, CustomStringConvertible {
    /// Another process works with it.
    case held(String)
    /// This user may not work with it.
    case denied(String)
    /// Not now: the disk is full, the disk fails, or another process has the ledger for a moment.
    case later(String)
    case unusable(String)

    init(_ error: LedgerError) {
        self =
            switch error.kind {
            case .cannotOpen, .readOnly: .denied("\(error)")
            case .full, .busy, .inputOutput: .later("\(error)")
            case .corrupt, .newerSchema, .replaced, .closed, .unknownAsset, .other: .unusable("\(error)")
            }
    }

    init(_ reason: String, _ errno: Errno) {
        self = [.permissionDenied, .notPermitted].contains(errno) ? .denied(reason) : .unusable(reason)
    }

    var description: String {
        switch self {
        case .held(let reason), .denied(let reason), .later(let reason), .unusable(let reason): reason
        }
    }
}
