import Ledger
import Pipeline
import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct StatusWatchTests {
    private let provider = ScriptedProvider()
    private let fixture: AccountFixture<ManualClock>

    private let index = MemoryFleet().index(of: "here")

    init() throws {
        fixture = try AccountFixture(provider, clock: ManualClock(), index: index)
    }

    /// A file whose asset is being processed since `uploadedAt`; each `number` is another content.
    private func upload(_ number: UInt8 = 1, at uploadedAt: Timestamp = .now()) async throws -> MediaFile {
        let file = try await fixture.claim(number == 1 ? "a.jpg" : "\(number).jpg", bytes(10))
        try await fixture.book.complete(
            file,
            provider: "scripted",
            sha256: digest(number),
            receipt: Receipt(mediaID: "m", status: .processing),
            at: uploadedAt
        )
        return file
    }

    private let bell = Doorbell()

    private func watch(_ changed: @escaping @Sendable () -> Void = {}) -> StatusWatch<ManualClock> {
        StatusWatch(lane: fixture.lane(), services: fixture.services, bell: bell) { _ in changed() }
    }

    @Test func `an asset that is ready is told once, and not looked at again`() async throws {
        let file = try await upload()
        let changes = Tally<String>()
        let watch = watch { changes.enter("manifest") }

        try await watch.lookAtDue()
        try await watch.lookAtDue()

        #expect(provider.record.looks.map(\.mediaID) == ["m"])
        #expect(changes.turns == 1)
        #expect(try await fixture.entry(file.path)?.receipt.status == .ready)
        #expect(try await fixture.ledger.changes(after: 0, limit: 9).map(\.event) == [.uploaded, .updated])
        try await fixture.events.event { if case .status(file.path, .ready) = $0 { true } else { false } }
    }

    @Test func `an asset that another host asks about is not asked for here, and not given up`() async throws {
        let file = try await upload()
        let book = fixture.book
        for _ in 0..<Schedules.status.most {
            let asset = try #require(try await book.processing(at: .now(), limit: 1).first)
            try await book.recordStatus(.processing, of: asset, nextLook: .atOnce, at: .now())
        }
        index.script { $0.word = .wait }

        try await watch().lookAtDue()

        #expect(provider.record.looks.isEmpty)
        #expect(try await fixture.entry(file.path)?.receipt.status == .processing)
        #expect(try await book.nextLook() != nil)
    }

    @Test func `what another host has found out is told here, without a call`() async throws {
        let file = try await upload()
        index.script { $0.word = .told(.ready) }

        try await watch().lookAtDue()

        #expect(provider.record.looks.isEmpty)
        #expect(try await fixture.entry(file.path)?.receipt.status == .ready)
        #expect(try await fixture.book.nextLook() == nil)
    }

    @Test func `one that is still processing is looked at later, and the manifest does not change`() async throws {
        let file = try await upload()
        provider.script { $0.statuses = [{ _ in .processing }] }
        let before = Timestamp.now()

        try await watch().lookAtDue()

        let next = try #require(try await fixture.book.nextLook())
        #expect(next >= before.advanced(by: .seconds(2)) && next <= Timestamp.now().advanced(by: .seconds(2)))
        #expect(try await fixture.entry(file.path)?.receipt.status == .processing)
        #expect(try await fixture.ledger.revision() == 1)
    }

    @Test func `a look that fails tells nothing of the asset`() async throws {
        let file = try await upload()
        provider.script { $0.statuses = [{ _ in throw ProviderError(.transient, "503") }] }

        try await watch().lookAtDue()

        #expect(try await fixture.entry(file.path)?.receipt.status == .processing)
        #expect(try await fixture.book.nextLook() != nil)
    }

    @Test func `a provider that has not finished after an hour is asked no more`() async throws {
        let file = try await upload()
        let book = fixture.book
        for _ in 0..<Schedules.status.most {
            let asset = try #require(try await book.processing(at: .now(), limit: 1).first)
            try await book.recordStatus(.processing, of: asset, nextLook: .atOnce, at: .now())
        }
        provider.script { $0.statuses = [{ _ in .processing }] }

        try await watch().lookAtDue()

        #expect(provider.record.looks.count == 1)
        #expect(try await fixture.entry(file.path)?.receipt.status == .unknown)
        #expect(try await fixture.book.nextLook() == nil)
    }

    @Test func `the looks at one asset take an hour`() {
        let looks = 0..<Schedules.status.most

        let pauses = looks.map { Schedules.status.pause(afterLooks: $0) }

        #expect(pauses.first == .seconds(2) && pauses[1] == .seconds(3) && pauses.last == .seconds(60))
        #expect(pauses.reduce(.zero, +) >= .seconds(3600))
        #expect(pauses.dropLast().reduce(.zero, +) < .seconds(3600))
    }

    @Test func `one that became ready while nobody asked is told as ready, however long that was`() async throws {
        let file = try await upload(at: Timestamp.now().advanced(by: .seconds(-86_400)))

        try await watch().lookAtDue()

        #expect(try await fixture.entry(file.path)?.receipt.status == .ready)
    }

    @Test func `a refused key blocks the account, and nothing is asked while it is blocked`() async throws {
        // Three are due: the first look moves the one it asked for, and no other.
        for number in UInt8(1)...3 { _ = try await upload(number) }
        provider.script { $0.statuses = [{ _ in throw ProviderError(.refusedKey, "401") }] }
        let watch = watch()
        let before = Timestamp.steady()

        try await watch.lookAtDue()
        try await watch.lookAtDue()

        #expect(provider.record.looks.count == 1)
        #expect(try await fixture.book.processing(at: before, limit: 9).count == 2)
        try await fixture.events.event {
            if case .accountBlocked("main", "its key was refused: 401", _) = $0 { true } else { false }
        }
    }

    @Test func `without a file to probe a blocked account, a look does so when its time has come`() async throws {
        let file = try await upload()
        provider.script { $0.statuses = [{ _ in throw ProviderError(.unreachable, "no route") }] }
        let lane = fixture.lane()
        let watch = StatusWatch(lane: lane, services: fixture.services, bell: bell) { _ in }

        try await lane.running {
            try await watch.lookAtDue()
            let asset = try #require(
                try await fixture.book.processing(at: Timestamp.steady().advanced(by: .seconds(60)), limit: 1).first
            )
            try await fixture.book.recordStatus(.processing, of: asset, nextLook: .atOnce, at: .now())
            try await watch.lookAtDue()
            #expect(provider.record.looks.count == 1)

            fixture.clock.advance(by: Schedules.connection.longest)
            // The lane looks for a file once more.
            try await untilSo {
                try await watch.lookAtDue()
                return provider.record.looks.count == 2
            }
        }

        #expect(try await fixture.entry(file.path)?.receipt.status == .ready)
        #expect(await lane.blockedBy == nil)
    }

    @Test func `an asset that could not be processed is told as failed`() async throws {
        let file = try await upload()
        provider.script { $0.statuses = [{ _ in .failed }] }

        try await watch().lookAtDue()

        #expect(try await fixture.entry(file.path)?.receipt.status == .failed)
    }

    @Test func `pauses grow by half from two seconds to a minute`() {
        let pauses = (0...40).map { Schedules.status.pause(afterLooks: $0) }

        #expect(pauses.prefix(4) == [.seconds(2), .seconds(3), .milliseconds(4500), .milliseconds(6750)])
        #expect(pauses.last == .seconds(60))
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func `run looks when it is woken`() async throws {
        let watch = watch()

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            let file = try await upload()
            bell.ring()
            try await fixture.events.event { if case .status(file.path, .ready) = $0 { true } else { false } }
            group.cancelAll()
        }
    }
}
