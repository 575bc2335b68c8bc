import TestSupport
import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(5))) struct DoorbellTests {
    private let bell = Doorbell()

    @Test func `a ring that comes while nobody waits is kept, and several count as one`() async throws {
        bell.ring()
        bell.ring()
        await bell.wait()

        // A second ring would be left over: only the deadline can end this wait.
        let clock = ManualClock()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bell.wait(until: clock.now.advanced(by: .seconds(1)), clock: clock) }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(1))
            try await group.waitForAll()
        }
    }

    @Test func `a ring ends a wait before its deadline`() async throws {
        let clock = ManualClock()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bell.wait(until: clock.now.advanced(by: .seconds(1)), clock: clock) }
            try await clock.sleepers(1)
            bell.ring()
            try await group.waitForAll()
        }
        #expect(clock.now == ManualClock().now)
    }

    @Test func `cancellation ends a wait and leaves no ring behind`() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await bell.wait() }
            group.cancelAll()
            await group.waitForAll()
        }
        let clock = ManualClock()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bell.wait(until: clock.now.advanced(by: .seconds(1)), clock: clock) }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(1))
            try await group.waitForAll()
        }
    }
}
