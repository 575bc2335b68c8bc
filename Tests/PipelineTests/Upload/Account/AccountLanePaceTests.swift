import Pipeline
import TestSupport
import Testing

@testable import Pipeline

/// How what the provider answers changes the account's pace. The clock stands still unless a test moves it.
@Suite(.timeLimit(.minutes(5))) struct AccountLanePaceTests {
    private typealias Fixture = AccountFixture<ManualClock>

    private let provider = ScriptedProvider()
    private let clock = ManualClock()

    @Test(arguments: [
        ProviderError(.throttled(.seconds(1)), "429", status: 429), ProviderError(.transient, "503", status: 503),
    ])
    func `after a refusal the account goes at half its pace`(error: ProviderError) async throws {
        let rate = CallRate(calls: 4, window: .seconds(60))
        let fixture = try Fixture(provider, clock: clock, concurrency: 1, rate: [rate])
        let lane = fixture.lane(retry: .atOnce)
        try await fixture.queue("a.jpg", bytes(10))
        try await fixture.queue("b.jpg", bytes(11))
        provider.script { $0.asks = [{ _ in throw error }] }

        try await lane.running {
            try await fixture.events.postponed(1)
            #expect(await fixture.services.pacer.sixteenths == 8)
            while provider.record.asked.count == 1 { try await clock.advanceToNextWake() }
            // Two calls in a minute, and no more.
            while provider.record.asked.count == 2 { try await clock.advanceToNextWake() }
            #expect(clock.now.offset >= .seconds(60))
            for name in ["a.jpg", "b.jpg"] { try await fixture.events.uploaded(name) }
        }
    }

    @Test func `calls that are refused together halve the pace once`() async throws {
        let rate = CallRate(calls: 16, window: .seconds(60))
        let fixture = try Fixture(provider, clock: clock, concurrency: 4, rate: [rate])
        let lane = fixture.lane(retry: .atOnce)
        let turnstile = Turnstile()
        for number in 0..<4 { try await fixture.queue("\(number).jpg", bytes(10 + number)) }
        provider.script { script in
            script.asks = (0..<4).map { _ in
                { _ in
                    try await turnstile.pass()
                    throw ProviderError(.throttled(.seconds(30)), "429", status: 429)
                }
            }
        }

        try await lane.running {
            try await turnstile.arrivals(4)
            clock.advance(by: .seconds(1))
            turnstile.open()
            try await fixture.events.postponed(4)
            #expect(await fixture.services.pacer.sixteenths == 8)
        }
    }

    @Test(arguments: ["ask", "finish", "status"], [true, false])
    func `the pace counts each call from its answer, whatever that is`(step: String, fails: Bool) async throws {
        let provider = ScriptedProvider(needsFinish: true)
        let rate = CallRate(calls: 1, window: .seconds(60))
        let fixture = try Fixture(provider, clock: clock, rate: [rate])
        let (file, paced, clock) = (try await fixture.queue("a.jpg", bytes(10)), fixture.lane().provider, clock)
        let ticket = provider.ticket(for: file)
        let answer: @Sendable () throws -> Void = {
            clock.advance(by: .seconds(7))
            if fails { throw ProviderError(.transient, "500", status: 500) }
        }
        provider.script { script in
            script.asks = [{ provider.ticket(for: try (answer(), $0).1) }]
            script.finishes = [{ try (answer(), $0.receipt).1 }]
            script.statuses = [{ _ in try (answer(), .ready).1 }]
        }

        switch step {
        case "ask": _ = try? await paced.ask(for: file)
        case "finish": _ = try? await paced.finish(ticket, answers: [])
        default: _ = try? await paced.status(of: ticket.receipt)
        }
        let next = try await withThrowingTaskGroup(of: Duration.self) { group in
            group.addTask {
                try await fixture.services.pacer.wait(for: .write)
                return clock.now.offset
            }
            try await clock.advanceToNextWake()
            return try await group.next()
        }

        #expect(next == .seconds(67))
    }
}
