import Ledger
import Pipeline
import TestSupport
import Testing
import Threads

@testable import Pipeline

/// Short files of an account that goes well are claimed before a slot is free for their requests.
@Suite(.timeLimit(.minutes(5))) struct AccountLaneAheadTests {
    private typealias Fixture = AccountFixture<ManualClock>

    private let provider = ScriptedProvider()
    private let clock = ManualClock()

    @Test func `files go ahead of the slots, and no more requests are under way than there are slots`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane()
        let asked = Turnstile()
        let requests = Mutex((now: 0, most: 0))
        let (provider, count) = (provider, 20)
        provider.script { script in
            script.asks =
                before()
                + Array(
                    repeating: { file in
                        requests.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                        defer { requests.withLock { $0.now -= 1 } }
                        try await asked.pass()
                        return provider.ticket(for: file)
                    },
                    count: count
                )
        }
        try await lane.running {
            try await goesWell(lane, fixture)
            for number in 0..<count { try await fixture.queue("\(number).jpg", bytes(10 + number)) }
            lane.wake()
            try await asked.arrivals(2)
            try await untilSo { try await fixture.ledger.counts()[.uploading] == count }
            #expect(await lane.condition.inFlight == 2)
            asked.open()
            try await untilSo { await lane.isAtRest }
        }

        #expect(try await fixture.ledger.counts() == [.uploaded: Slots.proof + count])
        #expect(requests.withLock { $0.most } == 2)
    }

    @Test func `a file that went ahead is not asked for once all files wait, and goes up after that`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane()
        let asked = Turnstile()
        provider.script { script in
            script.asks =
                before()
                + Array(
                    repeating: { _ in
                        try await asked.pass()
                        throw ProviderError(.refusedKey, "no")
                    },
                    count: 2
                )
        }

        try await lane.running {
            try await goesWell(lane, fixture)
            for number in 0..<9 { try await fixture.queue("\(number).jpg", bytes(10 + number)) }
            lane.wake()
            try await asked.arrivals(2)
            try await untilSo { try await fixture.ledger.counts()[.uploading] == 9 }
            asked.open()
            try await untilSo { try await fixture.ledger.counts()[.queued] == 9 }
            #expect(provider.record.asked.count == Slots.proof + 2)
            #expect(try await fixture.ledger.waiting(limit: 9).allSatisfy { $0.attempts == 0 })

            await lane.open()
            try await untilSo { await lane.isAtRest }
        }

        #expect(try await fixture.ledger.counts() == [.uploaded: Slots.proof + 9])
    }

    @Test func `with little room in the pace, no more files are begun than there are slots`() async throws {
        let rate = CallRate(calls: Slots.proof + 3, window: .seconds(60))
        let fixture = try Fixture(provider, clock: clock, concurrency: 3, rate: [rate])
        let lane = fixture.lane()
        let asked = Turnstile()
        let provider = provider
        provider.script { script in
            script.asks =
                before()
                + Array(
                    repeating: { file in
                        try await asked.pass()
                        return provider.ticket(for: file)
                    },
                    count: 9
                )
        }

        try await lane.running {
            try await goesWell(lane, fixture)
            for number in 0..<9 { try await fixture.queue("\(number).jpg", bytes(10 + number)) }
            lane.wake()
            try await asked.arrivals(3)
            let counts = try await fixture.ledger.counts()
            #expect(counts == [.uploaded: Slots.proof, .uploading: 3, .queued: 6])
        }
    }

    /// The asks of the files that show that all goes well.
    private func before() -> [ScriptedProvider.Asking] {
        let provider = provider
        return Array(repeating: { provider.ticket(for: $0) }, count: Slots.proof)
    }

    private func goesWell(_ lane: AccountLane<ManualClock>, _ fixture: Fixture) async throws {
        for number in 0..<Slots.proof { try await fixture.queue("well\(number).jpg", bytes(1000 + number)) }
        lane.wake()
        try await untilSo { try await fixture.ledger.counts() == [.uploaded: Slots.proof] }
        try await untilSo { await lane.isAtRest }
    }
}
