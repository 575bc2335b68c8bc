import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct MembershipTests {
    @Test func `a process whose identity another one took leaves the fleet, and does not take it back`() async throws {
        try await withMember(of: try await newFleet()) { member in
            let boot = try await member.enterTwin()

            member.ring()
            try await untilSo { !member.membership.isInside }
            // It tries to come in again, and fails.
            let turns = member.turns
            member.ring()
            try await untilSo { member.turns > turns }

            #expect(member.membership.trouble?.reason.contains("another process works under the identity") == true)
            #expect(throws: Membership.Outside.self) { try member.membership.identity() }
            let boots = try await texts(member.connection, "SELECT boot::text FROM outtray.hosts")
            #expect(boots == ["\(boot)"])
        }
    }

    @Test func `a gate that is closed leads out of the fleet`() throws {
        let member = try lonelyMember()

        member.membership.note(PostgresError(.gate, "division by zero"))

        #expect(member.membership.trouble?.reason.contains("another process works under the identity") == true)
    }

    @Test func `a host that is silent for less than take_over_after is left alone`() async throws {
        try await withMember(of: try await newFleet()) { member in
            let other = try await TestHost(member.connection, named: "other")

            for _ in 0..<3 { try await member.beat() }

            #expect(member.membership.standstill(of: other.host) == nil)
            #expect(member.membership.condition.members == [.init("me"), .init("other")])
        }
    }

    @Test func `while the fleet is away, each host of a content waits in its own turn, and leaves room for all`()
        async throws
    {
        let rule = UnreachableRule(wait: .milliseconds(100), then: .upload)
        let (member, hosts) = try await withMember(of: try await newFleet(), rule: rule) { member in
            _ = try await member.connection.run(
                "INSERT INTO outtray.hosts (host, name) SELECT gen_random_uuid(), 'other-' || generate_series(1, 40)"
            )
            try await member.beat()
            try await member.beat()
            return (member, try await HostRoll.hosts(in: member.connection).map(\.host))
        }
        func content(ofRank rank: Int) throws -> SHA256Digest {
            try #require(
                (0..<10_000).lazy.map { SHA256Digest(of: Array("\($0)".utf8)) }
                    .first { ContentRank.rank(of: member.host, among: hosts, for: $0) == rank }
            )
        }
        let (first, last) = (try content(ofRank: 0), try content(ofRank: 40))
        let start = ContinuousClock.now

        member.membership.note(PostgresError(.unreachable, "it is away"))
        try await untilSo { member.membership.mayGoAlone(first, since: start) }

        #expect(!member.membership.mayGoAlone(last, since: start))
        #expect(member.membership.sharers == 41)
    }

    @Test func `an account that comes to be shared is told so once`() throws {
        let member = try lonelyMember()

        let told = [AccountTargets.Standing.unproven(reason: "another key"), .shared, .shared].map {
            member.note($0)
        }

        #expect(told == [false, true, false])
    }
}
