import Foundation
import TestSupport
import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(1))) struct RestTests {
    @Test func `a rest ends at its instant, not before, and one that is over at once`() async throws {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .milliseconds(30))

        try await rest(until: deadline, clock: clock)
        #expect(clock.now >= deadline)
        try await rest(until: deadline, clock: clock)
    }

    @Test func `a rest ends when its task is cancelled`() async {
        let task = Task { try await rest(until: .now.advanced(by: .seconds(3600)), clock: ContinuousClock()) }
        task.cancel()

        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `work within its time gives its value, and other work is cancelled and gives none`() async throws {
        let isCancelled = Mutex(false)

        let value = try await within(.seconds(50)) { 7 }
        let late = try await within(.milliseconds(1)) {
            try? await rest(for: .seconds(3600))
            isCancelled.withLock { $0 = Task.isCancelled }
            return 8
        }

        #expect(value == 7 && late == nil && isCancelled.withLock { $0 })
        await #expect(throws: CancellationError.self) { try await within(.seconds(50)) { throw CancellationError() } }
    }

    @Test func `another clock than the machine's is left to itself`() async throws {
        let clock = ManualClock()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await rest(until: clock.now.advanced(by: .seconds(1)), clock: clock) }
            try await clock.sleepers(1)
            clock.advance(by: .seconds(1))
            try await group.waitForAll()
        }
    }

    @Test func `a loop that is rung awake long before its deadline gathers nothing`() async throws {
        let bell = Doorbell()
        var grown: [Int] = []

        // Tests that run beside this one take memory, too, but hardly in each round.
        for _ in 0..<3 {
            let before = try memory()
            for _ in 0..<100_000 {
                bell.ring()
                await bell.wait(until: .now.advanced(by: .seconds(3600)), clock: ContinuousClock())
            }
            grown.append(try memory() - before)
        }

        // Half a kilobyte each, where the sleeps stay: 47 MB a round.
        #expect(try #require(grown.min()) < 20 << 20)
    }

    /// In bytes, of this process, without its files.
    private func memory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 1024
    }
}
