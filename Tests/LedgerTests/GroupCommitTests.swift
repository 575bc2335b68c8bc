import Dispatch
import GRDB
import Glibc
import TestSupport
import Testing
import Threads

@testable import Ledger

@Suite struct GroupCommitTests {
    private struct Refused: Error {}

    private let database: DatabaseQueue
    private let commits: GroupCommit
    private let counter = CommitCounter()

    init() throws {
        database = try DatabaseQueue()
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE parents (id INTEGER PRIMARY KEY);
                    CREATE TABLE items (
                        place INTEGER PRIMARY KEY,
                        number INTEGER NOT NULL,
                        parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED
                    );
                    """
            )
        }
        database.add(transactionObserver: counter, extent: .databaseLifetime)
        commits = GroupCommit(database)
    }

    @Test(.timeLimit(.minutes(5)))
    func `writes that queue up while one commits share the next transaction, in the order they came`() async throws {
        try await whileOneCommits { group in
            for number in 1...20 { try await add(to: &group) { try insert(number, into: $0) } }
        }

        #expect(counter.count == 2)
        #expect(try await numbers() == Array(0...20))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a write that throws rolls back alone and throws to its caller alone`() async throws {
        let failed = try await whileOneCommits { group in
            try await add(to: &group) { try insert(1, into: $0) }
            try await add(to: &group) { db in
                try insert(2, into: db)
                throw Refused()
            }
            try await add(to: &group) { try insert(3, into: $0) }
        }

        #expect(failed == 1)
        #expect(counter.count == 2)
        #expect(try await numbers() == [0, 1, 3])
    }

    @Test(.timeLimit(.minutes(5)))
    func `when COMMIT fails all callers of the group get the error, and the next group goes on`() async throws {
        let failed = try await whileOneCommits { group in
            try await add(to: &group) { try insert(1, into: $0) }
            try await add(to: &group) { try $0.execute(sql: "INSERT INTO items (number, parent) VALUES (2, 99)") }
        }
        try await commits.write { try insert(3, into: $0) }

        #expect(failed == 2)
        #expect(try await numbers() == [0, 3])
    }

    @Test(.timeLimit(.minutes(5)))
    func `a group has a bound`() async throws {
        try await whileOneCommits { group in
            for number in 1...(GroupCommit.largestGroup + 1) {
                try await add(to: &group) { try insert(number, into: $0) }
            }
        }

        #expect(counter.count == 3)
    }

    @Test func `only after a transaction with several writes does the next one wait, for longer than that one took`() {
        #expect(GroupCommit.pause(after: 1, took: .seconds(1)) == .zero)
        #expect(GroupCommit.pause(after: 2, took: .seconds(1)) == .zero)
        #expect(GroupCommit.pause(after: 3, took: .microseconds(300)) == .microseconds(2400))
        #expect(GroupCommit.pause(after: 64, took: .seconds(1)) == .milliseconds(8))
    }

    @Test(.timeLimit(.minutes(5)))
    func `writes that come during the pause after a busy transaction share the next one`() async throws {
        let holds = Mutex(0)
        let gate = DispatchSemaphore(value: 0)
        let commits = GroupCommit(
            database,
            hold: { _ in
                let count = holds.withLock { holds in
                    holds += 1
                    return holds
                }
                // The third transaction is held up.
                if count == 3 { gate.wait() }
            }
        )
        try await whileOneCommits(in: commits) { group in
            for number in 1...3 { try await add(to: &group, in: commits) { try insert(number, into: $0) } }
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { gate.signal() }
            for number in 4...6 { try await add(to: &group, in: commits) { try insert(number, into: $0) } }
            gate.signal()
        }

        #expect(counter.count == 3)
        #expect(try await numbers() == Array(0...6))
    }

    @Test(.timeLimit(.minutes(5)))
    func `the pause begins at the end of the busy transaction`() async throws {
        let starts = Mutex<[ContinuousClock.Instant]>([])
        let ends = Mutex<[ContinuousClock.Instant]>([])
        let commits = GroupCommit(
            database,
            committed: { _ in ends.withLock { $0.append(.now) } },
            hold: { start in starts.withLock { $0.append(start) } }
        )
        try await whileOneCommits(in: commits) { group in
            for number in 1...3 {
                try await add(to: &group, in: commits) { db in
                    usleep(1000)
                    try insert(number, into: db)
                }
            }
        }
        try await commits.write { try insert(4, into: $0) }

        let (start, end) = (starts.withLock { $0[2] }, ends.withLock { $0[1] })
        #expect(end.duration(to: start) >= .milliseconds(1))
    }

    /// Holds one commit open until `others` have queued up; returns how many of them failed.
    @discardableResult
    private func whileOneCommits(
        in commits: GroupCommit? = nil,
        _ others: (inout ThrowingTaskGroup<Bool, any Error>) async throws -> Void
    ) async throws -> Int {
        let gate = DispatchSemaphore(value: 0)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                await succeeds(in: commits) { db in
                    start.finish()
                    gate.wait()
                    try insert(0, into: db)
                }
            }
            for await _ in started {}
            // However it ends: the commit is waited for.
            defer { gate.signal() }
            try await others(&group)
            gate.signal()
            return try await group.reduce(0) { $1 ? $0 : $0 + 1 }
        }
    }

    /// Returns once the write stands in line.
    private func add(
        to group: inout ThrowingTaskGroup<Bool, any Error>,
        in commits: GroupCommit? = nil,
        _ body: @escaping @Sendable (Database) throws -> Void
    ) async throws {
        let line = commits ?? self.commits
        let before = line.waiting
        group.addTask { await succeeds(in: line, body) }
        try await untilSo { line.waiting > before }
    }

    private func succeeds(
        in commits: GroupCommit?,
        _ body: @escaping @Sendable (Database) throws -> Void
    ) async -> Bool {
        do {
            try await (commits ?? self.commits).write(body)
            return true
        } catch {
            return false
        }
    }

    private func insert(_ number: Int, into db: Database) throws {
        try db.execute(sql: "INSERT INTO items (number) VALUES (?)", arguments: [number])
    }

    private func numbers() async throws -> [Int] {
        try await database.read { try Int.fetchAll($0, sql: "SELECT number FROM items ORDER BY place") }
    }
}
