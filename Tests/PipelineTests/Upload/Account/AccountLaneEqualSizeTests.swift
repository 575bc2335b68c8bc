import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

/// Files of one size: none keeps a slot for the sake of another, and the same bytes never make two assets.
@Suite(.timeLimit(.minutes(5))) struct AccountLaneEqualSizeTests {
    private typealias Fixture = AccountFixture<ContinuousClock>

    private let provider = ScriptedProvider()

    /// A script: the first bytes that go, go on when the turnstile opens.
    private func holdFirst(at turnstile: Turnstile) {
        provider.script { script in
            script.sends = [
                { piece, _ in
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                }
            ]
        }
    }

    @Test func `one slow file, and others of exactly its size, leave the slots to whoever can go`() async throws {
        let fixture = try Fixture(provider, clock: ContinuousClock(), concurrency: 4)
        let turnstile = Turnstile()
        holdFirst(at: turnstile)
        try await fixture.queue("slow.jpg", bytes(1000))
        let lane = fixture.lane()

        try await lane.running {
            try await turnstile.arrivals(1)
            // Three with the very bytes of the slow one, three with others, and one of another size.
            for number in 0..<3 { try await fixture.queue("same \(number).jpg", bytes(1000)) }
            for number in 0..<3 { try await fixture.queue("other \(number).jpg", bytes(1000, seed: UInt8(number + 1))) }
            try await fixture.queue("last.jpg", bytes(999))
            lane.wake()

            for number in 0..<3 { try await fixture.events.uploaded("other \(number).jpg") }
            try await fixture.events.uploaded("last.jpg")
            let waiting = try await fixture.ledger.record(of: fixture.directory.at("same 0.jpg"))
            #expect(waiting?.state == .queued)
            #expect(waiting?.reason == "another file with the same bytes is on its way")
            #expect(waiting?.attempts == 0)
            #expect(await !lane.isAtRest)

            turnstile.open()
            try await fixture.events.uploaded("slow.jpg")
            try await fixture.events.event(3) { if case .reused = $0 { true } else { false } }
        }

        #expect(provider.record.asked.count == 5)
        #expect(provider.record.sent.count == 5)
    }

    private static func content(_ number: Int) -> [UInt8] { bytes(100 + number % 3, seed: UInt8(number)) }

    /// One of three sizes, one of four contents of each, each at a speed of its own; one of them waits for all that can
    /// go.
    @Test
    func `whatever the sizes, contents and speeds, each content is one asset, and one slow file keeps few waiting`()
        async throws
    {
        var random = SeededGenerator()
        for _ in 0..<3 {
            let provider = ScriptedProvider(pieceLength: Bool.random(using: &random) ? 40 : nil)
            let fixture = try Fixture(
                provider,
                clock: ContinuousClock(),
                concurrency: Int.random(in: 2...5, using: &random)
            )
            let turnstile = Turnstile()
            let contents = (0..<30).map { _ in Int.random(in: 0..<12, using: &random) }
            let pauses = (0..<200).map { _ in Int.random(in: 0...8, using: &random) }
            provider.script { script in
                script.sends = [
                    { piece, _ in
                        try await turnstile.pass()
                        return ScriptedProvider.answer(to: piece)
                    }
                ]
                script.sends += pauses.map { pause in
                    { piece, _ in
                        try? await Task.sleep(for: .milliseconds(pause))
                        return ScriptedProvider.answer(to: piece)
                    }
                }
            }
            try await fixture.queue("slow.jpg", Self.content(0))
            let others = contents.filter { $0 != 0 }.count
            let lane = fixture.lane()

            try await lane.running {
                try await turnstile.arrivals(1)
                for (index, number) in contents.enumerated() {
                    try await fixture.queue("\(index).jpg", Self.content(number))
                }
                lane.wake()
                // All whose bytes are others, while the slow one is held.
                try await fixture.events.event(others) { event in
                    switch event {
                    case .uploaded(let file, _), .reused(let file, _): file.uploadName != "slow.jpg"
                    default: false
                    }
                }
                turnstile.open()
                try await fixture.events.event(contents.count + 1) { event in
                    switch event {
                    case .uploaded, .reused: true
                    default: false
                    }
                }
            }

            #expect(provider.record.asked.count == Set(contents + [0]).count, "seed \(random.seed)")
            for (index, number) in contents.enumerated() {
                let digest = try await fixture.entry(fixture.directory.at("\(index).jpg"))?.sha256
                let first = contents.firstIndex(of: number).map { "\($0).jpg" } ?? ""
                #expect(digest != nil, "seed \(random.seed)")
                #expect(try await fixture.entry(fixture.directory.at(first))?.sha256 == digest, "seed \(random.seed)")
            }
        }
    }
}
