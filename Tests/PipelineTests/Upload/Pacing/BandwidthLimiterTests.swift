import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(1))) struct BandwidthLimiterTests {
    private typealias Limiter = BandwidthLimiter<ManualClock>

    private let clock = ManualClock()

    private func limiter(_ rate: Int64?, minute: @escaping @Sendable () -> Int = { 0 }) -> Limiter {
        let limiter = Limiter(clock: clock, minute: minute)
        limiter.set(Bandwidth(rate: rate))
        return limiter
    }

    /// A body of these chunks.
    private func body(_ lengths: [Int], isReady: Bool = false) -> ByteStream {
        let chunks = Mutex(lengths.map { Chunk([UInt8](repeating: 7, count: $0)) })
        return ByteStream(length: Int64(lengths.reduce(0, +)), isReady: isReady) {
            chunks.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    /// Reads bodies side by side, and moves the clock whenever all that are left sleep. Returns how many bytes had
    /// come by the end of each tenth of a second.
    private func read(_ bodies: [ByteStream]) async throws -> [Int] {
        let state = Monitor((bytes: 0, left: bodies.count))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for body in bodies {
                group.addTask {
                    for try await part in body { state.change { $0.bytes += part.count } }
                    state.change { $0.left -= 1 }
                }
            }
            var tenths: [Int] = []
            while case let left = state.read({ $0.left }), left > 0 {
                guard let rest = try await sleep(of: left, state) else { continue }
                while clock.now.offset + rest >= .milliseconds(100 * (tenths.count + 1)) {
                    tenths.append(state.read { $0.bytes })
                }
                clock.advance(by: rest)
            }
            try await group.waitForAll()
            return tenths + [state.read { $0.bytes }]
        }
    }

    /// How long the next of `left` readers still sleeps, once all sleep. Nil if one has ended meanwhile.
    private func sleep(of left: Int, _ state: Monitor<(bytes: Int, left: Int)>) async throws -> Duration? {
        while clock.sleeping < left {
            try Task.checkCancellation()
            if state.read({ $0.left }) < left { return nil }
            await Task.yield()
        }
        return clock.nextWake
    }

    @Test(arguments: [8000, 125_000, 2_500_000, 12_500_000])
    func `bodies side by side keep to the rate together, from the first second on`(rate: Int) async throws {
        let limiter = limiter(Int64(rate))
        let length = rate * 2
        let chunks = [Int](repeating: 1 << 20, count: length / (1 << 20)) + [length % (1 << 20)]

        let tenths = try await read((0..<3).map { _ in body(chunks).limited(by: [limiter]) })

        #expect(tenths.last == 3 * length)
        for second in [1, 2, 5] {
            let bytes = tenths[second * 10 - 1]
            // At the most, what was made up for at the beginning, and the part that goes now.
            #expect(bytes <= rate * second + rate / 4 && bytes >= rate * second * 95 / 100 - rate / 10, "\(bytes)")
        }
        #expect((58...61).contains(tenths.count), "six seconds: \(tenths.count)")
    }

    @Test func `of several limits the lowest holds`() async throws {
        let limiters = [limiter(80_000), limiter(20_000), limiter(nil)]

        let tenths = try await read([body([40_000]).limited(by: limiters)])

        #expect((18...21).contains(tenths.count), "two seconds: \(tenths.count)")
    }

    @Test func `a body passes unlimited as it is, and in parts once a limit is set on the way`() async throws {
        let limiter = limiter(nil)
        let stream = body([100_000, 100_000, 100_000]).limited(by: [limiter])
        var iterator = stream.makeAsyncIterator()

        #expect(try await iterator.next()?.count == 100_000)
        limiter.set(Bandwidth(rate: 80_000))
        #expect(try await iterator.next()?.count == 8000)
        limiter.set(.unlimited)
        #expect(try await iterator.next()?.count == 92_000)
        #expect(try await iterator.next()?.count == 100_000)
        #expect(try await iterator.next() == nil)
        #expect(clock.sleeping == 0)
    }

    @Test func `the time of day sets the rate of what goes next`() async throws {
        let minute = Mutex(60)
        let limiter = Limiter(clock: clock) { minute.withLock { $0 } }
        let night = try #require(Bandwidth([.init(minute: 0, rate: nil), .init(minute: 420, rate: 80_000)]))
        limiter.set(night)

        #expect(limiter.part == nil)
        minute.withLock { $0 = 420 }
        #expect(limiter.part == 8000)
    }

    @Test func `what is in memory stays ready without a limit, and waits its turn with one`() async throws {
        #expect(body([10], isReady: true).limited(by: [limiter(nil)]).isReady)
        #expect(!body([10], isReady: true).limited(by: [limiter(nil), limiter(8000)]).isReady)
    }

    @Test func `who is cancelled waits no longer`() async throws {
        let limiter = limiter(8000)
        try await limiter.pass(80_000)
        let waiting = Task { try await limiter.pass(1) }
        try await clock.sleepers(1)

        waiting.cancel()

        await #expect(throws: CancellationError.self) { try await waiting.value }
    }
}
