import SystemPackage

/// The configuration of the fleet: several hosts that share the contents of their accounts by one database.
package struct FleetPlan: Equatable, Sendable {
    /// How libpq reaches the database: `key=value` words or a URL. Holds no password.
    package let database: String
    /// The name of this host, as people see it. The host's identity is its ``HostID``.
    package let host: String
    /// The fleet's names of the accounts, by the accounts' names in the configuration. Each account has one.
    package let accounts: [String: String]
    package let whenUnreachable: UnreachableRule
    /// How long a host must be silent before another one goes on with its uploads.
    package let takeOverAfter: Duration
    /// The snapshot of all hosts' entries.
    package let manifest: FilePath
    /// The journal of all hosts' entries.
    package let journal: FilePath

    package init(
        database: String,
        host: String,
        accounts: [String: String],
        whenUnreachable: UnreachableRule = UnreachableRule(),
        takeOverAfter: Duration = .seconds(60),
        manifest: FilePath,
        journal: FilePath
    ) {
        self.database = database
        self.host = host
        self.accounts = accounts
        self.whenUnreachable = whenUnreachable
        self.takeOverAfter = takeOverAfter
        self.manifest = manifest
        self.journal = journal
    }
}

/// What becomes of files that are not known to be up while the fleet's database cannot be reached.
package struct UnreachableRule: Equatable, Sendable {
    package enum Course: String, CaseIterable, Sendable {
        /// They go up, unclaimed. Two hosts may then send the same bytes.
        case upload
        /// They wait for the database.
        case wait
    }

    /// How long they wait in any case. The host that a content falls to waits so long, and each other one longer.
    package let wait: Duration
    package let then: Course

    package init(wait: Duration = .seconds(30), then: Course = .upload) {
        self.wait = wait
        self.then = then
    }
}
