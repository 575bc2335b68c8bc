import GRDB
import Threads

/// Runs the writes of many callers in one transaction. Writes that queue up during a commit go into the next one.
///
/// - A lone write is committed at once. After a commit of several writes, the next one begins a moment later
///   (``pause(after:took:)``). Each commit writes the same pages anew, so more writes are to share them.
/// - A write that throws rolls back alone and throws to its caller alone. The others of its group run once more then.
///   So a write changes nothing but the database.
/// - A caller goes on only after COMMIT has returned, so its result is on disk. If COMMIT fails, the whole group gets
///   the error.
/// - Writes run in the order they came, on the database's own queue, off the shared pool.
/// - A cancelled task does not take its write back. It waits for the commit like any other task.
final class GroupCommit: Sendable {
    /// The most writes in one transaction. It bounds the transaction, and the wait of its first caller.
    static let largestGroup = 512

    /// One caller's write. `run` returns what to call after the commit.
    private struct Job: Sendable {
        let run: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct Line {
        var jobs: [Job] = []
        /// Whether a commit is under way or about to start. At its end the commit looks at the line again.
        var isMoving = false
        /// The next transaction does not begin before.
        var start = ContinuousClock.now
    }

    private let database: any DatabaseWriter
    private let precheck: @Sendable () throws -> Void
    private let committed: @Sendable (Duration) -> Void
    private let hold: @Sendable (ContinuousClock.Instant) -> Void
    private let line = Mutex(Line())

    /// `precheck` runs before each transaction. If it throws, the group gets the error and nothing is written.
    ///
    /// `committed` is told how long a transaction took that is on disk. It must not block. `hold` holds up the
    /// database's queue until a transaction may begin.
    init(
        _ database: any DatabaseWriter,
        precheck: @escaping @Sendable () throws -> Void = {},
        committed: @escaping @Sendable (Duration) -> Void = { _ in },
        hold: @escaping @Sendable (ContinuousClock.Instant) -> Void = nap(until:)
    ) {
        self.database = database
        self.precheck = precheck
        self.committed = committed
        self.hold = hold
    }

    /// How long the next transaction waits for more writes, after one with so many writes that took so long.
    static func pause(after writes: Int, took: Duration) -> Duration {
        writes < fewestBusy ? .zero : min(took * pauseFactor, longestPause)
    }

    /// So many writes in one transaction show that many callers are at work. Each of them waits for others anyway.
    private static let fewestBusy = 3
    /// With a pause as long as the commit, and 1 ms at most, a pass over 5,000 short files takes longer (measured).
    private static let pauseFactor = 8
    private static let longestPause = Duration.milliseconds(8)

    /// How many writes wait for the commit under way to end.
    var waiting: Int { line.withLock { $0.jobs.count } }

    /// Runs `body` in the next transaction. Returns when that transaction is on disk.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            write(body) { continuation.resume(with: $0) }
        }
    }

    /// The same for a caller that does not wait. `answer` is called after the commit, and must not block.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let run: @Sendable (Database) throws -> @Sendable () -> Void = { db in
            let value = try body(db)
            return { answer(.success(value)) }
        }
        add(Job(run: run, fail: { answer(.failure($0)) }))
    }

    private func add(_ job: Job) {
        let starts = line.withLock { line in
            line.jobs.append(job)
            defer { line.isMoving = true }
            return !line.isMoving
        }
        if starts { commitNext() }
    }

    /// Commits one group a turn on the database's queue. A call that closes the database can so come in between.
    private func commitNext() {
        database.asyncWriteWithoutTransaction { db in
            self.hold(self.line.withLock { $0.start })
            let group = self.line.withLock { line in
                let group = Array(line.jobs.prefix(Self.largestGroup))
                line.jobs.removeFirst(group.count)
                return group
            }
            let begun = ContinuousClock.now
            self.commit(group, in: db)
            let end = ContinuousClock.now
            let goesOn = self.line.withLock { line in
                line.start = end.advanced(by: Self.pause(after: group.count, took: begun.duration(to: end)))
                line.isMoving = !line.jobs.isEmpty
                return line.isMoving
            }
            if goesOn { self.commitNext() }
        }
    }

    private func commit(_ group: [Job], in db: Database) {
        let begun = ContinuousClock.now
        do {
            try precheck()
            let answers = try runAll(group, in: db)
            committed(begun.duration(to: .now))
            for answer in answers { answer() }
        } catch {
            for job in group { job.fail(error) }
        }
    }

    /// Runs the group in one transaction. Returns what to call now that it is on disk.
    private func runAll(_ group: [Job], in db: Database) throws -> [@Sendable () -> Void] {
        var answers: [@Sendable () -> Void] = []
        var hasThrown = false
        do {
            try db.inTransaction(.immediate) {
                do {
                    answers = try group.map { try $0.run(db) }
                } catch {
                    hasThrown = true
                    throw error
                }
                return .commit
            }
            return answers
        } catch {
            tellRollback(of: db)
            guard hasThrown, group.count > 1 else { throw error }
        }
        // Once more, with a savepoint for each write. That is rare, and savepoints would cost each group time.
        do {
            try db.inTransaction(.immediate) {
                answers = try group.map { try Self.run($0, in: db) }
                return .commit
            }
            return answers
        } catch {
            tellRollback(of: db)
            throw error
        }
    }

    /// Lets GRDB see that SQLite has rolled back by itself, as on a full disk. Our own statements do not tell it, and
    /// it would count the next transaction as a second one within the first.
    private func tellRollback(of db: Database) {
        if !db.isInsideTransaction { try? db.execute(sql: "SELECT 1") }
    }

    /// Throws only if the whole transaction is lost. Some errors, such as a full disk, make SQLite roll it back by
    /// itself.
    private static func run(_ job: Job, in db: Database) throws -> @Sendable () -> Void {
        do {
            try db.run("SAVEPOINT job")
            let answer = try job.run(db)
            try db.run("RELEASE job")
            return answer
        } catch {
            guard db.isInsideTransaction else { throw error }
            try db.run("ROLLBACK TO job")
            try db.run("RELEASE job")
            return { job.fail(error) }
        }
    }
}
