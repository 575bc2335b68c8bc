import Pipeline
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct PacerTests {
    private let clock = ManualClock()

    private func pacer(_ calls: Int, _ window: Duration = .seconds(60)) -> Pacer<ManualClock> {
        Pacer(rates: [CallRate(calls: calls, window: window)], writeRates: [], clock: clock)
    }

    private func wait(for pacer: Pacer<ManualClock>) async throws -> Duration {
        try await pacer.wait(for: .write)
        return clock.now.offset
    }

    @Test func `no call is made during a hold, those in line included, and then half as many go`() async throws {
        let pacer = pacer(2)
        try await pacer.wait(for: .write)
        try await pacer.wait(for: .write)

        try await withThrowingTaskGroup(of: Duration.self) { group in
            group.addTask { try await wait(for: pacer) }
            try await clock.sleepers(1)
            await pacer.refuse(callMadeAt: begin, hold: begin.advanced(by: .seconds(90)))
            // At 60.25 s it would have been its turn.
            for _ in 0..<2 { try await clock.advanceToNextWake() }
            let held = try await group.next()
            #expect(held == .seconds(90))

            // One of two calls in a minute. It looks again whenever the share grows: at 105, 120, 135 and 150 s.
            group.addTask { try await wait(for: pacer) }
            for _ in 0..<5 { try await clock.advanceToNextWake() }
            let slow = try await group.next()
            #expect(slow == .milliseconds(150_250))
        }
    }

    @Test func `who stands in line goes at once when the hold is released`() async throws {
        let pacer = pacer(60)
        await pacer.refuse(callMadeAt: begin, hold: begin.advanced(by: .seconds(3600)))

        try await withThrowingTaskGroup(of: Duration.self) { group in
            group.addTask { try await wait(for: pacer) }
            try await clock.sleepers(1)
            await pacer.release()
            let released = try await group.next()
            #expect(released == .zero)
        }
    }

    @Test func `a call that is cancelled in line does not count`() async throws {
        let pacer = pacer(1)
        try await pacer.wait(for: .write)

        try await withThrowingTaskGroup(of: Duration.self) { group in
            group.addTask { try await wait(for: pacer) }
            try await clock.sleepers(1)
            group.cancelAll()
            let result = await group.nextResult()
            #expect(throws: CancellationError.self) { try result?.get() }
        }
        clock.advance(by: .milliseconds(60_250))

        #expect(try await wait(for: pacer) == .milliseconds(60_250))
    }

    @Test func `a read beside writes that wait has its turn in the order they came`() async throws {
        let pacer = pacer(1, .seconds(10))
        try await pacer.wait(for: .write)

        let order = try await withThrowingTaskGroup(of: String.self) { group in
            for (number, name) in ["write 1", "read", "write 2"].enumerated() {
                group.addTask {
                    try await pacer.wait(for: name == "read" ? .read : .write)
                    return name
                }
                try await clock.sleepers(number + 1)
            }
            var order: [String?] = []
            for _ in 0..<3 {
                try await clock.advanceToNextWake()
                order.append(try await group.next())
            }
            return order
        }

        #expect(order == ["write 1", "read", "write 2"])
    }

    @Test func `reads take all calls where no file is asked for, else half of them`() async throws {
        let idle = pacer(4)
        for _ in 0..<4 { try await idle.wait(for: .read) }

        let busy = pacer(4)
        try await busy.wait(for: .write)
        for _ in 0..<2 { try await busy.wait(for: .read) }
        try await withThrowingTaskGroup(of: Duration.self) { group in
            group.addTask {
                try await busy.wait(for: .read)
                return clock.now.offset
            }
            try await clock.sleepers(1)
            // It does not stand behind the read that waits.
            try await busy.wait(for: .write)
            #expect(clock.now == begin)
            try await clock.advanceToNextWake()
            let read = try await group.next()
            #expect(read == .milliseconds(60_250))
        }
    }
}
