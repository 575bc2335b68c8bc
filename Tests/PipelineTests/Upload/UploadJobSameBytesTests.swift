import Crypto
import Glibc
import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

/// A file that is touched, and has the same bytes as before.
@Suite(.timeLimit(.minutes(1))) struct UploadJobSameBytesTests {
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
}

extension AccountFixture {
    /// Queues a file as it is now, and takes it from the queue.
    fileprivate func claimAgain(_ name: String) async throws -> MediaFile {
        let file = try directory.media(name)
        try await ledger.enqueue(file, at: .now())
        try await claimAll()
        return file
    }

    fileprivate func claimAll() async throws {
        _ = try await ledger.claim(account: "main", .oldest(100), at: .now())
    }
}

/// Sets a file's times to now, which is another time than before, and changes nothing else.
private func touch(_ path: FilePath) {
    Moment.pass()
    #expect(utimensat(AT_FDCWD, path.string, nil, 0) == 0)
}
