import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct PaceDeskTests {
    @Test func `each call is one that the fleet has given out`() async throws {
        try await withMember(of: try await newFleet()) { member in
            let pace = member.pace([CallRate(calls: 100, window: .seconds(60))])

            for _ in 0..<3 { try await pace.wait(for: .write) }

            #expect(try await texts(member.connection, "SELECT sum(n)::text FROM outtray.calls") == ["3"])
        }
    }
}
