import Foundation
import TestSupport
import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(5))) struct RestTests {
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

    @Test func `long rests share a turn, and each ends at its own time and in any order of arrival`() async throws {
        let clock = SuspendingClock()
        let start = clock.now

        let ended = try await withThrowingTaskGroup(of: (Int, SuspendingClock.Instant).self) { group in
            for number in [3, 1, 2, 1] {
                group.addTask {
                    try await LongRests.shared.rest(until: start.advanced(by: .milliseconds(40 * number)))
                    return (number, clock.now)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(ended.map(\.0) == [1, 1, 2, 3])
        for (number, end) in ended { #expect(end >= start.advanced(by: .milliseconds(40 * number))) }
    }

    @Test func `a rest of some seconds ends after them, not before`() async throws {
        let start = SuspendingClock.now

        try await rest(for: .milliseconds(5200))

        #expect(SuspendingClock.now >= start.advanced(by: .milliseconds(5200)))
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

    @Test func `rests that are broken off long before their end gather nothing`() async throws {
        var grown: [Int] = []

        // Tests that run beside this one take memory, too, but hardly in each round.
        for _ in 0..<3 {
            let before = try memory()
            for _ in 0..<100_000 {
                let task = Task { try await rest(for: .seconds(3600)) }
                task.cancel()
                _ = await task.result
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
