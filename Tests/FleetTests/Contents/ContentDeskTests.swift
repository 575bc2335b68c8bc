import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct ContentDeskTests {
    private let wish = ContentDesk.Wish(key: key(1), size: 10)

    @Test func `a claim of a host that lives is not taken over`() async throws {
        try await withMember(of: try await newFleet()) { member in
            let other = try await TestHost(member.connection, named: "other")
            _ = try await other.claimed(key(1))
            for _ in 0..<3 { try await member.beat() }

            let standing = try await member.withDesk { try await $0.claim(wish) }

            guard case .taken(other.host, "other", _, false) = standing else {
                Issue.record("\(standing)")
                return
            }
            #expect(member.counts.now.takeovers == 0)
        }
    }

    @Test func `a silent host's claim is taken over, with its ticket`() async throws {
        try await withMember(of: try await newFleet(), takeOverAfter: .milliseconds(1)) { member in
            let other = try await TestHost(member.connection, named: "other")
            let own = try #require(try await other.claimed(key(1)))
            _ = try await other.hold(key(1), own.fence, [1, 2])
            while member.membership.standstill(of: other.host) == nil { try await member.beat() }

            let standing = try await member.withDesk { try await $0.claim(wish) }

            guard case .mine(let fence, let ticket) = standing else {
                Issue.record("\(standing)")
                return
            }
            #expect(fence == own.fence + 1 && ticket == [1, 2])
            #expect(member.counts.now.takeovers == 1)
        }
    }

    // MARK: An earlier process

    /// The kind of the error that some work of a desk ends with.
    private func refused(_ work: () async throws -> Void) async throws -> PostgresError.Kind? {
        try await thrown(PostgresError.self, by: work)?.kind
    }

    @Test func `an earlier process claims nothing`() async throws {
        try await withMember(of: try await newFleet()) { member in
            try await member.enterTwin()

            let refusal = try await member.withDesk { desk in try await refused { _ = try await desk.claim(wish) } }

            #expect(refusal == .gate)
            #expect(try await texts(member.connection, "SELECT account FROM outtray.contents") == [])
        }
    }

    @Test func `an earlier process puts no ticket into its claim`() async throws {
        try await withMember(of: try await newFleet()) { member in
            let refusal = try await member.withDesk { desk -> PostgresError.Kind? in
                guard case .mine(let fence, _) = try await desk.claim(wish) else { return nil }
                try await member.enterTwin()
                return try await refused {
                    _ = try await desk.hold(ContentStatements.Claimed(key: key(1), fence: fence, ticket: [1]))
                }
            }

            #expect(refusal == .gate)
            #expect(try await texts(member.connection, "SELECT ticket::text FROM outtray.contents") == [nil])
        }
    }

    @Test func `an earlier process takes nothing over`() async throws {
        try await withMember(of: try await newFleet(), takeOverAfter: .milliseconds(1)) { member in
            let other = try await TestHost(member.connection, named: "other")
            _ = try await other.claimed(key(1))
            while member.membership.standstill(of: other.host) == nil { try await member.beat() }
            let database = WatchedDatabase(database: member.connection) { statements, run in
                if statements.have("WITH dead AS") { try await member.enterTwin() }
                return try await run()
            }

            let refusal = try await member.withDesk(on: database) { desk in
                try await refused { _ = try await desk.claim(wish) }
            }

            #expect(refusal == .gate)
            #expect(try await other.claimed(key(1))?.fence == 2)
        }
    }
}
