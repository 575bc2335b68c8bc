import TestSupport
import Testing
import Threads

@testable import Pipeline

@Suite(.timeLimit(.minutes(5))) struct BookkeepingTests {
    private struct DiskFull: Error {}

    private struct Damaged: RecordingFailure {
        let isLasting = true
        let isOfOneCall = false
    }

    private struct OddRow: RecordingFailure {
        let isLasting = false
        let isOfOneCall = true
    }

    private let clock = ManualClock()
    private let events = RecordedEvents()
    private let bookkeeping: Bookkeeping<ManualClock>

    init() {
        bookkeeping = Bookkeeping(clock: clock, observer: events.observer)
    }

    private var closings: Int { events.all.count { if case .recordsClosed = $0 { true } else { false } } }
    private var openings: Int { events.all.count { if case .recordsOpen = $0 { true } else { false } } }

    @Test func `what fails closes the books until it succeeds, told once each`() async throws {
        let failures = Mutex(3)

        async let value = bookkeeping.durably {
            if failures.withLock({
                $0 -= 1
                return $0 >= 0
            }) {
                throw DiskFull()
            }
            return 7
        }
        try await clock.sleepers(1)
        #expect(!bookkeeping.isOpen)
        for _ in 0..<3 { try await clock.advanceToNextWake() }

        #expect(try await value == 7)
        #expect(bookkeeping.isOpen)
        #expect(closings == 1 && openings == 1)
    }

    @Test func `a success of somebody else does not open the books`() async throws {
        let isFull = Mutex(true)

        async let waiting: Void = bookkeeping.durably { if isFull.withLock({ $0 }) { throw DiskFull() } }
        try await clock.sleepers(1)
        // Reading works on a full disk.
        try await bookkeeping.durably {}
        #expect(!bookkeeping.isOpen)
        isFull.withLock { $0 = false }
        try await clock.advanceToNextWake()

        try await waiting
        #expect(bookkeeping.isOpen)
    }

    @Test func `of several that wait, the last one to succeed opens the books`() async throws {
        let disk = FullDisk(for: [0, 1])

        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0...1 {
                group.addTask {
                    try await bookkeeping.durably { try disk.write(by: number) }
                    return number
                }
            }
            try await clock.sleepers(2)
            disk.makeRoom(for: 0)
            try await clock.advanceToNextWake()
            let first = try await group.next()
            try await clock.sleepers(1)
            #expect(first == 0)
            #expect(!bookkeeping.isOpen)
            #expect(openings == 0)

            disk.makeRoom(for: 1)
            try await clock.advanceToNextWake()
            let last = try await group.next()
            #expect(last == 1)
        }

        #expect(bookkeeping.isOpen)
        #expect(closings == 1 && openings == 1)
    }

    @Test func `a caller that is cancelled leaves the books open`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await bookkeeping.durably { throw DiskFull() } }
            try await clock.sleepers(1)
            #expect(!bookkeeping.isOpen)
            group.cancelAll()
        }

        #expect(bookkeeping.isOpen)
    }

    @Test func `the time it has been closed counts from the first failure`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await bookkeeping.durably(on: .manifest) { throw DiskFull() } }
            for _ in 0..<2 { try await clock.advanceToNextWake() }
            try await clock.sleepers(1)
            #expect(bookkeeping.closed?.lasts == .seconds(3))
            group.cancelAll()
        }

        #expect(bookkeeping.closed == nil)
    }

    @Test func `what fails for one call alone is tried three times, and holds up nobody else`() async throws {
        let tries = Tally<String>()

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: OddRow.self) {
                    try await bookkeeping.durably {
                        tries.enter("row")
                        throw OddRow()
                    }
                }
            }
            for _ in 0..<2 {
                try await clock.sleepers(1)
                #expect(bookkeeping.isOpen)
                try await clock.advanceToNextWake()
            }
        }

        #expect(tries.turns == 3)
        #expect(closings == 0)
        try await events.event { if case .failed = $0 { true } else { false } }
    }

    @Test func `damage is thrown at once, and ends the wait for it`() async throws {
        await #expect(throws: Damaged.self) { try await bookkeeping.durably { throw Damaged() } }

        await #expect(throws: Damaged.self) { try await bookkeeping.waitForLastingFailure() }
        #expect(!bookkeeping.isOpen)
    }
}
