import Crypto
import Glibc
import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

/// Bytes that went with a ticket without anybody's knowing what became of them: whoever has the same bytes goes on with
/// it.
@Suite(.timeLimit(.minutes(5))) struct UploadJobSameBytesTests {
    private typealias Fixture = AccountFixture<ContinuousClock>

    private func fixture(_ provider: ScriptedProvider) throws -> Fixture {
        try Fixture(provider, clock: ContinuousClock())
    }

    /// The provider of one PUT, or that of parts and a finish.
    private func provider(inParts: Bool) -> ScriptedProvider {
        ScriptedProvider(pieceLength: inParts ? 4 : nil, needsFinish: inParts)
    }

    @Test(arguments: [false, true])
    func `a file that is touched while its last bytes go counts, and is known afterwards`(inParts: Bool) async throws {
        let provider = provider(inParts: inParts)
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        let pieces = provider.ticket(for: file).pieces.count
        provider.script { script in
            script.sends = (0..<pieces).map { _ in
                { piece, _ in
                    if piece.index == pieces - 1 { touch(file.path) }
                    return ScriptedProvider.answer(to: piece)
                }
            }
        }

        guard case .uploaded = await fixture.run(file) else { return fail("not uploaded") }
        let touched = try await fixture.claimAgain("a.jpg")
        guard case .reused(movedFrom: nil) = await fixture.run(touched) else { return fail("not reused") }

        #expect(provider.record.asked == [file])
        #expect(provider.record.sent.count == pieces, "a piece went twice")
        #expect(try await fixture.ledger.revision() == 1)
        #expect(try await fixture.entry(file.path)?.sha256.bytes == Array(SHA256.hash(data: bytes(10))))
    }

    @Test func `a file that is touched, and whose newer version is queued at once, is no second asset`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        provider.script { script in
            script.asks = [
                { file in
                    touch(file.path)
                    try await fixture.ledger.enqueue(fixture.directory.media("a.jpg"), at: .now())
                    return provider.ticket(for: file)
                }
            ]
        }

        guard case .uploaded = await fixture.run(file) else { return fail("not uploaded") }
        #expect(try await fixture.state(file) == .queued)
        let touched = try await fixture.claimAgain("a.jpg")
        guard case .reused(movedFrom: nil) = await fixture.run(touched) else { return fail("not reused") }

        #expect(provider.record.asked.count == 1)
    }

    @Test(arguments: [false, true])
    func `a file that gets known bytes once it was looked at does not send the last of them`(inParts: Bool) async throws
    {
        // A short file is read before the request.
        let length = Int(MediaFile.longestShort) + 10
        let provider = ScriptedProvider(pieceLength: inParts ? Int64(length / 3) : nil, needsFinish: inParts)
        let fixture = try fixture(provider)
        let known = try await fixture.claim("known.jpg", bytes(length))
        guard case .uploaded = await fixture.run(known) else { return fail("not uploaded") }
        let before = provider.record.sent.count
        let file = try await fixture.claim("a.jpg", bytes(length, seed: 1))
        provider.script { script in
            script.asks = [
                { file in
                    try fixture.directory.write("a.jpg", bytes(length))
                    return provider.ticket(for: file)
                }
            ]
        }

        guard case .changed = await fixture.run(file) else { return fail("not changed") }
        let again = try await fixture.claimAgain("a.jpg")
        guard case .reused(movedFrom: nil) = await fixture.run(again) else { return fail("not reused") }

        let pieces = provider.ticket(for: file).pieces.count
        #expect(provider.record.sent.count < before + pieces, "all its bytes went")
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"), arguments: [false, true])
    func `a file that somebody opens and touches while it is sent goes on with its asset when it is closed`(
        inParts: Bool
    ) async throws {
        let provider = provider(inParts: inParts)
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        let pieces = provider.ticket(for: file).pieces.count
        let turnstile = Turnstile()
        provider.script { script in
            script.sends = (0..<pieces).map { _ in
                { piece, _ in
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                }
            }
        }

        async let end = fixture.run(file)
        try await turnstile.arrivals(pieces)
        let writer = try FileDescriptor.open(file.path, .writeOnly)
        touch(file.path)
        turnstile.open()
        guard case .changed = await end else { return fail("not changed") }
        #expect(provider.record.finished.isEmpty)
        try writer.close()
        let touched = try await fixture.claimAgain("a.jpg")
        guard case .uploaded = await fixture.run(touched) else { return fail("not uploaded") }

        #expect(provider.record.asked == [file])
        #expect(provider.record.sent.count == pieces, "a piece went twice")
        #expect(provider.record.finished.count == 1)
        #expect(try await fixture.state(touched) == .uploaded)
    }

    @Test(arguments: [false, true])
    func `a copy goes on with the ticket of a file whose answer was lost, which then takes the asset`(inParts: Bool)
        async throws
    {
        let provider = provider(inParts: inParts)
        let fixture = try fixture(provider)
        let first = try await fixture.claim("a.jpg", bytes(10))
        let lost = ProviderError(.transient, "the answer was lost")
        provider.script { script in
            if inParts {
                script.finishes = [{ _ in throw lost }]
            } else {
                script.sends = [{ _, _ in throw lost }]
            }
        }
        guard case .failed = await fixture.run(first) else { return fail("not failed") }
        try await fixture.ledger.postpone(first, Postponement(.retry, reason: "503", attempted: true))
        let other = try await fixture.queue("c.jpg", bytes(10, seed: 1))
        let copy = try await fixture.queue("b.jpg", bytes(10))
        try await fixture.claimAll()

        guard case .uploaded = await fixture.run(copy) else { return fail("not uploaded") }
        guard case .reused(movedFrom: nil) = await fixture.run(first) else { return fail("not reused") }
        guard case .uploaded = await fixture.run(other) else { return fail("not uploaded") }

        #expect(provider.record.asked == [first, other], "two assets have the same bytes")
        // Parts that were answered do not go again; the one PUT does, to the same place.
        #expect(provider.record.sent.count == (inParts ? 6 : 3))
        #expect(try await fixture.entry(copy.path)?.receipt.mediaID == "media-a.jpg")
        #expect(try await fixture.entry(first.path)?.receipt.mediaID == "media-a.jpg")
    }

    @Test func `other bytes of the same size neither wait nor get the ticket`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let first = try await fixture.claim("a.jpg", bytes(10))
        provider.script { $0.sends = [{ _, _ in throw ProviderError(.transient, "503") }] }
        guard case .failed = await fixture.run(first) else { return fail("not failed") }
        let other = try await fixture.claim("b.jpg", bytes(10, seed: 1))

        guard case .uploaded = await fixture.run(other) else { return fail("not uploaded") }
        guard case .uploaded = await fixture.run(first) else { return fail("not uploaded") }

        #expect(provider.record.asked == [first, other])
        #expect(try await fixture.entry(first.path)?.receipt.mediaID == "media-a.jpg")
        #expect(try await fixture.entry(other.path)?.sha256.bytes == Array(SHA256.hash(data: bytes(10, seed: 1))))
    }

    @Test func `bytes that went are the asset's of whoever has them later, when their file has others`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(10))
        let directory = fixture.directory
        provider.script { script in
            script.sends = [
                { piece, _ in
                    Moment.pass()
                    #expect(throws: Never.self) { try directory.write("a.jpg", bytes(10, seed: 1)) }
                    return ScriptedProvider.answer(to: piece)
                }
            ]
        }
        guard case .changed = await fixture.run(file) else { return fail("not changed") }
        let changed = try await fixture.claimAgain("a.jpg")
        guard case .uploaded = await fixture.run(changed) else { return fail("not uploaded") }
        let copy = try await fixture.claim("b.jpg", bytes(10))

        guard case .uploaded = await fixture.run(copy) else { return fail("not uploaded") }

        #expect(provider.record.asked.map(\.path) == [file.path, file.path])
        #expect(provider.record.sent.map(\.bytes) == [bytes(10), bytes(10, seed: 1)])
        #expect(try await fixture.entry(copy.path)?.sha256.bytes == Array(SHA256.hash(data: bytes(10))))
        #expect(try await fixture.entry(file.path)?.sha256.bytes == Array(SHA256.hash(data: bytes(10, seed: 1))))
    }

    @Test func `a file that changes places with another one goes on with its ticket`() async throws {
        let provider = ScriptedProvider()
        let fixture = try fixture(provider)
        let first = try await fixture.claim("a.jpg", bytes(10))
        provider.script { $0.sends = [{ _, _ in throw ProviderError(.transient, "503") }] }
        guard case .failed = await fixture.run(first) else { return fail("not failed") }
        try fixture.directory.write("b.jpg", bytes(20))
        for (from, to) in [("a.jpg", "x"), ("b.jpg", "a.jpg"), ("x", "b.jpg")] {
            let (from, to) = (fixture.directory.at(from), fixture.directory.at(to))
            try #require(rename(from.string, to.string) == 0)
        }
        let other = try await fixture.claimAgain("a.jpg")
        let moved = try await fixture.claimAgain("b.jpg")

        guard case .uploaded = await fixture.run(other) else { return fail("not uploaded") }
        guard case .uploaded = await fixture.run(moved) else { return fail("not uploaded") }

        #expect(provider.record.asked == [first, other])
        #expect(try await fixture.entry(moved.path)?.receipt.mediaID == "media-a.jpg")
    }

    @Test func `a file that gets other rights before a part of an earlier try is read keeps its ticket`() async throws {
        // A short file is read before the request.
        let length = (PieceSender.atATime + 2) * 60_000
        let provider = ScriptedProvider(pieceLength: 60_000, needsFinish: true)
        let fixture = try fixture(provider)
        let file = try await fixture.claim("a.jpg", bytes(length))
        let ticket = provider.ticket(for: file)
        let last = ticket.pieces[PieceSender.atATime + 1]
        try await fixture.book.recordTicket(ticket, of: file, at: .now())
        try await fixture.book.recordAnswer(ScriptedProvider.answer(to: last), of: file)
        // Of so many parts one has to end before the next is read, and with it what comes before the last.
        let send: ScriptedProvider.Sending = { piece, _ in
            changeRights(of: file.path)
            return ScriptedProvider.answer(to: piece)
        }
        provider.script { $0.sends = Array(repeating: send, count: PieceSender.atATime + 1) }

        guard case .changed = await fixture.run(file, isFirst: false) else { return fail("not changed") }
        let changed = try await fixture.claimAgain("a.jpg")
        guard case .uploaded = await fixture.run(changed) else { return fail("not uploaded") }

        #expect(provider.record.asked.isEmpty)
    }
}

extension AccountFixture {
    /// Queues a file as it is now, and takes it from the queue.
    fileprivate func claimAgain(_ name: String) async throws -> MediaFile {
        let file = try directory.media(name)
        try await ledger.enqueue(file, at: .now())
        try await claimAll()
        return file
    }
}
