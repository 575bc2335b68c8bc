import Ledger
import Pipeline
import TestSupport
import Testing

@testable import Pipeline

/// The clock stands still unless a test moves it: whatever goes on without that does so at once.
@Suite(.timeLimit(.minutes(5))) struct AccountLaneTests {
    private typealias Fixture = AccountFixture<ManualClock>

    private let provider = ScriptedProvider()
    private let clock = ManualClock()

    private static func throwing(_ kind: ProviderError.Kind) -> ScriptedProvider.Asking {
        { _ in throw ProviderError(kind, "no") }
    }

    @Test func `files that are queued go up, and a later one once the lane is woken`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane(retry: .atOnce)
        try await fixture.queue("a.jpg", bytes(10))

        try await lane.running {
            try await fixture.events.uploaded("a.jpg")
            try await fixture.queue("b.jpg", bytes(11))
            lane.wake()
            try await fixture.events.uploaded("b.jpg")
            // It looks once more before it rests; the suite's time limit ends a lane that never does.
            try await untilSo { await lane.isAtRest }
        }
    }

    @Test func `what another process queued is found within two seconds`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane(retry: .atOnce)

        try await lane.running {
            try await clock.sleepers(1)
            try await fixture.queue("a.jpg", bytes(10))
            clock.advance(by: .seconds(2))
            try await fixture.events.uploaded("a.jpg")
        }
    }

    @Test func `a file that the present configuration does not let up is dismissed when its turn comes`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane(dismissal: { file in
            switch file.uploadName {
            case "left.jpg": .letGo("ignored now")
            case "large.jpg": .rejected(Rejection(.tooLarge, "above the limit"))
            default: nil
            }
        })
        let left = try await fixture.queue("left.jpg", bytes(10))
        let large = try await fixture.queue("large.jpg", bytes(11))
        try await fixture.queue("a.jpg", bytes(12))

        try await lane.running {
            try await fixture.events.uploaded("a.jpg")
            try await untilSo { await lane.isAtRest }
        }

        #expect(provider.record.asked.map(\.uploadName) == ["a.jpg"])
        #expect(try await fixture.ledger.record(of: left.path)?.state == .gone)
        #expect(try await fixture.ledger.record(of: left.path)?.reason == "ignored now")
        #expect(try await fixture.ledger.record(of: large.path)?.state == .rejected)
    }

    @Test func `a file that is recalled is broken off, the others go on and its slot is free`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane()
        let asked = Turnstile()
        asked.open()
        provider.script { script in
            script.asks = [
                { _ in
                    try await asked.pass()
                    try await Task.sleep(for: .seconds(3600))
                    throw ProviderError(.transient, "it was not broken off")
                }
            ]
        }
        let file = try await fixture.queue("a.jpg", bytes(10))

        try await lane.running {
            try await asked.arrivals(1)
            try await fixture.queue("b.jpg", bytes(11))
            lane.wake()
            try await fixture.events.uploaded("b.jpg")
            try await fixture.ledger.recordGone([file.path], at: .now())

            await lane.recall([file.path])
            try await untilSo { await lane.isAtRest }
        }

        // It has left without an entry, so nothing is kept of it; a file that was broken off otherwise would wait
        // again.
        #expect(try await fixture.state(file) == nil)
        #expect(provider.record.asked.count == 2)
    }

    @Test func `a passing failure counts as an attempt and the file is tried again`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane(retry: .atOnce)
        let file = try await fixture.queue("a.jpg", bytes(10))
        provider.script { $0.asks = [Self.throwing(.transient)] }

        try await lane.running {
            try await fixture.events.event { if case .postponed = $0 { true } else { false } }
            let record = try await fixture.ledger.record(of: file.path)
            #expect(record?.attempts == 1)
            #expect(record?.reason == "no")
            while provider.record.asked.count == 1 { try await clock.advanceToNextWake() }
            try await fixture.events.uploaded("a.jpg")
        }

        #expect(provider.record.asked.count == 2)
    }

    @Test(arguments: [
        (ProviderError.Kind.unreachable, "it cannot be reached: no"), (.refusedKey, "its key was refused: no"),
        (.quota, "its storage is full: no"),
        (.refusedHost, "its bytes may not go where the provider wants them: no"),
        (.insecure, "the connection to it is not safe: no"),
        (.outOfOrder, "its provider does not answer as it should: no"),
    ])
    func `an account that is blocked waits as a whole, uses up no attempts and sends one probe`(
        kind: ProviderError.Kind,
        words: String
    ) async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 3)
        let lane = fixture.lane(retry: .atOnce)
        let turnstile = Turnstile()
        let names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
        for (index, name) in names.enumerated() { try await fixture.queue(name, bytes(10 + index)) }
        // The three that are under way fail together; then the probe is held up while we look.
        provider.script { script in
            script.asks = (0..<3).map { _ in Self.throwing(kind) }
            script.asks.append { [provider] file in
                try await turnstile.pass()
                return provider.ticket(for: file)
            }
        }

        try await lane.running {
            try await fixture.events.postponed(3)
            #expect(await lane.isBlocked)
            try await fixture.events.event { if case .accountBlocked("main", words, _) = $0 { true } else { false } }
            #expect(provider.record.asked.count == 3)

            while turnstile.count == 0 { try await clock.advanceToNextWake() }
            // Far past the pause: nobody goes beside the probe.
            try await clock.advanceToNextWake()
            try await clock.sleepers(1)
            #expect(provider.record.asked.count == 4)
            turnstile.open()
            for name in names { try await fixture.events.uploaded(name) }
        }

        #expect(fixture.events.all.count { if case .accountBlocked = $0 { true } else { false } } == 1)
        #expect(fixture.events.all.count { if case .accountOpen("main") = $0 { true } else { false } } == 1)
        #expect(try await fixture.ledger.counts() == [.uploaded: 4])
    }

    @Test func `files of a blocked account keep their attempts`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane(retry: .atOnce)
        let file = try await fixture.queue("a.jpg", bytes(10))
        provider.script { $0.asks = (0..<5).map { _ in Self.throwing(.unreachable) } }

        try await lane.running {
            for tries in 1...5 {
                try await fixture.events.postponed(tries)
                let record = try await fixture.ledger.record(of: file.path)
                #expect(record?.attempts == 0)
                while provider.record.asked.count == tries { try await clock.advanceToNextWake() }
            }
            try await fixture.events.uploaded("a.jpg")
        }

        let reason = "account main waits, it cannot be reached: no"
        #expect(fixture.events.all.count { if case .postponed(_, reason, _) = $0 { true } else { false } } == 5)
    }

    @Test func `a rate limit holds up all files for as long as the server says, then all go`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane(retry: .atOnce)
        let file = try await fixture.queue("a.jpg", bytes(10))
        provider.script { $0.asks = [Self.throwing(.throttled(.seconds(30)))] }

        try await lane.running {
            try await fixture.events.postponed(1)
            #expect(try await fixture.ledger.record(of: file.path)?.attempts == 0)
            #expect(await !lane.isBlocked)
            try await fixture.queue("b.jpg", bytes(11))
            lane.wake()
            clock.advance(by: .seconds(29))
            #expect(provider.record.asked.count == 1)

            while provider.record.asked.count == 1 { try await clock.advanceToNextWake() }
            #expect(clock.now.offset >= .seconds(30))
            try await fixture.events.uploaded("a.jpg")
            try await fixture.events.uploaded("b.jpg")
        }
    }

    @Test func `open tries at once what the account waited for`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane(retry: .atOnce)
        try await fixture.queue("a.jpg", bytes(10))
        provider.script { $0.asks = [Self.throwing(.refusedKey)] }

        try await lane.running {
            try await fixture.events.postponed(1)
            #expect(await lane.isBlocked)
            await lane.open()
            try await fixture.events.uploaded("a.jpg")
        }

        #expect(clock.now == begin)
    }

    @Test func `a file that the provider refuses is rejected in its words, and its ticket forgotten`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane(retry: .atOnce)
        let file = try await fixture.queue("a.jpg", bytes(10))
        provider.script { script in
            script.finishes = [{ _ in throw ProviderError(.refusedFile, "it is too wide", requestID: "r1") }]
        }

        try await lane.running {
            try await fixture.events.event { if case .rejected = $0 { true } else { false } }
        }

        let reason = "it is too wide (request r1)"
        let row = try await fixture.ledger.row(of: file.path)
        guard case .rejected(let rejected)? = row?.content else { return fail("not rejected") }
        #expect(rejected.rejection == Rejection(.refusedByProvider, reason))
        #expect(try await fixture.state(file) == .rejected)
        #expect(try await fixture.book.upload(of: file) == nil)
    }

    @Test func `a file that changed settles anew`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let told = Tally<MediaFile>()
        let turnstile = Turnstile()
        turnstile.open()
        let lane = fixture.lane(retry: .atOnce) { file in
            told.enter(file)
            try? await turnstile.pass()
        }
        let file = try await fixture.queue("a.jpg", bytes(10))
        try fixture.directory.write("a.jpg", bytes(20))

        try await lane.running {
            try await fixture.events.event { if case .changed = $0 { true } else { false } }
            try await turnstile.arrivals(1)
        }

        #expect(told.turns == 1)
        told.leave(file)
        #expect(told.isOver)
        #expect(try await fixture.state(file) == .settling)
    }

    @Test func `never more files at a time than the account's concurrency`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane(retry: .atOnce)
        let turnstile = Turnstile()
        for number in 0..<8 { try await fixture.queue("\(number).jpg", bytes(10 + number)) }
        provider.script { script in
            script.sends = (0..<8).map { _ in
                { piece, _ in
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                }
            }
        }

        try await lane.running {
            try await turnstile.arrivals(2)
            lane.wake()
            #expect(await !lane.isAtRest)
            turnstile.open()
            for number in 0..<8 { try await fixture.events.uploaded("\(number).jpg") }
        }

        #expect(provider.record.mostAtATime == 2)
    }

    @Test func `a file that is touched again and again while it goes up has one slot`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane()
        let turnstile = Turnstile()
        let file = try await fixture.queue("a.jpg", bytes(10))
        provider.script { script in
            script.sends = [
                { piece, _ in
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                }
            ]
        }

        try await lane.running {
            try await turnstile.arrivals(1)
            for _ in 0..<2 {
                touch(file.path)
                try await fixture.ledger.enqueue(fixture.directory.media("a.jpg"), at: .now())
            }
            try await fixture.queue("b.jpg", bytes(11))
            lane.wake()
            try await fixture.events.uploaded("b.jpg")
            turnstile.open()
            try await fixture.events.uploaded("a.jpg")
            try await fixture.events.event { if case .reused = $0 { true } else { false } }
        }

        #expect(provider.record.asked.map(\.uploadName).sorted() == ["a.jpg", "b.jpg"])
    }

    /// A provider that holds up pieces of large files until a test lets them through.
    private func holdLarge(_ turnstile: Turnstile, count: Int) {
        provider.script { script in
            script.sends = (0..<count).map { _ in
                { piece, _ in
                    if Portion.isLarge(piece.length) { try await turnstile.pass() }
                    return ScriptedProvider.answer(to: piece)
                }
            }
        }
    }

    @Test func `three large files that hang leave a slot in which photos go up`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 4)
        let lane = fixture.lane(retry: .atOnce)
        let turnstile = Turnstile()
        let videos = ["1.mp4", "2.mp4", "3.mp4", "4.mp4"]
        for (number, name) in videos.enumerated() { try await fixture.queueLarge(name, number) }
        holdLarge(turnstile, count: 10)

        try await lane.running {
            try await turnstile.arrivals(3)
            for number in 0..<6 { try await fixture.queue("\(number).jpg", bytes(10 + number)) }
            lane.wake()
            for number in 0..<6 { try await fixture.events.uploaded("\(number).jpg") }
            let counts = try await fixture.ledger.counts()
            #expect(counts[.uploading] == 3 && counts[.queued] == 1, "\(counts)")
            turnstile.open()
            for name in videos { try await fixture.events.uploaded(name) }
        }
    }

    @Test func `a large file starts next, however many photos have waited longer`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 2)
        let lane = fixture.lane(retry: .atOnce)
        let turnstile = Turnstile()
        for number in 0..<6 { try await fixture.queue("\(number).jpg", bytes(10 + number)) }
        provider.script { script in
            script.sends = [
                { piece, _ in
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                },
                { piece, _ in
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                },
            ]
        }

        try await lane.running {
            try await turnstile.arrivals(2)
            try await fixture.queueLarge("video.mp4")
            turnstile.open()
            try await fixture.events.uploaded("video.mp4")
            for number in 0..<6 { try await fixture.events.uploaded("\(number).jpg") }
        }

        // It goes with the next photo when both slots become free at once.
        let names = provider.record.asked.map(\.uploadName)
        #expect(names.prefix(4).contains("video.mp4"), "\(names)")
    }
}
