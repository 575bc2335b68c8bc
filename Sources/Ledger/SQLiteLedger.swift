import GRDB
import Logging
import SystemPackage

/// The ledger in SQLite: the durable queue, what was asked of providers, and what the manifest shows.
///
/// The four protocols it fulfils stand in files of their own. Writes go through ``GroupCommit`` and are on disk when they
/// return; reads take one of the pool's read connections and see one consistent moment. Another process may read and
/// write beside us; both wait up to the busy timeout for one another.
///
/// Each step is durable before the next one begins. What a crash leads to, by the last step that was recorded (the names
/// are those of ``CrashPoint``, and the tests kill the process at each):
///
/// | recorded last | what it says | a restart |
/// |---|---|---|
/// | nothing, `classified` | the file is not known in this version | finds it by its first scan, and lets it settle |
/// | `settling-recorded` | it settles | the same |
/// | `queued`, `claimed` | it is queued, or uploading | queues it, due at once |
/// | `postponed` | it failed so often, and is due then | waits no longer than that |
/// | `intent-recorded`, `asked` | it was, or is to be, asked for | asks; see below |
/// | `ticket-recorded`, `piece-begun` | where the bytes go | sends them there, as long as those URLs live |
/// | `ticket-dropped` | those URLs were no good | asks |
/// | `bytes-recorded` | which bytes these are; the last is about to go | the same, or another file with these bytes does |
/// | `piece-answered` | the storage has a piece, not recorded yet | sends this piece again, to the same place |
/// | `piece-recorded` | the storage has a piece, and what it answered | sends the others alone |
/// | `all-sent`, `finished` | all pieces are there | finishes, once more if need be: finishing twice is allowed |
/// | `upload-recorded` | asset, entry and file, in one commit | has nothing to do but the manifest's files |
/// | `known-bytes-recorded` | the entry shows an asset that was there | the same |
/// | `rejection-recorded`, `gone-recorded` | why it is not up | the same |
/// | `returned-to-settling` | it changed while it was sent | lets it settle anew |
/// | `status-answered`, `status-recorded` | whether the asset can be used | asks for it again, until it can |
/// | `departure-looked` | the file is to leave | looks at it again |
/// | `set-aside`, `departure-cleared` | the same; it has a hidden name | finds that, looks at it, goes on or puts it back |
/// | `put-back` | it is to leave; it has a name again | looks at it, and makes the departure void |
/// | `aim-recorded` | where it goes | the same, or finds it there |
/// | `copied` | the same; beside that place lies a hidden copy | copies it again |
/// | `moved` | the same; it is there, as a copy or by its new name | takes the hidden name away, where it still has that |
/// | `departed` | it has left | records that, with the place where it is |
/// | `departure-recorded` | the path is gone, the entry not present | has nothing to do but the manifest's files |
/// | `journal-appended` | the journal may have changes that are kept here too | goes on behind the journal's last whole line |
/// | `journal-pruned` | the journal has all | the same |
/// | `replacement-synced`, `replacement-renamed` | a file of the manifest is about to be replaced, or is | writes it anew |
///
/// Two windows no client can close, as neither API has an idempotency key or tells which bytes it has:
/// - Between `intent-recorded` and `ticket-recorded`, a request may have been carried out whose answer is lost. The restart
///   asks again, and the provider keeps an asset without bytes.
/// - Between `piece-begun` and `piece-recorded`, all bytes may have arrived. They are sent again to the same place, which
///   changes nothing there: from this file, also touched or under another name, or from any file with the same bytes, as
///   `bytes-recorded` comes before the last of them goes. Only where the URLs have run out meanwhile, or no file has these
///   bytes within a day, is that asset left behind with bytes and no entry.
package struct SQLiteLedger: Sendable {
    /// What errors name.
    let path: String
    let database: any DatabaseWriter
    let commits: GroupCommit
    private let precheck: @Sendable () throws -> Void

    /// Opens or creates `outtray.db` in `directory`, which has to be there, and brings its tables up to date.
    ///
    /// Throws ``LedgerError``. A damaged file, one of a newer version and one of another program are refused and left as
    /// they are.
    package init(directory: FilePath, logger: Logger) throws {
        let path = try LedgerFile.prepare(in: directory)
        do {
            let identity = try LedgerIdentity(of: path)
            try LedgerCheck.run(path: path)
            let pool = try DatabasePool(path: path, configuration: Self.configuration)
            // Not in `prepareDatabase`: DatabasePool sets WAL and with it NORMAL after that.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA cache_size = -2048")
                // What the log file is cut to after a checkpoint, in bytes; a long read lets it grow.
                try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
            }
            // From here on each group of writes, and each read, looks whether it is still the file that was checked.
            try identity.check()
            try self.init(pool, path: path, precheck: identity.check)
        } catch {
            throw LedgerError.mapped(error, path: path)
        }
        logger.debug("ledger opened", metadata: ["ledger.path": "\(path)"])
    }

    /// The same on a database in memory that ends with the last copy of this value.
    package init(inMemory logger: Logger) throws {
        let path = "the ledger in memory"
        do {
            try self.init(try DatabaseQueue(configuration: Self.configuration), path: path)
        } catch {
            throw LedgerError.mapped(error, path: path)
        }
        logger.debug("ledger opened", metadata: ["ledger.path": "\(path)"])
    }

    private init(
        _ database: any DatabaseWriter,
        path: String,
        precheck: @escaping @Sendable () throws -> Void = {}
    ) throws {
        self.path = path
        self.database = database
        self.precheck = precheck
        commits = GroupCommit(database, precheck: precheck)
        try Schema.migrator.migrate(database)
    }

    /// Waits for the writes under way and closes the file; whatever is called afterwards throws ``LedgerError``.
    package func close() throws {
        do {
            // Readers first: DatabasePool closes its writer first, and then nobody is left who may move the log's content
            // into the database (SQLite does so when the last connection is closed).
            (database as? DatabasePool)?.releaseMemory()
            try database.close()
        } catch {
            throw LedgerError.mapped(error, path: path)
        }
    }

    /// Runs `body` in the next commit; other callers' writes may share it.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await commits.write(body)
        } catch {
            if (error as? DatabaseError)?.resultCode == .SQLITE_FULL { shrinkLog() }
            throw LedgerError.mapped(error, path: path)
        }
    }

    /// Moves the log's content into the database, as far as that fits, and gives its room back: on a full disk that room may
    /// be what the next try needs. A log grows to 4 MiB before SQLite does so by itself.
    private func shrinkLog() {
        database.asyncWriteWithoutTransaction { db in
            // Where it cannot be done now, the next failure tries it again.
            _ = try? db.checkpoint(.truncate)
        }
    }

    /// Runs `body` on a reader, off the shared pool, in a transaction of its own.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            // A read connection may be opened only now, and by path: it must not be one to another file.
            try precheck()
            return try await database.read(body)
        } catch {
            throw LedgerError.mapped(error, path: path)
        }
    }

    /// How long another process's transaction is waited for, in seconds; SQLite's default is to fail at once.
    static let busyTimeout = 5.0

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "ledger"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyTimeout)
        configuration.maximumReaderCount = 4
        // In KiB. Readers walk over the manifest or follow an index; what they read again the kernel has.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -512") }
        return configuration
    }
}
