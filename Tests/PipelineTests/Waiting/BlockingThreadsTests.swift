import Dispatch
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(1))) struct BlockingThreadsTests {
    /// Work that blocks until it is let go, as a look at a dead network disk does.
    private final class Hang: Sendable {
        private let end = DispatchSemaphore(value: 0)
        let begun = Doorbell()

        func block() {
            begun.ring()
            end.wait()
            end.signal()
        }

        func letGo() { end.signal() }
    }

    @Test func `a folder whose looks hang holds up neither another folder nor Swift's own pool`() async throws {
        let threads = FolderThreads(["hung", "well"])
        let hang = Hang()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // More than there are threads of Dispatch.
            for _ in 0..<200 { group.addTask { try? await threads["hung"].look { hang.block() } } }
            await hang.begun.wait()

            #expect(try await threads["well"].look { 1 } == 1)
            #expect(try await offPool { 2 } == 2)

            hang.letGo()
            try await group.waitForAll()
        }
    }

    @Test func `a look that hangs is left behind when its task is cancelled`() async throws {
        let threads = BlockingThreads(name: "test", bound: 1)
        let hang = Hang()
        let result = await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                do { return .success(try await threads.look { hang.block() }) } catch { return .failure(error) }
            }
            await hang.begun.wait()
            group.cancelAll()
            return await group.next()
        }

        #expect(throws: CancellationError.self) { try result?.get() }
        hang.letGo()
        #expect(try await threads.look { 3 } == 3)
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
