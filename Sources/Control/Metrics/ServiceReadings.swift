import Pipeline

/// What the service tells when somebody asks for its metrics.
package struct ServiceReadings: Sendable {
    package var version: String
    /// The names of the folders in force.
    package var folders: [String] = []
    /// Files by folder and state. A folder of no name stands for files of no folder. Nil if they cannot be counted now.
    package var files: [String: [FileState: Int]]?
    /// By account: the cause that all its files wait for, or nil.
    package var accounts: [(name: String, blockedBy: WaitCause?)] = []
    package var ledgerBytes: Int64?
    package var revision: Int64?

    package init(version: String) {
        self.version = version
    }

    func all() -> [MetricReading] {
        [
            MetricReading(.buildInfo, [.init([("version", version)], 1)]),
            MetricReading(.files, filesByFolder),
            MetricReading(.accountBlocked, blocks),
            MetricReading(.ledgerBytes, ledgerBytes.map(Double.init)),
            MetricReading(.revision, revision.map(Double.init)),
        ]
    }

    /// All states of each folder in force, zeros included. Files of other folders count as of none.
    private var filesByFolder: [MetricReading.Value] {
        guard let files else { return [] }
        var counts = files.filter { folders.contains($0.key) }
        for folder in folders where counts[folder] == nil { counts[folder] = [:] }
        var others: [FileState: Int] = [:]
        for (folder, states) in files where !folders.contains(folder) { others.merge(states, uniquingKeysWith: +) }
        if !others.isEmpty { counts["", default: [:]] = others }
        return counts.sorted { $0.key < $1.key }.flatMap { folder, states in
            FileState.allCases.compactMap { state in
                if folder.isEmpty, states[state] == nil { return nil }
                return .init([("folder", folder), ("state", state.rawValue)], Double(states[state] ?? 0))
            }
        }
    }

    /// All causes of each account in force, zeros included. An account in force is never missing.
    private var blocks: [MetricReading.Value] {
        let causes = WaitCause.allCases.filter { $0.isOfAccount && $0 != .noAccount }
        return accounts.flatMap { account in
            causes.map { cause in
                .init([("account", account.name), ("cause", cause.rawValue)], account.blockedBy == cause ? 1 : 0)
            }
        }
    }
}
