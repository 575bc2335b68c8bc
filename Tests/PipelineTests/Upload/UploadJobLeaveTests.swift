import Ledger
import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

/// A file whose bytes are known, in a folder from which files leave: it may be the last copy of them.
@Suite(.timeLimit(.minutes(5))) struct UploadJobLeaveTests {
    private typealias Fixture = AccountFixture<ContinuousClock>

    private let provider = ScriptedProvider()

    /// An account with an uploaded file, and a copy of it that is to go up.
    private func fixture(_ after: AfterUpload, _ looks: [ScriptedProvider.Looking]) async throws -> (Fixture, MediaFile)
    {
        let fixture = try Fixture(provider, clock: ContinuousClock(), afterUpload: after)
        guard case .uploaded = await fixture.run(try await fixture.claim("a.jpg", bytes(10))) else {
            fail("not uploaded")
            throw CancellationError()
        }
        provider.script { $0.presences = looks }
        return (fixture, try await fixture.claim("b.jpg", bytes(10)))
    }

    private func leaving(_ fixture: Fixture) async throws -> [String] {
        try await fixture.ledger.departures(of: "inbox", dueBy: .steady(), limit: 9)
            .compactMap { $0.path.lastComponent?.string }
    }

    @Test func `a copy is deleted once the provider says that it has the asset`() async throws {
        let (fixture, copy) = try await fixture(.delete, [])

        guard case .reused = await fixture.run(copy) else { return fail("not reused") }

        #expect(provider.record.presences.map(\.mediaID) == ["media-a.jpg"])
        #expect(try await leaving(fixture) == ["a.jpg", "b.jpg"])
    }

    @Test func `a copy of an asset that is gone goes up anew, and the asset is failed`() async throws {
        let (fixture, copy) = try await fixture(.delete, [{ _ in .gone }])

        guard case .uploaded = await fixture.run(copy) else { return fail("not uploaded") }

        #expect(try await fixture.entry(copy.path)?.receipt.mediaID == "media-b.jpg")
        let first = try await fixture.entry(fixture.directory.at("a.jpg"))
        #expect(first?.receipt.status == .failed)
        #expect(fixture.events.all.contains { if case .status(_, .failed) = $0 { true } else { false } })
        #expect(provider.record.presences.count == 1)
    }

    @Test(arguments: [
        (AssetPresence.untold("odd"), nil),
        (.gone, ProviderError(.refusedKey, "no looks", status: 403)),
        (.gone, ProviderError(.refusedKey, "no such key", status: 401)), (.gone, ProviderError(.outOfOrder, "a page")),
        (.gone, ProviderError(.unexpectedAnswer, "odd")),
    ])
    func `a copy stays, with its asset, if nobody can tell whether the asset is there`(
        presence: AssetPresence,
        error: ProviderError?
    ) async throws {
        let (fixture, copy) = try await fixture(.delete, [{ _ in if let error { throw error } else { presence } }])

        guard case .reused = await fixture.run(copy) else { return fail("not reused") }

        #expect(try await leaving(fixture) == ["a.jpg"])
        #expect(try await fixture.entry(copy.path)?.receipt.mediaID == "media-a.jpg")
        #expect(fixture.events.all.contains { if case .stays(copy.path, _) = $0 { true } else { false } })
    }

    @Test func `a copy waits while the provider cannot be asked`() async throws {
        let (fixture, copy) = try await fixture(.delete, [{ _ in throw ProviderError(.unreachable, "no route") }])

        guard case .failed(let error) = await fixture.run(copy) else { return fail("not failed") }

        #expect(error.kind == .unreachable)
        #expect(try await leaving(fixture) == ["a.jpg"])
        #expect(try await fixture.entry(copy.path) == nil)
    }

    @Test func `a copy waits for no answer for ever`() async throws {
        let fails: ScriptedProvider.Looking = { _ in throw ProviderError(.transient, "it failed", status: 500) }
        let (fixture, copy) = try await fixture(.delete, [fails, fails])

        guard case .failed = await fixture.run(copy, attempts: 7) else { return fail("not failed") }
        guard case .reused = await fixture.run(copy, attempts: 8, isFirst: false) else { return fail("not reused") }

        #expect(try await leaving(fixture) == ["a.jpg"])
    }

    @Test(arguments: [AfterUpload.keep, .move("/done")])
    func `a copy that is not deleted is not asked about`(after: AfterUpload) async throws {
        let (fixture, copy) = try await fixture(after, [])

        guard case .reused = await fixture.run(copy) else { return fail("not reused") }

        #expect(provider.record.presences.isEmpty)
        #expect(try await leaving(fixture) == (after == .keep ? [] : ["a.jpg", "b.jpg"]))
    }

    @Test func `in a fleet a copy stays if the asset of another host is gone`() async throws {
        let fleet = MemoryFleet()
        let theirs = try Fixture(provider, clock: ContinuousClock(), index: fleet.index(of: "one"))
        guard case .uploaded = await theirs.run(try await theirs.claim("a.jpg", bytes(10))) else {
            return fail("not uploaded")
        }
        let ours = try Fixture(provider, clock: ContinuousClock(), index: fleet.index(of: "two"), afterUpload: .delete)
        provider.script { $0.presences = [{ _ in .gone }, { _ in .gone }] }

        for name in ["b.jpg", "c.jpg"] {
            let copy = try await ours.claim(name, bytes(10))
            switch await ours.run(copy) {
            case .adopted, .reused: break
            case let outcome: fail("\(outcome)")
            }
            #expect(ours.events.all.contains { if case .stays(copy.path, _) = $0 { true } else { false } })
        }

        #expect(provider.record.presences.count == 2)
        #expect(try await leaving(ours) == [])
    }
}
