import Control
import Pipeline
import Providers
import SystemPackage
import Watch

/// The content of the configuration file, with the defaults filled in. The defaults stand here; `etc/outtray.yaml`
/// shows them.
struct Configuration: Sendable {
    struct Manifest: Sendable {
        /// Default: `manifest.json` in the state directory.
        var path: FilePath
        /// Default: `manifest.ndjson` in the state directory. If `path` is given: beside it, with the same stem.
        var journal: FilePath
        var interval: Duration = .seconds(1)
        /// How long the entry of a file that left stays; nil: forever.
        var keepGone: Duration?
        /// Permission of both files.
        var mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
        var places: ConfigurationPlaces
    }

    struct Account: Sendable {
        var name: String
        var provider: AccountProvider
        /// The settings without the API key. The content of `ca_file` is that of the moment when the configuration was
        /// read. Other content makes another configuration.
        var settings: any ProviderSettings
        /// The keys that say whom the bytes go to, with their values. A key of another provider is of no use here, but
        /// counts, as it always did: ledgers hold digests of it.
        var targets: [String: String]
        var key: KeySource
        /// Files at a time.
        var concurrency = 4
        var rate: [CallRate]
        /// The provider's own limit on writes. Only if `rate` is not given.
        var writeRate: [CallRate]
        var bandwidth = Bandwidth.unlimited
        var limits: SizeLimits
        /// The user's, for pixels and durations. What a provider publishes of these only warns.
        var rules = MediaRules.none
        var places: ConfigurationPlaces
    }

    struct Folder: Sendable {
        var name: String
        var path: FilePath
        var account: String
        var recursive = true
        var watch = WatchMode.auto
        /// ``shortestPoll`` to ``longestPoll``.
        var pollInterval: Duration = .seconds(2)
        var settle: Duration = .seconds(2)
        /// The times for names that match a pattern, in the file's order.
        var settleTimes: [(pattern: String, settle: Duration)] = []
        var settleRenamed: Duration = .milliseconds(250)
        /// How long after its mtime a file goes up.
        var minAge = Duration.zero
        /// The ending of markers; nil if no file needs one.
        var done: DoneSuffix?
        /// Patterns on top of the defaults.
        var ignore: [String] = []
        /// Whether these patterns, and those of `.outtrayignore` files, match in any case.
        var ignoreCase = false
        /// Patterns for the names of sidecars.
        var sidecars: [String] = []
        /// The folder's own. They can lower the account's limits, and narrow its rules.
        var limits = SizeLimits()
        var rules = MediaRules.none
        /// The types that it takes; nil for all that the account's provider takes.
        var accept: [MIMERange]?
        var afterUpload: AfterUpload = .keep
        /// What becomes of files that lie there at the first look.
        var existing: ExistingFiles = .upload
        /// The provider's own folder for its files; nil for the account's.
        var library: String?
        /// Whether people may put files into it by the page.
        var acceptsDrops = false
        var places: ConfigurationPlaces
    }

    struct Hook: Sendable {
        enum Action: Hashable, Sendable {
            /// The program and its arguments.
            case command([String])
            case webhook(url: String, secret: KeySource?, allowsPrivate: Bool)
        }

        var name: String
        var trigger: HookTrigger
        /// Nil for the files of all folders.
        var folder: String?
        var action: Action
        var timeout: Duration = .seconds(30)
        /// Runs at a time.
        var concurrency = 4
        var places: ConfigurationPlaces
    }

    /// A TCP listener for a part of the API.
    struct Listen: Sendable {
        /// Where certificate and key lie.
        struct TLS: Sendable {
            var certificate: KeySource
            var key: KeySource
        }

        var address: ListenAddress
        var serves: Set<ServedPart>
        var token: KeySource?
        var tls: TLS?
        /// Whether a proxy before it speaks TLS.
        var isBehindProxy = false
        var hosts: [HostName] = []
        var places: ConfigurationPlaces

        static let usualAddress = "127.0.0.1:8385"
    }

    /// Several hosts that share the contents of their accounts. The defaults of what is not here are those of
    /// ``FleetPlan``.
    struct Fleet: Sendable {
        /// How libpq reaches the database.
        var database: String
        /// Nil for the machine's name.
        var host: String?
        /// The fleet's name of each account that is not called in the fleet as it is here.
        var accounts: [String: String] = [:]
        var whenUnreachable = UnreachableRule()
        /// ``shortestTakeOver`` to ``longestTakeOver``.
        var takeOverAfter: Duration = .seconds(60)
        /// Default: `fleet.json` in the state directory.
        var manifest: FilePath
        var places: ConfigurationPlaces

        /// Beside the snapshot, under its name with the ending `ndjson`.
        var journal: FilePath {
            manifest.removingLastComponent().appending("\(manifest.stem ?? "fleet").ndjson")
        }
    }

    var stateDirectory: FilePath
    var manifest: Manifest
    var accounts: [Account]
    var folders: [Folder]
    /// Of the top level, then of each folder.
    var hooks: [Hook]
    /// Nil: nothing listens over TCP.
    var listen: Listen?
    /// Nil: this host is on its own.
    var fleet: Fleet?
    /// How long uploads under way may take to finish after SIGTERM. ``longestShutdown`` at most.
    var shutdownTimeout: Duration = .seconds(10)
    /// How fast all accounts' bytes together may go out.
    var bandwidth = Bandwidth.unlimited
    /// Of the top level.
    var places: ConfigurationPlaces

    /// Looks that follow each other faster cost more than they tell: files go up after they have settled.
    static let shortestPoll = Duration.milliseconds(100)
    /// Everything is looked through once an hour in any case.
    static let longestPoll = Duration.seconds(60 * 60)

    /// Three heartbeats of a host. One that is late by two is not dead.
    static let shortestTakeOver = Duration.seconds(15)
    static let longestTakeOver = Duration.seconds(60 * 60)

    /// Who waits longer than this for an end believes that the service hangs.
    static let longestShutdown = Duration.seconds(10 * 60)

    func account(_ name: String) -> Account? {
        accounts.first { $0.name == name }
    }
}
