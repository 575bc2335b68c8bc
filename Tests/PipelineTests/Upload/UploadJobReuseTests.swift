import Glibc
import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct UploadJobReuseTests {
    private let provider = ScriptedProvider()
    private let fixture: AccountFixture<ContinuousClock>

    init() throws {
        fixture = try AccountFixture(provider, clock: ContinuousClock())
    }

    /// Uploads a file, so that its bytes are known.
    private func upload(_ name: String, _ content: [UInt8]) async throws -> MediaFile {
        let file = try await fixture.claim(name, content)
        guard case .uploaded = await fixture.run(file) else { throw Unexpected() }
        return file
    }

    private struct Unexpected: Error {}

    @Test func `a copy takes the asset that is known, without a call`() async throws {
        let original = try await upload("a.jpg", bytes(10))
        let copy = try await fixture.claim("b.jpg", bytes(10))

        guard case .reused(movedFrom: nil) = await fixture.run(copy) else { return fail("not reused") }

        #expect(provider.record.asked.count == 1)
        #expect(try await fixture.entry(copy.path)?.receipt.mediaID == "media-a.jpg")
        #expect(try await fixture.entry(original.path)?.present == true)
    }

    @Test func `a file that was moved takes its entry along`() async throws {
        let original = try await upload("a.jpg", bytes(10))
        try #require(rename(original.path.string, fixture.directory.path.appending("b.jpg").string) == 0)
        let moved = try fixture.directory.media("b.jpg")
        try await fixture.ledger.enqueue(moved, at: .now())
        try await #require(fixture.claimAll().map(\.file) == [moved])

        guard case .reused(let from) = await fixture.run(moved) else { return fail("not reused") }

        #expect(from == original.path)
        #expect(try await fixture.ledger.changes(after: 0, limit: 9).map(\.event) == [.uploaded, .renamed])
        #expect(provider.record.asked.count == 1)
    }

    @Test func `another file with the bytes of one that left takes nothing from its entry`() async throws {
        let original = try await upload("a.jpg", bytes(10))
        try fixture.directory.remove("a.jpg")
        try await fixture.ledger.recordGone([original.path], at: .now())
        Moment.pass()
        let other = try await fixture.claim("b.jpg", bytes(10))

        guard case .reused(movedFrom: nil) = await fixture.run(other) else { return fail("moved") }

        #expect(try await fixture.entry(original.path)?.present == false)
        #expect(try await fixture.entry(other.path)?.receipt.mediaID == "media-a.jpg")
    }

    @Test func `a file that was touched keeps its entry, and the manifest does not change`() async throws {
        try await #require(upload("a.jpg", bytes(10)).size == 10)
        Moment.pass()
        let touched = try await fixture.claim("a.jpg", bytes(10))

        guard case .reused(movedFrom: nil) = await fixture.run(touched) else { return fail("not reused") }
        #expect(try await fixture.ledger.revision() == 1)
    }

    @Test func `other bytes of the same size go up`() async throws {
        try await #require(upload("a.jpg", bytes(10)).size == 10)
        let other = try await fixture.claim("b.jpg", bytes(10, seed: 1))

        guard case .uploaded = await fixture.run(other) else { return fail("not uploaded") }
        #expect(provider.record.asked.count == 2)
    }

    @Test func `of two equal files side by side one goes up and the other takes its asset`() async throws {
        let first = try await fixture.claim("a.jpg", bytes(10))
        let second = try await fixture.claim("b.jpg", bytes(10))
        let turnstile = Turnstile()
        provider.script { script in
            script.sends = [
                { piece, _ in
                    try await turnstile.pass()
                    return ScriptedProvider.answer(to: piece)
                }
            ]
        }

        let reused = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                if case .uploaded = await fixture.run(first) { true } else { false }
            }
            try await turnstile.arrivals(1)
            group.addTask {
                if case .reused(movedFrom: nil) = await fixture.run(second) { true } else { false }
            }
            turnstile.open()
            return try await group.reduce(true) { $0 && $1 }
        }

        #expect(reused)
        #expect(provider.record.asked.map(\.path) == [first.path])
        #expect(try await fixture.entry(second.path)?.receipt.mediaID == "media-a.jpg")
    }

    @Test func `when the first of two equal files fails, the second goes up in its place`() async throws {
        let first = try await fixture.claim("a.jpg", bytes(10))
        let second = try await fixture.claim("b.jpg", bytes(10))
        let turnstile = Turnstile()
        provider.script { script in
            script.sends = [
                { _, _ in
                    try await turnstile.pass()
                    throw ProviderError(.transient, "503")
                }
            ]
        }

        let ends = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                if case .failed = await fixture.run(first) { true } else { false }
            }
            try await turnstile.arrivals(1)
            group.addTask {
                if case .uploaded = await fixture.run(second) { true } else { false }
            }
            turnstile.open()
            return try await group.reduce(true) { $0 && $1 }
        }

        #expect(ends)
        #expect(provider.record.asked == [first], "the second goes on with the first one's ticket")
    }
}
