import Ledger
import Pipeline
import TestSupport
import Testing

@testable import Pipeline

/// Causes of a whole account that one file alone brings about.
@Suite(.timeLimit(.minutes(5))) struct AccountLaneOddAnswerTests {
    private typealias Fixture = AccountFixture<ManualClock>

    private let provider = ScriptedProvider()
    private let clock = ManualClock()

    /// A filter on the way may answer with a page of its own, for what is in one file.
    @Test func `a file that alone gets odd answers keeps no other from going up`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane(retry: RetryPolicy(first: .seconds(600), longest: .seconds(600)))
        provider.script { [provider] script in
            script.asks = (0..<100).map { _ in
                { file in
                    if file.uploadName == "bad.jpg" { throw ProviderError(.outOfOrder, "a page", status: 403) }
                    return provider.ticket(for: file)
                }
            }
        }
        // The smallest file is the usual probe.
        try await fixture.queue("bad.jpg", bytes(5))
        for number in 0..<5 { try await fixture.queue("\(number).jpg", bytes(10 + number)) }

        try await lane.running {
            var wakes = 0
            while wakes < 300, try await fixture.ledger.counts()[.uploaded] != 5 {
                try await clock.advanceToNextWake()
                wakes += 1
            }
        }

        #expect(try await fixture.ledger.counts() == [.uploaded: 5, .queued: 1])
        #expect(provider.record.asked.count { $0.uploadName == "bad.jpg" } <= 3)
    }

    @Test func `a cause that later requests disprove is the file's own`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane(retry: RetryPolicy(first: .seconds(5), longest: .seconds(5)))
        let turnstile = Turnstile()
        provider.script { [provider, clock] script in
            script.asks = [
                { _ in
                    try await turnstile.pass()
                    throw ProviderError(.outOfOrder, "a page", status: 403)
                },
                { file in
                    clock.advance(by: .milliseconds(1))
                    return provider.ticket(for: file)
                },
                { file in provider.ticket(for: file) },
            ]
        }
        let large = try await fixture.queue("large.jpg", bytes(50))

        try await lane.running {
            try await turnstile.arrivals(1)
            clock.advance(by: .milliseconds(1))
            for (name, size) in [("a.jpg", 10), ("b.jpg", 11)] {
                try await fixture.queue(name, bytes(size))
                lane.wake()
                try await fixture.events.uploaded(name)
            }
            turnstile.open()
            try await fixture.events.postponed(1)

            #expect(await !lane.isBlocked)
            let record = try await fixture.ledger.record(of: large.path)
            #expect(record?.attempts == 1 && record?.reason == "a page")
        }
    }
}
