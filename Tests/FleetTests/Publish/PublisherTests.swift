import Ledger
import Pipeline
import TestSupport
import Testing
import Threads

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct PublisherTests {
    private let events = "SELECT event || ' ' || convert_from(path, 'UTF8') FROM outtray.changes ORDER BY revision"
    private let paths = "SELECT convert_from(path, 'UTF8') FROM outtray.entries ORDER BY path"
    private let ids = "SELECT receipt ->> 'mediaId' FROM outtray.contents ORDER BY sha256"
    private let ledger: SQLiteLedger

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    private func publisher(_ member: TestMember, _ database: (any PostgresDatabase)? = nil) -> Publisher {
        Publisher(
            database ?? member.connection,
            member.membership,
            ledger,
            member.counts,
            accounts: { PublishedAccounts([TestMember.configured: TestMember.account]) },
            logger: quiet
        )
    }

    private func begin(_ publisher: Publisher, _ member: TestMember) async throws {
        let (host, boot) = try member.membership.identity()
        try await publisher.begin(host, boot: boot)
    }

    /// Runs a publisher until the fleet has all that the ledger has. Returns the mark when it said so first.
    @discardableResult
    private func catchUp(_ publisher: Publisher) async throws -> Int64? {
        let first = Promise<Int64?>()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await publisher.run { first.give(.success(publisher.published)) } }
            defer { group.cancelAll() }
            try await untilSo {
                publisher.wake()
                return await publisher.isCaughtUp
            }
            return try await first.value()
        }
    }

    /// Runs `body` with a member whose fleet has the first of some contents. The others were brought up since.
    private func withNews(_ body: @escaping @Sendable (TestMember) async throws -> Void) async throws {
        let host = try await ledger.host()
        try await withMember(of: try await newFleet(), host) { member in
            try await ledger.upload(1)
            let first = publisher(member)
            try await begin(first, member)
            try await catchUp(first)
            for number: UInt8 in [2, 3] { try await ledger.upload(number) }
            try await body(member)
        }
    }

    private func expectAll(_ member: TestMember) async throws {
        let names = (1...3).map { "/in/\($0)" }
        #expect(try await texts(member.connection, paths) == names)
        #expect(try await texts(member.connection, events) == names.map { "uploaded \($0)" })
        #expect(try await texts(member.connection, ids) == ["med_1", "med_2", "med_3"])
    }

    @Test func `what went up is told with its contents, each once, and then it says so`() async throws {
        try await withNews { member in
            let publisher = publisher(member)
            try await begin(publisher, member)

            let mark = try await catchUp(publisher)

            #expect(mark == 3)
            try await expectAll(member)
        }
    }

    /// Loses one publication of changes: `isRun` tells whether the database had taken it.
    @Test(arguments: [true, false])
    func `a publication that is lost, or whose answer is lost, is told once in the end`(isRun: Bool) async throws {
        try await withNews { member in
            let isLost = Monitor(false)
            let database = WatchedDatabase(database: member.connection) { statements, run in
                let loses =
                    statements.have("WITH counter AS")
                    && isLost.change { isLost in
                        defer { isLost = true }
                        return !isLost
                    }
                guard loses else { return try await run() }
                if isRun { _ = try await run() }
                throw PostgresError(.cancelled, "the answer is lost")
            }
            let publisher = publisher(member, database)
            try await begin(publisher, member)

            try await catchUp(publisher)

            #expect(isLost.read { $0 })
            try await expectAll(member)
        }
    }

    @Test func `changes that the database has lost are told again`() async throws {
        try await withNews { member in
            let publisher = publisher(member)
            try await begin(publisher, member)
            try await catchUp(publisher)
            for sql in [
                "DELETE FROM outtray.changes WHERE revision > 1", "DELETE FROM outtray.entries WHERE revision > 1",
                "UPDATE outtray.fleet SET revision = 1", "UPDATE outtray.hosts SET published = 1",
            ] { _ = try await member.connection.run(sql) }

            for _ in 0..<2 { try await publisher.note(1) }
            try await catchUp(publisher)

            try await expectAll(member)
        }
    }

    @Test func `a ledger that is older than the fleet has all its rows compared`() async throws {
        try await withNews { member in
            for sql in [
                "UPDATE outtray.hosts SET published = 9",
                """
                INSERT INTO outtray.entries (host, path, content, present, revision)
                SELECT host, '/in/9'::bytea, content, true, 1 FROM outtray.entries
                """,
            ] { _ = try await member.connection.run(sql) }
            let (publisher, isDone) = (publisher(member), Promise<Void>())
            try await begin(publisher, member)

            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await publisher.run { isDone.give(.success(())) } }
                defer { group.cancelAll() }
                try await isDone.value()
            }

            #expect(try await texts(member.connection, paths) == ["/in/1", "/in/2", "/in/3"])
            #expect(try await texts(member.connection, "SELECT published::text FROM outtray.hosts") == ["3"])
        }
    }

    @Test func `a host whose changes are no longer kept compares all its rows`() async throws {
        try await withNews { member in
            try await ledger.noteRevisionOfFleet(3)
            try await ledger.pruneChanges(through: 3)
            try await ledger.noteRevisionOfFleet(1)
            let publisher = publisher(member)
            try await begin(publisher, member)

            try await catchUp(publisher)

            try await expectAll(member)
        }
    }

    @Test func `an earlier process compares nothing`() async throws {
        let host = try await ledger.host()
        try await withMember(of: try await newFleet(), host) { member in
            try await ledger.upload(1)
            let outcome = Promise<Void>()
            let database = WatchedDatabase(database: member.connection) { statements, run in
                guard statements.have("differing AS") else { return try await run() }
                try await member.enterTwin()
                do {
                    let answers = try await run()
                    outcome.give(.success(()))
                    return answers
                } catch {
                    outcome.give(.failure(error))
                    throw error
                }
            }
            let publisher = publisher(member, database)
            try await begin(publisher, member)

            let refusal = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await publisher.run {} }
                defer { group.cancelAll() }
                return try await thrown(PostgresError.self) { try await outcome.value() }
            }

            #expect(refusal?.kind == .gate)
            #expect(try await texts(member.connection, paths) == [])
        }
    }
}
