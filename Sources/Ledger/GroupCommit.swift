import GRDB
import Threads

/// Writes of many callers in one transaction: whatever queued up while the last commit ran goes into the next one.
///
/// - No timer: a lone write is committed at once, and the busier the disk, the larger the groups.
/// - Each write has its own savepoint: one that throws rolls back alone and throws to its caller alone.
/// - Callers go on only after COMMIT has returned, so what they were told is on disk. If COMMIT fails, all of the group
///   get its error.
/// - Writes run in the order they came, on the database's own queue, off the shared pool. A cancelled task does not
///   take its write back: it waits for the commit like any other.
final class GroupCommit: Sendable {
    /// So that one transaction, and the wait of its first caller, has a bound.
    static let largestGroup = 512

    /// One caller's write. `run` returns what to do once the commit is through.
    private struct Job: Sendable {
        let run: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct Line {
        var jobs: [Job] = []
        /// Whether a commit is under way or about to start; it looks at the line again when it is through.
        var isMoving = false
    }

    private let database: any DatabaseWriter
    private let precheck: @Sendable () throws -> Void
    private let line = Mutex(Line())

    /// `precheck` is called before each transaction; what it throws fails the group, and nothing is written.
    init(_ database: any DatabaseWriter, precheck: @escaping @Sendable () throws -> Void = {}) {
        self.database = database
        self.precheck = precheck
    }

    /// How many writes wait for the commit that is under way to end.
    var waiting: Int { line.withLock { $0.jobs.count } }

    /// Runs `body` in the next transaction and returns when that is on disk.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            add(
                Job(
                    run: { db in
                        let value = try body(db)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { continuation.resume(throwing: $0) }
                )
            )
        }
    }

    private func add(_ job: Job) {
        let starts = line.withLock { line in
            line.jobs.append(job)
            defer { line.isMoving = true }
            return !line.isMoving
        }
        if starts { commitNext() }
    }

    /// One group a turn on the database's queue, so that closing it can come in between.
    private func commitNext() {
        database.asyncWriteWithoutTransaction { db in
            let group = self.line.withLock { line in
                let group = Array(line.jobs.prefix(Self.largestGroup))
                line.jobs.removeFirst(group.count)
                return group
            }
            self.commit(group, in: db)
            let goesOn = self.line.withLock { line in
                line.isMoving = !line.jobs.isEmpty
                return line.isMoving
            }
            if goesOn { self.commitNext() }
        }
    }

    private func commit(_ group: [Job], in db: Database) {
        var answers: [@Sendable () -> Void] = []
        do {
            try precheck()
            try db.inTransaction(.immediate) {
                for job in group { answers.append(try Self.run(job, in: db)) }
                return .commit
            }
        } catch {
            for job in group { job.fail(error) }
            return
        }
        for answer in answers { answer() }
    }

    /// Throws only when the whole transaction is lost: some errors (a full disk) make SQLite roll it back by itself.
    private static func run(_ job: Job, in db: Database) throws -> @Sendable () -> Void {
        var answer: @Sendable () -> Void = {}
        do {
            try db.inSavepoint {
                answer = try job.run(db)
                return .commit
            }
            return answer
        } catch {
            guard db.isInsideTransaction else { throw error }
            return { job.fail(error) }
        }
    }
}
