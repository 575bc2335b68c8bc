import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct BandwidthTurnsTests {
    private typealias Turns = BandwidthTurns<ManualClock>

    private let clock = ManualClock()

    private func turns(all: Int64? = nil, _ accounts: [String: Int64?] = [:]) -> Turns {
        let turns = Turns(clock: clock)
        turns.apply(Bandwidth(rate: all), accounts.mapValues { Bandwidth(rate: $0) })
        return turns
    }

    /// A body of these chunks.
    private func body(_ lengths: [Int], isReady: Bool = false) -> ByteStream {
        let chunks = Mutex(lengths.map { Chunk([UInt8](repeating: 7, count: $0)) })
        return ByteStream(length: Int64(lengths.reduce(0, +)), isReady: isReady) {
            chunks.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    /// What has come of the bodies of each account.
    private struct Came: Sendable {
        var bytes: [String: Int] = [:]
        var left: Int
        /// The longest time that one body stood still.
        var longest = Duration.zero
    }

    /// Reads bodies side by side, each with the name of its account. Moves the clock whenever all that are left wait.
    /// Ends after `time`. Calls `each` after each tenth of a second.
    private func read(
        by turns: Turns,
        _ bodies: [(account: String, body: ByteStream)],
        for time: Duration = .seconds(3600),
        each: (Int, Came) -> Void = { _, _ in }
    ) async throws -> (came: Came, took: Duration) {
        let came = Monitor(Came(left: bodies.count))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            for (account, body) in bodies {
                group.addTask { [clock] in
                    var last = clock.now
                    for try await part in body {
                        let now = clock.now
                        came.change { [last] came in
                            came.bytes[account, default: 0] += part.count
                            came.longest = max(came.longest, last.duration(to: now))
                        }
                        last = now
                    }
                    came.change { $0.left -= 1 }
                }
            }
            var tenths = 0
            let begin = clock.now
            while came.read({ $0.left }) > 0, begin.duration(to: clock.now) < time {
                let waiting = turns.waiting
                // The first of each account waits for the clock, the others for it.
                guard waiting.bodies == came.read({ $0.left }), clock.sleeping == waiting.accounts,
                    let rest = clock.nextWake
                else {
                    // A yield in a loop would take the processor from the bodies that are waited for.
                    try await Task.sleep(for: .microseconds(100))
                    continue
                }
                while begin.duration(to: clock.now) + rest >= .milliseconds(100 * (tenths + 1)) {
                    tenths += 1
                    each(tenths, came.read { $0 })
                }
                clock.advance(by: rest)
            }
            return (came.read { $0 }, begin.duration(to: clock.now))
        }
    }

    @Test(arguments: [Int64(8000), 125_000, 2_500_000, 12_500_000])
    func `bodies side by side keep to the rate together, from the first second on`(rate: Int64) async throws {
        let turns = turns(all: rate)
        let length = Int(rate) * 2
        let chunks = [Int](repeating: 1 << 20, count: length / (1 << 20)) + [length % (1 << 20)]
        let bodies = ["a", "b", "b"].map { ($0, body(chunks).limited(by: turns, of: $0)) }
        var seconds: [Int] = []

        let (came, took) = try await read(by: turns, bodies) { tenth, came in
            if tenth % 10 == 0 { seconds.append(came.bytes.values.reduce(0, +)) }
        }

        #expect(came.bytes.values.reduce(0, +) == 3 * length)
        for (index, bytes) in seconds.enumerated() {
            let meant = Int(rate) * (index + 1)
            // What is made up for at the beginning, and the turn that has just begun.
            #expect(abs(bytes - meant) <= meant / 20 + Int(rate) / 5, "after \(index + 1) s: \(bytes)")
        }
        #expect(took > .seconds(5.8) && took < .seconds(6.3), "\(took)")
    }

    @Test func `accounts share the line alike, however many uploads each has`() async throws {
        let turns = turns(all: 1_000_000)
        let one = [("one", body([Int](repeating: 1 << 20, count: 10)).limited(by: turns, of: "one"))]
        let many = (0..<20).map { _ in
            ("many", body([Int](repeating: 1 << 20, count: 10)).limited(by: turns, of: "many"))
        }

        let (came, _) = try await read(by: turns, one + many, for: .seconds(5))

        let (ofOne, ofMany) = (came.bytes["one"] ?? 0, came.bytes["many"] ?? 0)
        #expect(ofOne > ofMany * 8 / 10 && ofMany > ofOne * 8 / 10, "\(ofOne), \(ofMany)")
    }

    @Test func `an account's own limit holds beside that of all, and leaves the rest to others`() async throws {
        let turns = turns(all: 1_000_000, ["slow": 100_000, "free": nil])
        let bodies = ["slow", "free"].map {
            ($0, body([Int](repeating: 1 << 20, count: 50)).limited(by: turns, of: $0))
        }

        let (came, _) = try await read(by: turns, bodies, for: .seconds(10))

        #expect(abs((came.bytes["slow"] ?? 0) - 1_000_000) < 60_000, "\(came)")
        #expect(abs((came.bytes["free"] ?? 0) - 9_000_000) < 500_000, "\(came)")
    }

    @Test func `of hundreds of bodies none stands still for so long that it is broken off`() async throws {
        let turns = turns(all: 1_000_000)
        let bodies = (0..<300).map { ("\($0 % 5)", body([100_000]).limited(by: turns, of: "\($0 % 5)")) }

        let (came, _) = try await read(by: turns, bodies, for: .seconds(5))

        #expect(came.longest < .seconds(3), "\(came.longest)")
    }

    @Test func `another rate is in force with the next turn, whoever waits`() async throws {
        let turns = turns(all: nil, ["a": 12_500_000])
        let bodies = (0..<16).map { _ in ("a", body([Int](repeating: 1 << 20, count: 20)).limited(by: turns, of: "a")) }
        var changed = 0

        let (came, took) = try await read(by: turns, bodies, for: .seconds(4)) { tenth, came in
            if tenth == 10 {
                changed = came.bytes["a"] ?? 0
                turns.apply(Bandwidth(rate: 100_000), ["a": Bandwidth(rate: 12_500_000)])
            }
        }

        let slowly = (came.bytes["a"] ?? 0) - changed
        #expect(slowly > 200_000 && slowly < 1_800_000, "three seconds at 100,000: \(slowly)")
        #expect(came.longest < .seconds(3), "\(came.longest)")
        turns.apply(.unlimited, [:])
        #expect(try await turns.take(upTo: 1 << 20, of: "a") == 1 << 20)
        #expect(took >= .seconds(4))
    }

    @Test func `a body passes as it is without a limit, and in parts once one is set on the way`() async throws {
        let turns = turns()
        var iterator = body([100_000, 100_000, 100_000]).limited(by: turns, of: "a").makeAsyncIterator()

        #expect(try await iterator.next()?.count == 100_000)
        turns.apply(.unlimited, ["a": Bandwidth(rate: 80_000)])
        #expect(try await iterator.next()?.count == 8000)
        turns.apply(.unlimited, [:])
        #expect(try await iterator.next()?.count == 92_000)
        #expect(try await iterator.next()?.count == 100_000)
        #expect(try await iterator.next() == nil)
        #expect(clock.sleeping == 0)
    }

    @Test func `the time of day sets the rate of what goes next`() async throws {
        let minute = Mutex(60)
        let turns = Turns(clock: clock) { minute.withLock { $0 } }
        let night = Bandwidth([.init(minute: 0, rate: nil), .init(minute: 420, rate: 80_000)])
        turns.apply(try #require(night), [:])

        #expect(try await turns.take(upTo: 1 << 20, of: "a") == 1 << 20)
        minute.withLock { $0 = 420 }
        #expect(try await turns.take(upTo: 1 << 20, of: "a") == 8000)
    }

    @Test func `what is in memory stays ready without a limit, and waits its turn with one`() {
        let turns = turns(["slow": 8000])

        #expect(body([10], isReady: true).limited(by: turns, of: "free").isReady)
        #expect(!body([10], isReady: true).limited(by: turns, of: "slow").isReady)
    }

    @Test func `who is cancelled waits no longer, and takes nobody's turn`() async throws {
        let turns = turns(all: 8000)
        _ = try await turns.take(upTo: 1000, of: "a")
        let waiting = (0..<3).map { _ in Task { try await turns.take(upTo: 1000, of: "a") } }
        try await clock.sleepers(1)

        for task in waiting { task.cancel() }

        for task in waiting { await #expect(throws: CancellationError.self) { try await task.value } }
        clock.advance(by: .seconds(1))
        #expect(try await turns.take(upTo: 1000, of: "b") == 800)
    }
}
