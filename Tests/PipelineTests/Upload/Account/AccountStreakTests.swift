import Ledger
import Pipeline
import TestSupport
import Testing

@testable import Pipeline

/// A service that refuses every file alike costs no file its place, and one bad file costs no other.
@Suite(.timeLimit(.minutes(5))) struct AccountStreakTests {
    private typealias Fixture = AccountFixture<ManualClock>

    private let provider = ScriptedProvider()
    private let clock = ManualClock()

    /// A failed file is due again within moments, but not at once: others have their turn first.
    private static let soon = RetryPolicy(first: .seconds(1), longest: .seconds(1))

    /// PUTs of these sizes are refused, in bytes.
    private func refuseSends(ofSizes sizes: ClosedRange<Int>, _ kind: ProviderError.Kind = .refusedTicket) {
        provider.script { script in
            script.sends = (0..<1000).map { _ in
                { piece, bytes in
                    if sizes.contains(bytes.count) { throw ProviderError(kind, "NoSuchThing", status: 404) }
                    return ScriptedProvider.answer(to: piece)
                }
            }
        }
    }

    /// Every PUT is refused for as long as the script lasts.
    private func refuseSends(_ count: Int, _ kind: ProviderError.Kind = .refusedTicket) {
        provider.script { script in
            script.sends = (0..<count).map { _ in { _, _ in throw ProviderError(kind, "NoSuchThing", status: 404) } }
        }
    }

    @Sendable private static func blocked(_ event: PipelineEvent) -> Bool {
        if case .accountBlocked("main", let reason, _) = event {
            return reason == "its files are refused one like the other: NoSuchThing"
        }
        return false
    }

    @Test func `a storage that refuses all files blocks the account, and none stays rejected`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        let lane = fixture.lane(retry: Self.soon)
        let names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]
        for (index, name) in names.enumerated() { try await fixture.queue(name, bytes(10 + index)) }
        refuseSends(1000)

        try await lane.running {
            try await fixture.events.event(where: Self.blocked)
            #expect(await lane.isBlocked)
            let sent = provider.record.sent.count
            // A first try sends twice. On a slow machine an earlier file may be due again meanwhile.
            #expect(sent >= 6)
            while provider.record.sent.count == sent { try await clock.advanceToNextWake() }
            provider.script { $0.sends = [] }
            while try await fixture.ledger.counts()[.uploaded] != 5 { try await clock.advanceToNextWake() }
        }

        #expect(try await fixture.ledger.counts() == [.uploaded: 5])
        for name in names { #expect(try await fixture.entry(fixture.directory.at(name)) != nil) }
        #expect(!fixture.events.all.contains { if case .rejected = $0 { true } else { false } })
        #expect(fixture.events.all.count(where: Self.blocked) == 1)
    }

    @Test func `files that are refused at one moment are all taken back`() async throws {
        for _ in 0..<20 {
            let provider = ScriptedProvider()
            let fixture = try Fixture(provider, clock: clock)
            let lane = fixture.lane(retry: .atOnce)
            for index in 0..<5 { try await fixture.queue("\(index).jpg", bytes(10 + index)) }
            let turnstile = Turnstile()
            provider.script { script in
                script.asks = (0..<4).map { _ in
                    { _ in
                        try await turnstile.pass()
                        throw ProviderError(.refusedFile, "NoSuchThing", status: 400)
                    }
                }
            }

            try await lane.running {
                try await turnstile.arrivals(4)
                turnstile.open()
                try await fixture.events.event(where: Self.blocked)
                clock.advance(by: .seconds(1))
                await lane.open()
                try await untilSo { try await fixture.ledger.counts() == [.uploaded: 5] }
            }
        }
    }

    @Test func `a try that began before the account opened again is no verdict either`() async throws {
        let fixture = try Fixture(provider, clock: clock)
        let lane = fixture.lane(retry: .atOnce)
        for index in 0..<4 { try await fixture.queue("\(index).jpg", bytes(10 + index)) }
        let turnstile = Turnstile()
        provider.script { script in
            script.asks = (0..<4).map { _ in
                { file in
                    if file.uploadName == "3.jpg" { try await turnstile.pass() }
                    throw ProviderError(.refusedFile, "NoSuchThing", status: 400)
                }
            }
        }

        try await lane.running {
            try await fixture.events.event(where: Self.blocked)
            try await turnstile.arrivals(1)
            clock.advance(by: .seconds(1))
            await lane.open()
            for name in ["0.jpg", "1.jpg", "2.jpg"] { try await fixture.events.uploaded(name) }
            turnstile.open()
            try await fixture.events.uploaded("3.jpg")
        }

        #expect(try await fixture.ledger.counts() == [.uploaded: 4])
    }

    @Test func `while all are refused alike, each probe is another file`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        let lane = fixture.lane(retry: .atOnce)
        for index in 0..<5 { try await fixture.queue("\(index).jpg", bytes(10 + index)) }
        // All but the largest are bad for ever.
        provider.script { script in
            script.asks = (0..<40).map { _ in
                { [provider] file in
                    if file.uploadName != "4.jpg" { throw ProviderError(.refusedFile, "it is odd", status: 400) }
                    return provider.ticket(for: file)
                }
            }
        }

        try await lane.running {
            while !fixture.events.all.contains(where: { if case .uploaded = $0 { true } else { false } }) {
                try await clock.advanceToNextWake()
            }
            // Then what is said of a file is believed.
            for index in 0..<4 {
                let path = fixture.directory.at("\(index).jpg")
                while try await fixture.ledger.record(of: path)?.state != .rejected {
                    try await clock.advanceToNextWake()
                }
            }
        }

        let asked = provider.record.asked.map { String($0.uploadName.prefix(1)) }
        #expect(asked.prefix(7) == ["0", "1", "2", "0", "1", "3", "4"])
        #expect(try await fixture.ledger.counts() == [.uploaded: 1, .rejected: 4])
    }

    @Test func `a storage with a wrong clock is the account's cause after three files`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        let lane = fixture.lane(retry: Schedules.file)
        for index in 0..<4 { try await fixture.queue("\(index).jpg", bytes(10 + index)) }
        refuseSends(1000, .expiredTicket)

        try await lane.running {
            try await fixture.events.event(where: Self.blocked)
            let asked = Dictionary(grouping: provider.record.asked, by: \.uploadName).mapValues(\.count)
            #expect(Set(asked.keys) == ["0.jpg", "1.jpg", "2.jpg"])
            // On a slow machine an earlier one may be due again meanwhile, and asks once more.
            #expect(asked["2.jpg"] == 4)
            #expect(await lane.isBlocked)
        }
    }

    @Test func `two bad files beside good ones are rejected, and block nothing`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        let lane = fixture.lane(retry: Self.soon)
        for index in 0..<4 { try await fixture.queue("\(index).jpg", bytes(10 + index)) }
        refuseSends(ofSizes: 10...11)

        try await lane.running {
            try await fixture.events.uploaded("2.jpg")
            try await fixture.events.uploaded("3.jpg")
            while try await fixture.ledger.counts()[.rejected] != 2 { try await clock.advanceToNextWake() }
        }

        #expect(try await fixture.ledger.counts() == [.uploaded: 2, .rejected: 2])
        #expect(!fixture.events.all.contains(where: Self.blocked))
        // Two PUTs of the first try; then one of each try until another file was up, and of the last.
        #expect(try await fixture.ledger.record(of: fixture.directory.at("0.jpg"))?.reason == "NoSuchThing")
    }

    @Test func `three bad files block the account once, and are rejected once another file is up`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        let lane = fixture.lane(retry: Self.soon)
        for index in 0..<4 { try await fixture.queue("\(index).jpg", bytes(10 + index)) }
        refuseSends(ofSizes: 10...12)

        try await lane.running {
            while try await fixture.ledger.counts() != [.uploaded: 1, .rejected: 3] {
                try await clock.advanceToNextWake()
            }
        }

        #expect(fixture.events.all.count(where: Self.blocked) == 1)
    }

    @Test(arguments: [ProviderError.Kind.refusedTicket, .expiredTicket, .unexpectedAnswer])
    func `a file that is refused alone waits with its cause, in this process and the next`(kind: ProviderError.Kind)
        async throws
    {
        let fixture = try Fixture(provider, clock: clock)
        let file = try await fixture.queue("a.jpg", bytes(10))
        refuseSends(ofSizes: 10...10, kind)

        for pass in 1...3 {
            let lane = fixture.lane(retry: .atOnce)
            try await lane.running { try await fixture.events.postponed(2 * pass) }
            try await fixture.ledger.recover(at: .now())

            let record = try await fixture.ledger.record(of: file.path)
            #expect(record?.state == .queued && [.serviceRefusal, nil].contains(record?.cause), "\(kind)")
        }

        #expect(!fixture.events.all.contains { if case .rejected = $0 { true } else { false } })
        #expect(try await fixture.ledger.row(of: file.path) == nil)
        let tries = try #require(try await fixture.ledger.record(of: file.path)).attempts
        let first = kind == .expiredTicket ? 4 : kind == .refusedTicket ? 2 : 1
        // Later tries ask once at most: each ask leaves an asset without bytes.
        // The end of a pass breaks off one try.
        #expect(provider.record.asked.count <= first + tries + 3, "\(tries) tries")
    }

    @Test func `a file that is refused while the next process uploads another one is rejected by it`() async throws {
        let fixture = try Fixture(provider, clock: clock, concurrency: 1)
        let bad = try await fixture.queue("a.jpg", bytes(10))
        refuseSends(ofSizes: 10...10)
        try await fixture.lane(retry: .atOnce).running { try await fixture.events.postponed(1) }
        try await fixture.ledger.recover(at: .now())

        try await fixture.queue("b.jpg", bytes(11))
        try await fixture.lane(retry: Self.soon).running {
            while try await fixture.state(bad) != .rejected { try await clock.advanceToNextWake() }
        }

        #expect(try await fixture.ledger.counts() == [.uploaded: 1, .rejected: 1])
    }
}
