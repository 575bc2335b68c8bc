import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import Pipeline

/// Uploads whose file system hangs: all of the folder's threads are stuck from some moment on, until they are let go.
@Suite(.timeLimit(.minutes(5))) struct HungFileTests {
    private typealias Fixture = AccountFixture<ManualClock>

    private let provider = ScriptedProvider()
    private let clock = ManualClock()
    private let patience = ManualClock()
    private let threads = FolderThreads(["inbox", "other"])
    private let hang = Hang()
    private let events = RecordedEvents()

    private func fixture() throws -> Fixture {
        let hung = HungFiles(observer: events.observer)
        let disks = SourceDisks(threads: threads, patience: Patience(.seconds(30), clock: patience), hung: hung)
        return try Fixture(provider, clock: clock, concurrency: 1, disks: disks)
    }

    /// Runs a job whose file hangs, lets the patience run out once it does, and tells what came of it.
    private func hungOutcome(
        _ file: MediaFile,
        _ fixture: Fixture,
        once begun: Doorbell? = nil
    ) async throws -> UploadJob<ManualClock>.Outcome? {
        try await withThrowingTaskGroup(of: UploadJob<ManualClock>.Outcome.self) { group in
            group.addTask { await fixture.run(file) }
            await begun?.wait()
            try await patience.sleepers(1)
            patience.advance(by: .seconds(30))
            return try await group.next()
        }
    }

    private func expectUnanswered(_ outcome: UploadJob<ManualClock>.Outcome?, _ file: MediaFile) throws {
        var unanswered: Unanswered?
        if case .unanswered(let error) = outcome { unanswered = error }
        let error = try #require(unanswered, "\(String(describing: outcome))")
        #expect("\(error)" == "its file cannot be read: the file system of \(file.root) does not answer")
    }

    @Test func `a file that cannot be opened in time is given up, and not held against its account`() async throws {
        let fixture = try fixture()
        let file = try await fixture.claim("a.jpg", bytes(10))
        await hang.take(threads["inbox"])

        try expectUnanswered(await hungOutcome(file, fixture), file)

        #expect(fixture.services.disks.hung.heldBack.files == [file.path])
        hang.letGo()
        try await events.event { if case .answered = $0 { true } else { false } }
        #expect(fixture.services.disks.hung.heldBack == .nothing)
        #expect(provider.record.asked.isEmpty)
    }

    @Test func `a file that cannot be read on in time is given up, and what is read later goes nowhere`() async throws {
        let fixture = try fixture()
        let file = try await fixture.claim("a.jpg", bytes(Int(MediaFile.longestShort) + 1))
        let (hang, threads, ticket, begun) = (hang, threads["inbox"], provider.ticket(for: file), Doorbell())
        provider.script { script in
            script.asks = [
                { _ in
                    await hang.take(threads)
                    begun.ring()
                    return ticket
                }
            ]
        }

        try expectUnanswered(await hungOutcome(file, fixture, once: begun), file)

        hang.letGo()
        try await events.event { if case .answered = $0 { true } else { false } }
        #expect(provider.record.sent.isEmpty)
        // Its ticket is kept for the next try.
        #expect(try await fixture.book.upload(of: file)?.ticket == ticket)
    }

    @Test func `a file that hangs gives its slot to other folders, and goes up once it can be read`() async throws {
        let fixture = try fixture()
        let stuck = try await fixture.queue("a.jpg", bytes(10))
        try fixture.directory.write("other/b.jpg", bytes(11))
        let other = MediaFile(
            folder: "other",
            root: fixture.directory.at("other"),
            path: fixture.directory.at("other/b.jpg"),
            version: try FileStatus.of(fixture.directory.at("other/b.jpg")).version,
            account: "main",
            mime: .jpeg,
            kind: .image,
            uploadName: "b.jpg"
        )
        try await fixture.ledger.enqueue(other, at: .now())
        let lane = fixture.lane()
        await hang.take(threads["inbox"])

        try await lane.running {
            try await patience.sleepers(1)
            patience.advance(by: .seconds(30))
            try await fixture.events.uploaded("b.jpg")

            let record = try #require(try await fixture.ledger.record(of: stuck.path))
            #expect(record.state == .queued)
            #expect(record.attempts == 0)
            #expect(record.cause == .fileSystem)
            // A pass does not wait for it.
            while !(await lane.isAtRest) { try await clock.advanceToNextWake() }
            #expect(!(await lane.isBlocked))

            hang.letGo()
            try await events.event { if case .answered = $0 { true } else { false } }
            while provider.record.sent.count == 1 { try await clock.advanceToNextWake() }
            try await fixture.events.uploaded("a.jpg")
        }

        #expect(provider.record.sent.map(\.bytes) == [bytes(11), bytes(10)])
    }
}
