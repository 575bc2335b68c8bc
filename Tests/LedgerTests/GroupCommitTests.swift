import Dispatch
import GRDB
import TestSupport
import Testing

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

    @Test(.timeLimit(.minutes(1)))
    func `writes that queue up while one commits share the next transaction, in the order they came`() async throws {
        try await whileOneCommits { group in
            for number in 1...20 { try await add(to: &group) { try insert(number, into: $0) } }
        }

        #expect(counter.count == 2)
        #expect(try await numbers() == Array(0...20))
    }

    @Test(.timeLimit(.minutes(1)))
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

    @Test(.timeLimit(.minutes(1)))
    func `when COMMIT fails all callers of the group get the error, and the next group goes on`() async throws {
        let failed = try await whileOneCommits { group in
            try await add(to: &group) { try insert(1, into: $0) }
            try await add(to: &group) { try $0.execute(sql: "INSERT INTO items (number, parent) VALUES (2, 99)") }
        }
        try await commits.write { try insert(3, into: $0) }

        #expect(failed == 2)
        #expect(try await numbers() == [0, 3])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a group has a bound`() async throws {
        try await whileOneCommits { group in
            for number in 1...(GroupCommit.largestGroup + 1) {
                try await add(to: &group) { try insert(number, into: $0) }
            }
        }

        #expect(counter.count == 3)
    }

    /// Holds one commit open until `others` have queued up; returns how many of them failed.
    @discardableResult
    private func whileOneCommits(
        _ others: (inout ThrowingTaskGroup<Bool, any Error>) async throws -> Void
    ) async throws -> Int {
        let gate = DispatchSemaphore(value: 0)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                await succeeds { db in
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
        _ body: @escaping @Sendable (Database) throws -> Void
    ) async throws {
        let before = commits.waiting
        group.addTask { await succeeds(body) }
        try await untilSo { commits.waiting > before }
    }

    private func succeeds(_ body: @escaping @Sendable (Database) throws -> Void) async -> Bool {
        do {
            try await commits.write(body)
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
