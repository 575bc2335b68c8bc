import Pipeline
import SystemPackage

/// All facts of one moment that a ``StatusReport`` is made from.
package struct ServiceFacts: Sendable {
    package var version: String
    package var host: String
    package var now: Timestamp
    /// Nil without a service.
    package var process: (pid: Int, startedAt: Timestamp)?
    package var isStopping = false
    package var folders: [FolderFacts] = []
    package var accounts: [AccountCondition] = []
    /// Nil if the ledger does not tell now.
    package var tallies: [FileTally]?
    package var oldest: [StoredWait: Timestamp] = [:]
    package var uploads: [UploadBoard.Upload] = []
    package var bytesPerSecond = 0.0
    package var filesLastMinute: Int64 = 0
    package var lastUploaded: UploadBoard.Word?
    package var lastError: UploadBoard.Word?
    package var lastByFolder: [String: UploadBoard.Word] = [:]
    /// Why nothing can be recorded, and for how long by now.
    package var closedRecords: (reason: String, lasts: Duration)?
    /// Uploaded files that cannot leave their folders.
    package var staying: StayingFiles = .none
    package var hooks: [HookStanding] = []
    /// What a person paused.
    package var pauses: [Pause] = []
    /// Nil if nothing is to listen over TCP.
    package var listener: ListenerCondition?
    /// Nil without a fleet, and without a service.
    package var fleet: FleetCondition?
    /// Why the last new configuration was not taken.
    package var refusedConfiguration: String?
    package var ledgerBytes: Int64?
    package var freeBytes: Int64?
    package var revision: Int64?
    package var writtenRevision: Int64?

    /// A folder of the configuration, and how it is watched; nil without a service.
    package struct FolderFacts: Sendable {
        package var name: String
        package var path: FilePath
        package var account: String
        package var condition: FolderCondition?
        /// Wall time of the last and the next scan.
        package var lastScan: Timestamp?
        package var nextScan: Timestamp?

        package init(
            name: String,
            path: FilePath,
            account: String,
            condition: FolderCondition? = nil,
            lastScan: Timestamp? = nil,
            nextScan: Timestamp? = nil
        ) {
            self.name = name
            self.path = path
            self.account = account
            self.condition = condition
            self.lastScan = lastScan
            self.nextScan = nextScan
        }
    }

    package init(version: String, host: String, now: Timestamp) {
        self.version = version
        self.host = host
        self.now = now
    }

    /// What waiting files wait for now.
    package var outlook: WaitOutlook {
        process == nil
            ? .ofLedger : WaitOutlook(accounts, folders.compactMap(\.condition), areRecordsClosed: closedRecords != nil)
    }

    /// What a file waits for now; nil if it does not wait.
    package func cause(of record: FileRecord) -> WaitCause? {
        uploads.contains { $0.path == record.path && $0.phase == .pace } ? .pace : outlook.cause(of: record)
    }

    /// The groups of the ledger whose files wait for this cause now.
    package func waits(for cause: WaitCause) -> [StoredWait] {
        let outlook = outlook
        let fitting = (tallies ?? []).filter { tally in
            tally.wait.map { outlook.cause(of: $0, in: tally.folder) == cause } == true
        }
        return Array(Set(fitting.compactMap(\.wait)))
    }

    /// The files that wait, by what they wait for now and by account.
    package var waits: [WaitGroup] {
        var groups: [WaitGroup.Key: WaitGroup] = [:]
        for tally in tallies ?? [] {
            guard let wait = tally.wait else { continue }
            let key = WaitGroup.Key(cause: outlook.cause(of: wait, in: tally.folder), account: tally.account)
            // The oldest of a group may lie in a paused folder, and the rest in another.
            let since = outlook.pausedFolders.isEmpty || wait.state == .settling ? oldest[wait] : nil
            groups[key, default: WaitGroup(key: key)].add(tally, since: since)
        }
        for account in accounts where account.waitingForPace > 0 {
            let key = WaitGroup.Key(cause: .pace, account: account.name)
            let waiting = uploads.filter { $0.account == account.name && $0.phase == .pace }
            guard !waiting.isEmpty else { continue }
            var group = WaitGroup(key: key)
            group.files = waiting.count
            group.bytes = waiting.reduce(0) { $0 + $1.bytes }
            group.oldest = waiting.map(\.begun).min()
            groups[key] = group
        }
        return groups.values.sorted { ($0.files, $0.key.text) > ($1.files, $1.key.text) }
    }
}

/// Files of one account that wait for one cause.
package struct WaitGroup: Sendable, Equatable {
    package struct Key: Hashable, Sendable {
        package let cause: WaitCause
        package let account: String?

        fileprivate var text: String { "\(cause.rawValue) \(account ?? "")" }
    }

    package let key: Key
    package var files = 0
    package var bytes: Int64 = 0
    /// Since when the file waits that has waited longest.
    package var oldest: Timestamp?

    fileprivate mutating func add(_ tally: FileTally, since time: Timestamp?) {
        files += tally.files
        bytes += tally.bytes
        oldest = [oldest, time].compactMap(\.self).min()
    }
}
