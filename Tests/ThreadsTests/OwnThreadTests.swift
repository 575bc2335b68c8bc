import Dispatch
import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(5))) struct OwnThreadTests {
    @Test func `a waiter is released when its thread has ended, before it waits or while it does`() async throws {
        let (early, late) = (Latch(["early"]), Latch(["late"]))
        try OwnThread.start(named: "early") { early.open() }
        await early.stay()
        let end = DispatchSemaphore(value: 0)

        await early.stay()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await OwnThread.run(named: "late", until: late) { end.wait() } }
            group.addTask { end.signal() }
            try await group.waitForAll()
        }
    }

    @Test func `a thread that hangs is waited for until somebody gives it up, and then left behind`() async throws {
        let hung = Latch(["hung"])
        let (begun, end) = (Latch(["begun"]), DispatchSemaphore(value: 0))

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await OwnThread.run(named: "hung", until: hung) {
                    begun.checkOff("begun")
                    end.wait()
                }
            }
            await begun.wait()
            hung.open(after: .milliseconds(1))
            try await group.waitForAll()
        }

        end.signal()
    }

    @Test func `a cancelled task waits for its thread, too`() async throws {
        let (begun, end) = (Latch(["begun"]), DispatchSemaphore(value: 0))
        let ended = Monitor(false)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await OwnThread.run(named: "long") {
                    begun.checkOff("begun")
                    end.wait()
                    ended.change { $0 = true }
                }
                #expect(ended.read { $0 })
            }
            await begun.wait()
            group.cancelAll()
            for _ in 0..<100 { await Task.yield() }
            end.signal()
            try await group.waitForAll()
        }
    }

    @Test func `a thread that was given up before it began is not waited for`() async throws {
        let (given, end) = (Latch(["up"]), DispatchSemaphore(value: 0))
        given.open(after: .zero)
        await given.stay()

        try await OwnThread.run(named: "late", until: given) { end.wait() }

        end.signal()
    }
}
