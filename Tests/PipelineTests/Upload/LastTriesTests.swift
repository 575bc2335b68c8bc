import Testing
import Threads

@testable import Pipeline

@Suite struct LastTriesTests {
    private typealias Progress = TryProgress<ContinuousClock.Instant>
    private let start = ContinuousClock.now

    /// Asks after so many seconds of sending.
    private func mayFinish(_ phase: Progress.Phase, within rest: Duration = .seconds(10), after seconds: Int = 4)
        -> Bool
    {
        LastTries.mayFinish(phase, within: rest, at: start.advanced(by: .seconds(seconds)))
    }

    @Test func `a call that asks or finishes may end, and what prepares may not`() {
        #expect(mayFinish(.asking) && mayFinish(.finishing) && !mayFinish(.preparing))
    }

    @Test func `without time, nothing may`() {
        let phases: [Progress.Phase] = [.asking, .finishing, .preparing, .sending(sent: 9, of: 10, begun: start)]

        #expect(phases.allSatisfy { !mayFinish($0, within: .zero) })
    }

    @Test func `bytes may go on if they fit into the time at the speed so far`() {
        let chunk = Int64(FileReader.chunkLength)
        // A chunk a second: ten fit into ten seconds.
        #expect(mayFinish(.sending(sent: 4 * chunk, of: 14 * chunk, begun: start)))
        #expect(!mayFinish(.sending(sent: 4 * chunk, of: 14 * chunk + 1, begun: start)))
        #expect(!mayFinish(.sending(sent: 4 * chunk, of: 14 * chunk, begun: start), within: .seconds(9)))
        #expect(mayFinish(.sending(sent: 350, of: 350, begun: start), within: .milliseconds(1)))
    }

    @Test func `a speed counts after a second`() {
        #expect(mayFinish(.sending(sent: 1, of: 1 << 40, begun: start), after: 0))
        #expect(!mayFinish(.sending(sent: 1, of: 1 << 40, begun: start), after: 1))
    }

    @Test func `before its first chunk has gone, a try may need as long again as it took so far`() {
        let chunk = Int64(FileReader.chunkLength)
        #expect(mayFinish(.sending(sent: 0, of: 10, begun: start), after: 10))
        #expect(!mayFinish(.sending(sent: 0, of: 10, begun: start), after: 11))
        // At least two seconds a chunk: six fit.
        #expect(mayFinish(.sending(sent: 0, of: 6 * chunk, begun: start), after: 2))
        #expect(!mayFinish(.sending(sent: 0, of: 6 * chunk + 1, begun: start), after: 2))
    }

    @Test func `of a file in small parts only what has gone and the part that goes count`() {
        #expect(mayFinish(.sending(sent: 300_000, of: 1_000_000, begun: start, out: 800)))
        #expect(!mayFinish(.sending(sent: 280_000, of: 1_000_000, begun: start, out: 800)))
        #expect(!mayFinish(.sending(sent: 8000, of: 1_000_000, begun: start, out: 800), after: 1))
        #expect(!mayFinish(.sending(sent: 0, of: 1_000_000, begun: start, out: 800), after: 1))
    }

    @Test func `a chunk counts when the next one is asked for`() async throws {
        let progress = Progress()
        let chunks = Mutex([Chunk([4, 5, 6, 7]), Chunk([1, 2, 3])])
        let body = ByteStream(length: 7) { chunks.withLock { $0.popLast() } }
        progress.enter(.sending(sent: 0, of: 7, begun: start))
        var iterator = progress.counting(body).makeAsyncIterator()

        var sent: [Progress.Phase] = []
        for _ in 0..<3 {
            _ = try await iterator.next()
            sent.append(progress.phase)
        }

        #expect(sent == [(0, 3), (3, 4), (7, 4)].map { .sending(sent: $0, of: 7, begun: start, out: $1) })
    }

    @Test func `what is counted after the bytes changes no other phase`() async throws {
        let progress = Progress()
        var iterator = progress.counting(ByteStream(length: 1) { Chunk([1]) }).makeAsyncIterator()
        progress.enter(.finishing)

        _ = try await iterator.next()
        _ = try await iterator.next()

        #expect(progress.phase == .finishing)
    }
}
