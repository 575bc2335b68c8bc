import Control
import Glibc
import Ledger
import Pipeline
import Watch

// Where the facts of a status come from: the running service, or its ledger alone.

extension ServiceFacts {
    /// What the running service knows. The ledger is asked for no file.
    static func of(_ control: ServiceControl) async throws -> ServiceFacts {
        let pipeline = control.pipeline
        var facts = ServiceFacts(version: control.version, host: Host.name, now: .now())
        facts.process = (Int(getpid()), control.startedAt)
        facts.refusedConfiguration = control.refusal()
        facts.listener = control.listener.condition
        facts.folders = pipeline.folderConditions.map(FolderFacts.init)
        facts.accounts = await pipeline.accountConditions
        facts.pauses = pipeline.pauses
        facts.closedRecords = pipeline.closedRecords
        facts.fleet = pipeline.fleetCondition
        let board = pipeline.board
        facts.uploads = board.uploads
        facts.bytesPerSecond = board.bytesPerSecond
        facts.filesLastMinute = board.filesLastMinute
        facts.lastUploaded = board.lastUploaded
        facts.lastError = board.lastError
        facts.lastByFolder = board.lastByFolder
        // What the ledger does not tell now is left out: a full disk must not keep the status from saying so.
        if let (tallies, oldest) = try? await control.ledger.waits() {
            facts.tallies = tallies
            facts.oldest = oldest
        }
        if let staying = try? await pipeline.stayingFiles() { facts.staying = staying }
        if let hooks = try? await pipeline.hookStandings { facts.hooks = hooks }
        facts.revision = try? await control.ledger.revision()
        facts.writtenRevision = await pipeline.writtenRevision
        facts.ledgerBytes = control.ledger.bytes
        facts.freeBytes = FreeSpace(at: control.stateDirectory)?.bytes
        return facts
    }

    /// What the ledger knows while no service runs; nil for a ledger of an earlier version.
    static func ofLedger(_ configuration: Configuration, version: String) throws -> ServiceFacts? {
        guard let (tallies, oldest, revision) = try LedgerOutlook.waits(in: configuration.stateDirectory) else {
            return nil
        }
        var facts = ServiceFacts(version: version, host: Host.name, now: .now())
        facts.folders = configuration.folders.map { folder in
            FolderFacts(name: folder.name, path: folder.path, account: folder.account)
        }
        facts.tallies = tallies
        facts.oldest = oldest
        facts.revision = revision
        facts.freeBytes = FreeSpace(at: configuration.stateDirectory)?.bytes
        return facts
    }
}

extension ServiceFacts.FolderFacts {
    fileprivate init(_ condition: FolderCondition) {
        self.init(
            name: condition.name,
            path: condition.path,
            account: condition.account,
            condition: condition,
            lastScan: condition.watch.lastScan.map(Timestamp.init(instant:)),
            nextScan: condition.watch.nextScan.map(Timestamp.init(instant:))
        )
    }
}

extension Timestamp {
    /// The wall time of a moment of the monotonic clock, by the wall clock as it is now.
    fileprivate init(instant: ContinuousClock.Instant) {
        self = .now().advanced(by: ContinuousClock.now.duration(to: instant))
    }
}
