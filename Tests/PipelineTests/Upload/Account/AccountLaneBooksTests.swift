import Ledger
import Pipeline
import TestSupport
import Testing

@testable import Pipeline

/// What an ``AccountLane`` does while a book cannot be written.
@Suite(.timeLimit(.minutes(5))) struct AccountLaneBooksTests {
    private let provider = ScriptedProvider()
    private let clock = ManualClock()
    private let fixture: AccountFixture<ManualClock>
    private let lane: AccountLane<ManualClock>

    init() throws {
        fixture = try AccountFixture(provider, clock: clock)
        lane = fixture.lane()
    }

    @Test func `while the ledger cannot record, nothing goes on, and it is told once`() async throws {
        let fixture = try AccountFixture(provider, clock: clock) { FailingBook($0, failures: 2) }
        let file = try await fixture.claim("a.jpg", bytes(10))

        let uploaded = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                if case .uploaded = await fixture.run(file) { true } else { false }
            }
            try await clock.sleepers(1)
            #expect(provider.record.sent.isEmpty)
            #expect(clock.nextWake == .seconds(1))
            try await clock.advanceToNextWake()
            try await clock.sleepers(1)
            #expect(clock.nextWake == .seconds(2))
            try await clock.advanceToNextWake()
            return try await group.next() ?? false
        }

        #expect(uploaded)
        // Told once, however often it is tried.
        #expect(fixture.events.all.count { if case .recordsClosed("ledger", _) = $0 { true } else { false } } == 1)
        #expect(fixture.events.all.count { if case .recordsOpen = $0 { true } else { false } } == 1)
        #expect(try await fixture.state(file) == .uploaded)
    }

    /// What cannot be written is somebody else's: the lane's own work on the ledger would succeed.
    @Test(arguments: [Bookkeeping<ManualClock>.Book.manifest, .ledger])
    func `while a book cannot be written nothing is taken from the queue, and then it goes on by itself`(
        book: Bookkeeping<ManualClock>.Book
    ) async throws {
        let disk = FullDisk()
        let (bookkeeping, lane) = (fixture.services.bookkeeping, lane)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bookkeeping.durably(on: book) { try disk.write() } }
            try await clock.sleepers(1)
            let file = try await fixture.queue("a.jpg", bytes(10))
            group.addTask { await lane.run() }
            for _ in 0..<4 {
                // Who writes the book sleeps, and the lane does, having looked.
                try await clock.sleepers(2)
                #expect(try await fixture.state(file) == .queued)
                try await clock.advanceToNextWake()
            }
            #expect(provider.record.asked.isEmpty)

            disk.makeRoom()
            while !bookkeeping.isOpen { try await clock.advanceToNextWake() }
            while provider.record.asked.isEmpty { try await clock.advanceToNextWake() }
            try await fixture.events.event { if case .uploaded = $0 { true } else { false } }
            group.cancelAll()
        }
    }
}
