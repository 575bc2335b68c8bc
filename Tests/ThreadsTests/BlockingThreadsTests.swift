import Dispatch
import TestSupport
import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(5))) struct BlockingThreadsTests {
    @Test func `a look that hangs is left behind when its task is cancelled`() async throws {
        let threads = BlockingThreads(name: "test", bound: 1)
        let hang = Hang()
        let result = await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                do { return .success(try await threads.run { hang.block() }) } catch { return .failure(error) }
            }
            await hang.begun.wait()
            group.cancelAll()
            return await group.next()
        }

        #expect(throws: CancellationError.self) { try result?.get() }
        hang.letGo()
        #expect(try await threads.run { 3 } == 3)
    }

    @Test func `a look that hangs is left behind once the patience has run out, and told when it ends after all`()
        async throws
    {
        let threads = BlockingThreads(name: "test", bound: 1)
        let clock = ManualClock()
        let hang = Hang()
        let (left, back) = (Tally<Int>(), Doorbell())

        let answer = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try await threads.run(
                    within: Patience(.seconds(30), clock: clock),
                    leaving: { left.enter(1) },
                    late: { back.ring() }
                ) {
                    hang.block()
                    return 1
                }
            }
            await hang.begun.wait()
            try await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            return try await group.next() ?? 0
        }

        #expect(answer == nil)
        #expect(left.turns == 1)
        hang.letGo()
        await back.wait()
        #expect(try await threads.run { 3 } == 3)
    }

    @Test func `a look that waits for a thread is left behind, too, and never begins`() async throws {
        let threads = BlockingThreads(name: "test", bound: 4)
        let clock = ManualClock()
        let hang = Hang()
        await hang.take(threads)
        let (begun, back) = (Tally<Int>(), Doorbell())

        let answer = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try await threads.run(within: Patience(.seconds(30), clock: clock), late: { back.ring() }) {
                    begun.enter(1)
                    return 1
                }
            }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            return try await group.next() ?? 0
        }

        #expect(answer == nil)
        hang.letGo()
        await back.wait()
        #expect(begun.turns == 0)
    }

    @Test func `an answer at the last moment counts, and what was left behind is told as ended`() async throws {
        let threads = BlockingThreads(name: "test", bound: 1)
        let clock = ManualClock()
        let (hang, ended) = (Hang(), DispatchSemaphore(value: 0))
        let late = Tally<Int>()

        let answer = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try await threads.run(
                    within: Patience(.seconds(30), clock: clock),
                    leaving: {
                        hang.letGo()
                        // There is one thread: what comes next runs once the answer was given.
                        threads.leave { ended.signal() }
                        ended.wait()
                    },
                    late: { late.enter(1) }
                ) {
                    hang.block()
                    return 5
                }
            }
            await hang.begun.wait()
            try await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            return try await group.next() ?? 0
        }

        #expect(answer == 5)
        #expect(late.turns == 1)
    }

    @Test func `what was left behind is told once, even if the task is cancelled at that moment`() async throws {
        let threads = BlockingThreads(name: "test", bound: 1)
        let clock = ManualClock()
        let (hang, leaving, cancelled) = (Hang(), Doorbell(), DispatchSemaphore(value: 0))
        let late = Tally<Int>()

        try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try await threads.run(
                    within: Patience(.seconds(30), clock: clock),
                    leaving: {
                        leaving.ring()
                        cancelled.wait()
                    },
                    late: { late.enter(1) }
                ) {
                    hang.block()
                    return 5
                }
            }
            await hang.begun.wait()
            try await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            await leaving.wait()
            // The patience has run out. The cancellation is the answer all the same, as it comes first.
            group.cancelAll()
            cancelled.signal()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }

        #expect(late.turns == 0, "the work still runs")
        hang.letGo()
        // There is one thread: this runs once all of the work is over.
        #expect(try await threads.run { 3 } == 3)
        #expect(late.turns == 1)
    }

    @Test func `what a cancellation leaves behind before the patience has run out is told as neither`() async throws {
        let threads = BlockingThreads(name: "test", bound: 1)
        let clock = ManualClock()
        let (hang, told) = (Hang(), Tally<Int>())

        await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                try await threads.run(
                    within: Patience(.seconds(30), clock: clock),
                    leaving: { told.enter(1) },
                    late: { told.enter(2) }
                ) {
                    hang.block()
                    return 5
                }
            }
            await hang.begun.wait()
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }

        hang.letGo()
        #expect(try await threads.run { 3 } == 3)
        #expect(told.turns == 0)
    }

    @Test func `an answer in time ends the patience, and nothing of it is late`() async throws {
        let threads = BlockingThreads(name: "test", bound: 1)
        let clock = ManualClock()
        let late = Tally<Int>()

        let answer = try await threads.run(
            within: Patience(.seconds(30), clock: clock),
            leaving: { late.enter(1) },
            late: { late.enter(2) }
        ) { 5 }

        #expect(answer == 5)
        #expect(clock.nextWake == nil)
        #expect(late.turns == 0)
    }

    @Test func `its silence is that of the work that has run for longest, and none when all is done`() async throws {
        let threads = BlockingThreads(name: "test", bound: 2)
        let hang = Hang()
        #expect(threads.silence == .zero)
        threads.leave { hang.block() }
        await hang.begun.wait()
        let earlier = threads.silence
        _ = try await threads.run { 1 }

        #expect(threads.silence > earlier)
        hang.letGo()
        try await untilSo { threads.silence == .zero }
    }

    @Test func `no more than its bound runs at a time, and all of it runs`() async throws {
        let threads = BlockingThreads(name: "test", bound: 3)
        let running = Peak()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<500 { group.addTask { try await threads.finish { running.enter() } } }
            try await group.waitForAll()
        }

        #expect(running.total == 500)
        #expect(running.peak <= 3)
    }
}
