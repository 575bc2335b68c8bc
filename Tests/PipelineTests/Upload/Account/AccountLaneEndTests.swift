import TestSupport
import Testing
import Threads

@testable import Pipeline

/// The end of a lane within a time: what may finish, and what is parked.
@Suite(.timeLimit(.minutes(5))) struct AccountLaneEndTests {
    private typealias Fixture = AccountFixture<ContinuousClock>
    private let clock = ContinuousClock()
    private let provider = ScriptedProvider()

    private var later: ContinuousClock.Instant { clock.now.advanced(by: .seconds(3600)) }

    @Test func `an idle lane ends at once`() async throws {
        let lane = try Fixture(provider, clock: clock).lane()

        try await lane.running { await lane.finish(until: later) }
    }

    @Test func `a file that is being asked for goes up, and the next one is not begun`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        let lane = fixture.lane()
        let asking = Turnstile()
        let ticket = ScriptedProvider().ticket
        provider.script { script in
            script.asks = [
                { file in
                    try await asking.pass()
                    return ticket(file)
                }
            ]
        }
        let first = try await fixture.queue("a.jpg", bytes(10))
        let second = try await fixture.queue("b.jpg", bytes(11))

        try await lane.running {
            try await asking.arrivals(1)
            async let end: Void = lane.finish(until: later)
            try await untilSo { await lane.isEnding }
            asking.open()
            await end
        }

        #expect(try await fixture.state(first) == .uploaded)
        #expect(try await fixture.state(second) == .queued)
        #expect(provider.record.asked.count == 1)
    }

    @Test func `a file that waits for the account's pace is parked at once`() async throws {
        let rate = [CallRate(calls: 1, window: .seconds(3600))]
        let fixture = try Fixture(provider, clock: clock, rate: rate)
        let lane = fixture.lane()
        let first = try await fixture.queue("a.jpg", bytes(10))

        try await lane.running {
            try await fixture.events.uploaded("a.jpg")
            let second = try await fixture.queue("b.jpg", bytes(11))
            lane.wake()
            try await untilSo { await fixture.services.pacer.waiting(of: "main") == 1 }
            await lane.finish(until: later)

            #expect(try await fixture.state(second) == .uploading)
        }

        #expect(try await fixture.state(first) == .uploaded)
        #expect(provider.record.asked.count == 1)
    }

    @Test func `a call without an answer ends with the time`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane()
        let asking = Turnstile()
        provider.script { script in
            script.asks = [
                { _ in
                    try await asking.pass()
                    throw ProviderError(.transient, "nobody opens it")
                }
            ]
        }
        let file = try await fixture.queue("a.jpg", bytes(10))

        try await lane.running {
            try await asking.arrivals(1)
            let deadline = clock.now.advanced(by: .milliseconds(300))
            await lane.finish(until: deadline)

            #expect(clock.now >= deadline)
        }

        #expect(try await fixture.state(file) == .uploading)
    }
}
