import Ledger
import Pipeline
import TestSupport
import Testing

@testable import Pipeline

/// How a blocked account finds out that its cause has gone. The clock stands still unless a test moves it.
@Suite(.timeLimit(.minutes(5))) struct AccountProbeTests {
    private typealias Fixture = AccountFixture<ManualClock>

    private let provider = ScriptedProvider()
    private let clock = ManualClock()

    private func running(_ fixture: Fixture, _ body: @Sendable (AccountLane<ManualClock>) async throws -> Void)
        async throws
    {
        let lane = fixture.lane(retry: .atOnce)
        try await lane.running { try await body(lane) }
    }

    private static func refusing(_ kind: ProviderError.Kind) -> ScriptedProvider.Asking {
        { _ in throw ProviderError(kind, "no") }
    }

    private static let failing: ScriptedProvider.Sending = { _, _ in throw ProviderError(.unreachable, "no") }

    private static func held(by turnstile: Turnstile) -> ScriptedProvider.Sending {
        { piece, _ in
            try await turnstile.pass()
            return ScriptedProvider.answer(to: piece)
        }
    }

    @Test func `the probe is the smallest file that is due, not the oldest`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        for (name, size) in [("old.jpg", 30), ("small.jpg", 10), ("new.jpg", 20)] {
            try await fixture.queue(name, bytes(size))
        }
        provider.script { $0.asks = [Self.refusing(.refusedKey)] }

        try await running(fixture) { _ in
            try await fixture.events.postponed(1)
            while provider.record.asked.count == 1 { try await clock.advanceToNextWake() }
            for name in ["old.jpg", "small.jpg", "new.jpg"] { try await fixture.events.uploaded(name) }
        }

        #expect(provider.record.asked.map(\.uploadName) == ["old.jpg", "small.jpg", "old.jpg", "new.jpg"])
    }

    @Test(arguments: [ProviderError.Kind.quota, .throttled(.seconds(1))])
    func `a key that is refused while the account waits for something else is told`(kind: ProviderError.Kind)
        async throws
    {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        try await fixture.queue("a.jpg", bytes(10))
        provider.script { $0.asks = [Self.refusing(kind), Self.refusing(.refusedKey)] }

        try await running(fixture) { _ in
            try await fixture.events.postponed(1)
            while provider.record.asked.count == 1 { try await clock.advanceToNextWake() }
            try await fixture.events.event {
                if case .accountBlocked("main", "its key was refused: no", _) = $0 { true } else { false }
            }
        }
    }

    @Test(arguments: [ProviderError.Kind.refusedKey, .quota, .unreachable])
    func `the account is open as soon as an ask goes well, however long the probe takes`(kind: ProviderError.Kind)
        async throws
    {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let turnstile = Turnstile()
        try await fixture.queue("probe.jpg", bytes(10))
        try await fixture.queue("other.jpg", bytes(20))
        provider.script { script in
            script.asks = [Self.refusing(kind), Self.refusing(kind)]
            script.sends = [Self.held(by: turnstile)]
        }

        try await running(fixture) { lane in
            try await fixture.events.postponed(2)
            while turnstile.count == 0 { try await clock.advanceToNextWake() }
            try await fixture.events.uploaded("other.jpg")
            #expect(await !lane.isBlocked)
            turnstile.open()
            try await fixture.events.uploaded("probe.jpg")
        }

        #expect(fixture.events.openings == 1)
    }

    @Test func `an upload under way keeps no probe from going`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let turnstile = Turnstile()
        try await fixture.queue("long.jpg", bytes(30))
        provider.script { script in
            script.asks = [{ [provider] in provider.ticket(for: $0) }, Self.refusing(.refusedKey)]
            script.sends = [Self.held(by: turnstile)]
        }

        try await running(fixture) { lane in
            try await turnstile.arrivals(1)
            try await fixture.queue("other.jpg", bytes(10))
            lane.wake()
            try await fixture.events.postponed(1)
            while provider.record.asked.count == 2 { try await clock.advanceToNextWake() }
            try await fixture.events.uploaded("other.jpg")
            turnstile.open()
            try await fixture.events.uploaded("long.jpg")
        }
    }

    @Test func `while the storage cannot be reached, probes ask for nothing new and the gate stays closed`()
        async throws
    {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        for (name, size) in [("a.jpg", 10), ("b.jpg", 20), ("c.jpg", 30)] { try await fixture.queue(name, bytes(size)) }
        provider.script { $0.sends = (0..<6).map { _ in Self.failing } }

        try await running(fixture) { lane in
            for tries in 2...6 {
                try await fixture.events.postponed(tries)
                #expect(provider.record.asked.count == 2)
                #expect(fixture.events.openings == 0)
                while provider.record.sent.count == tries { try await clock.advanceToNextWake() }
            }
            for name in ["a.jpg", "b.jpg", "c.jpg"] { try await fixture.events.uploaded(name) }
            #expect(await !lane.isBlocked)
        }

        #expect(fixture.events.all.count { if case .accountBlocked = $0 { true } else { false } } == 1)
        #expect(fixture.events.openings == 1)
        #expect(provider.record.asked.map(\.uploadName).sorted() == ["a.jpg", "b.jpg", "c.jpg"])
    }

    @Test func `between probes of a storage that stays away the account is at rest and blocked, so that a pass ends`()
        async throws
    {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        try await fixture.queue("a.jpg", bytes(10))
        provider.script { $0.sends = [Self.failing] }

        try await running(fixture) { lane in
            try await fixture.events.postponed(1)
            // It has looked at the queue again, and waits for the next probe.
            try await clock.sleepers(1)
            #expect(await lane.isAtRest)
            #expect(await lane.isBlocked)
        }
    }

    @Test func `a storage that takes bytes can be reached, before it has answered`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let turnstile = Turnstile()
        try await fixture.queue("a.jpg", bytes(3 << 20))
        provider.script { $0.sends = [Self.failing, Self.held(by: turnstile)] }

        try await running(fixture) { _ in
            try await fixture.events.postponed(1)
            while turnstile.count == 0 { try await clock.advanceToNextWake() }
            try await fixture.events.event { if case .accountOpen("main") = $0 { true } else { false } }
            turnstile.open()
            try await fixture.events.uploaded("a.jpg")
        }
    }

    @Test func `an ask that was under way when the key was refused opens nothing`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let turnstile = Turnstile()
        try await fixture.queue("slow.jpg", bytes(10))
        provider.script { script in
            script.asks = [
                { [provider] file in
                    try await turnstile.pass()
                    return provider.ticket(for: file)
                }, Self.refusing(.refusedKey),
            ]
        }

        try await running(fixture) { lane in
            try await turnstile.arrivals(1)
            clock.advance(by: .seconds(1))
            try await fixture.queue("other.jpg", bytes(20))
            lane.wake()
            try await fixture.events.postponed(1)
            turnstile.open()
            try await fixture.events.uploaded("slow.jpg")
            #expect(await lane.isBlocked)
            #expect(fixture.events.openings == 0)
        }
    }
}

extension RecordedEvents {
    fileprivate var openings: Int { all.count { if case .accountOpen = $0 { true } else { false } } }
}
