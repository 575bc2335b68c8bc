import Pipeline
import TestSupport
import Testing
import Threads

@testable import Pipeline

/// What a lane and its requests tell for counts.
@Suite(.timeLimit(.minutes(5))) struct AccountReportTests {
    private func outcomes(_ events: RecordedEvents) -> [TryOutcome] {
        events.all.compactMap { if case .tryEnded(_, let outcome, _) = $0 { outcome } else { nil } }
    }

    private func calls(_ events: RecordedEvents) -> [String] {
        events.all.compactMap { event in
            guard case .called("main", let call, let code, _) = event else { return nil }
            return "\(call.rawValue) \(code)"
        }
    }

    private func ended(_ events: RecordedEvents, _ count: Int = 1) async throws {
        try await events.event(count) { if case .tryEnded = $0 { true } else { false } }
    }

    @Test func `a try that brings a file up is told once, with its calls and bytes`() async throws {
        let fixture = try AccountFixture(ScriptedProvider(needsFinish: true), clock: ManualClock())
        try await fixture.queue("a.jpg", bytes(10))

        try await fixture.lane().running { try await ended(fixture.events) }

        #expect(outcomes(fixture.events) == [.uploaded])
        #expect(calls(fixture.events) == ["ask 2xx", "finish 2xx"])
        let sent = fixture.events.all.reduce(0) { sum, event in
            if case .sent("main", let bytes) = event { sum + bytes } else { sum }
        }
        #expect(sent == 10)
    }

    /// How *ask* fails, what is told of the call, and how the try ends.
    @Test(arguments: [
        (ProviderError(.refusedFile, "no", status: 422), "ask 422", TryOutcome.rejected),
        (ProviderError(.transient, "no", status: 503), "ask 503", .postponed),
        (ProviderError(.refusedKey, "no", status: 401), "ask 401", .postponed),
        (ProviderError(.unreachable, "no"), "ask unreachable", .postponed),
        (ProviderError(.insecure, "no"), "ask insecure", .postponed),
        (ProviderError(.quota, "no", status: 9999), "ask quota", .postponed),
    ])
    func `a try that fails is told with the code of its call`(
        _ error: ProviderError,
        _ call: String,
        _ outcome: TryOutcome
    ) async throws {
        let provider = ScriptedProvider()
        let fixture = try AccountFixture(provider, clock: ManualClock())
        provider.script { $0.asks = [{ _ in throw error }] }
        try await fixture.queue("a.jpg", bytes(10))
        let lane = fixture.lane()

        try await lane.running { try await ended(fixture.events) }

        #expect(outcomes(fixture.events).first == outcome)
        #expect(calls(fixture.events).first == call)
        let blocks = AccountGate<ManualClock.Instant>.blocks(error.kind)
        #expect(await lane.blockedBy == (blocks ? error.kind.waitCause : nil))
    }

    @Test func `bytes that are known, and a file that left, are told`() async throws {
        let fixture = try AccountFixture(ScriptedProvider(), clock: ManualClock())
        let lane = fixture.lane()
        try await fixture.queue("a.jpg", bytes(10))

        try await lane.running {
            try await ended(fixture.events)
            try await fixture.queue("b.jpg", bytes(10))
            lane.wake()
            try await ended(fixture.events, 2)
            try await fixture.queue("c.jpg", bytes(11))
            try fixture.directory.remove("c.jpg")
            lane.wake()
            try await ended(fixture.events, 3)
        }

        #expect(outcomes(fixture.events) == [.uploaded, .reused, .gone])
    }
}
