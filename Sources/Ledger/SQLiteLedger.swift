import GRDB
import Logging
import SystemPackage

/// The ledger in SQLite: the durable queue, the requests to providers, and the content of the manifest.
///
/// Each of the six protocols that it fulfils has its own extension, but ``FileQueue`` has three: one for Settle
/// (`+Settling`), one for workers (`+Claims`), one for the rest. ``AccountBook`` fulfils a seventh. Writes go through
/// ``GroupCommit`` and are on disk when they return. Reads take one of the pool's read connections and see one
/// consistent moment. Another process may read and write at the same time; each waits for the other up to the busy
/// timeout.
///
/// Each step is durable before the next one begins. `docs/architecture.md` has a table of what a restart does after
/// each step, and names the two windows that no client can close.
package struct SQLiteLedger: Sendable {
    /// The ledger's path, as errors name it.
    let path: String
    let database: any DatabaseWriter
    let commits: GroupCommit
    private let precheck: @Sendable () throws -> Void
    /// Nil for a ledger in memory.
    private let seal: LedgerSeal?

    /// Opens or creates `outtray.db` in `directory`, and brings its tables up to date. The directory must exist.
    ///
    /// Throws ``LedgerError``. Refuses a damaged file, a file of a newer version, and a file of another program. Such a
    /// file is left as it is.
    ///
    /// `committed` is told how long each commit took. It must not block.
    package init(
        directory: FilePath,
        logger: Logger,
        committed: @escaping @Sendable (Duration) -> Void = { _ in }
    ) throws {
        let path = try LedgerFile.prepare(in: directory)
        do {
            let identity = try LedgerIdentity(of: path)
            try LedgerCheck.runAtStart(path: path)
            let pool = try DatabasePool(path: path, configuration: Self.configuration)
            // Not in `prepareDatabase`: DatabasePool sets WAL after that, and with it `synchronous = NORMAL`.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA cache_size = -2048")
                // A checkpoint cuts the log file to this many bytes. A long read lets the log grow.
                try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
            }
            // From here on each group of writes, and each read, checks that the path still leads to this file.
            try identity.check()
            try self.init(pool, path: path, seal: LedgerSeal(of: path), precheck: identity.check, committed: committed)
        } catch {
            throw LedgerError.mapped(error, path: path)
        }
        logger.debug("ledger opened", metadata: ["ledger.path": "\(path)"])
    }

    /// Opens a ledger in memory. It ends with the last copy of this value.
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
        seal: LedgerSeal? = nil,
        precheck: @escaping @Sendable () throws -> Void = {},
        committed: @escaping @Sendable (Duration) -> Void = { _ in }
    ) throws {
        self.path = path
        self.database = database
        self.seal = seal
        self.precheck = precheck
        commits = GroupCommit(database, precheck: precheck, committed: committed)
        try Schema.migrator.migrate(database)
    }

    /// Waits for the writes under way, closes the file and seals it, so that the next start need not read all of it.
    /// Every later call throws ``LedgerError``.
    package func close() throws {
        do {
            // Readers first: DatabasePool closes its writer first, and no reader may move the log's content into the
            // database. SQLite moves it when the last connection is closed.
            (database as? DatabasePool)?.releaseMemory()
            try database.close()
            try precheck()
            seal?.put()
        } catch {
            throw noted(LedgerError.mapped(error, path: path))
        }
    }

    /// The same error. A damaged file is not sealed.
    private func noted(_ error: any Error) -> any Error {
        if (error as? LedgerError)?.kind == .corrupt { seal?.spoil() }
        return error
    }

    /// Runs `body` in the next commit. Writes of other callers may share that commit.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await commits.write(body)
        } catch {
            if (error as? DatabaseError)?.resultCode == .SQLITE_FULL { shrinkLog() }
            throw noted(LedgerError.mapped(error, path: path))
        }
    }

    /// Moves as much of the log as fits into the database, and gives its room back. On a full disk the next try may
    /// need that room. SQLite by itself does so only at a log of 4 MiB.
    private func shrinkLog() {
        database.asyncWriteWithoutTransaction { db in
            // If that fails now, the next failed write tries it again.
            _ = try? db.checkpoint(.truncate)
        }
    }

    /// Runs `body` on a reader, off the shared pool, in a transaction of its own.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            // GRDB may open a read connection only now, by path. It must not lead to another file.
            try precheck()
            return try await database.read(body)
        } catch {
            throw noted(LedgerError.mapped(error, path: path))
        }
    }

    /// How long to wait for another process's transaction, in seconds. By default SQLite fails at once.
    static let busyTimeout = 5.0

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "ledger"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyTimeout)
        configuration.maximumReaderCount = 4
        // In KiB. Readers walk over the manifest or follow an index. The kernel caches what they read again.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -512") }
        return configuration
    }
}
