import Dispatch
import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(1))) struct AbandonmentTests {
    @Test func `a waiter is released when its thread has ended, before it waits or while it does`() async {
        let abandonment = Abandonment()
        let (early, late) = (abandonment.newWaiter(), abandonment.newWaiter())
        abandonment.release(early)

        await abandonment.wait(early)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await abandonment.wait(late) }
            group.addTask { abandonment.release(late) }
        }
    }

    @Test func `a thread that hangs is waited for until the abandonment comes, and then left behind`() async throws {
        let abandonment = Abandonment()
        let (begun, end) = (Latch(["begun"]), DispatchSemaphore(value: 0))

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await OwnThread.run(named: "hung", until: abandonment) {
                    begun.checkOff("begun")
                    end.wait()
                }
            }
            await begun.wait()
            abandonment.come(after: .milliseconds(1))
            try await group.waitForAll()
        }

        end.signal()
    }

    @Test func `a thread that ends does not wait for the abandonment, nor for another one that hangs`() async throws {
        let abandonment = Abandonment()
        let hung = abandonment.newWaiter()

        try await OwnThread.run(named: "well", until: abandonment) {}

        abandonment.come(after: .zero)
        await abandonment.wait(hung)
    }

    @Test func `who begins to wait after it has come does not wait`() async {
        let abandonment = Abandonment()
        let first = abandonment.newWaiter()
        abandonment.come(after: .zero)
        await abandonment.wait(first)

        await abandonment.wait(abandonment.newWaiter())
    }
}
