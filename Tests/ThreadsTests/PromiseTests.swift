import TestSupport
import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(5))) struct PromiseTests {
    @Test func `the first answer counts, given before it is waited for or after`() async throws {
        let (early, late) = (Promise<Int>(), Promise<Int>())
        early.give(.success(1))
        early.give(.success(2))

        #expect(try await early.value() == 1)
        #expect(
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await late.value() }
                await Task.yield()
                late.give(.success(3))
                return try await group.next()
            } == 3
        )
        #expect(late.given != nil)
    }

    /// Or a time limit would cancel a test that waits for something that never comes, and the run would hang there.
    @Test func `whoever is cancelled waits no longer, wherever tests wait`() async {
        let (clock, turnstile) = (ManualClock(), Turnstile())
        let waits: [@Sendable () async throws -> Void] = [
            { try await Promise<Void>().value() },
            { try await clock.sleepers(1) },
            { try await clock.advanceToNextWake() },
            { try await turnstile.pass() },
            { try await turnstile.arrivals(9) },
            { try await untilSo { false } },
        ]

        await withTaskGroup(of: Void.self) { group in
            for wait in waits { group.addTask { await #expect(throws: CancellationError.self) { try await wait() } } }
            group.cancelAll()
        }
    }
}
