import Pipeline
import TestSupport
import Testing
import Threads

@testable import Pipeline

/// One call a minute. Each test spends it first, and the clock stands still unless a test moves it.
@Suite(.timeLimit(.minutes(5))) struct PacedProviderTests {
    private let provider = ScriptedProvider(needsFinish: true)
    private let clock = ManualClock()
    private let fixture: AccountFixture<ManualClock>
    private let file: MediaFile
    private let ticket: Ticket

    init() async throws {
        let rate = CallRate(calls: 1, window: .seconds(60))
        fixture = try AccountFixture(provider, clock: clock, rate: [rate])
        file = try await fixture.queue("a.jpg", bytes(10))
        ticket = provider.ticket(for: file)
        try await fixture.services.pacer.wait(for: .write)
    }

    private var paced: PacedProvider<ManualClock> { fixture.services.provider { _ in } }

    /// Makes a call to the API.
    private func call(_ step: String) async throws {
        switch step {
        case "ask": _ = try await paced.ask(for: file)
        case "finish": _ = try await paced.finish(ticket, answers: [])
        default: _ = try await paced.status(of: ticket.receipt)
        }
    }

    /// Calls that have reached the provider.
    private var made: Int {
        let record = provider.record
        return record.asked.count + record.finished.count + record.looks.count
    }

    @Test(arguments: ["ask", "finish", "status"])
    func `a call to the API waits for the pace`(step: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await call(step) }
            try await clock.sleepers(1)
            #expect(made == 0)
            try await clock.advanceToNextWake()
            try await group.next()
        }

        #expect(made == 1)
        #expect(clock.now.offset == .milliseconds(60_250))
    }

    @Test(arguments: ["ask", "finish", "status"])
    func `a call that is cancelled while it waits is not made`(step: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await call(step) }
            try await clock.sleepers(1)
            group.cancelAll()
            let result = await group.nextResult()
            #expect(throws: CancellationError.self) { try result?.get() }
        }

        #expect(made == 0)
    }

    @Test func `a piece goes to the storage at once`() async throws {
        let body = Mutex([Chunk(bytes(10))])
        let stream = ByteStream(length: 10) { body.withLock { $0.popLast() } }

        _ = try await paced.send(ticket.pieces[0], of: file, body: stream)

        #expect(provider.record.sent.count == 1)
        #expect(clock.now.offset == .zero)
    }

    @Test func `a finish that needs no call does not wait`() async throws {
        let plain = ScriptedProvider().ticket(for: file)

        let receipt = try await paced.finish(plain, answers: [])

        #expect(receipt == plain.receipt)
        #expect(clock.now.offset == .zero)
    }

    @Test func `an ask counts when its turn has come, and not before`() async throws {
        let turn = try await withThrowingTaskGroup(of: Duration?.self) { group in
            group.addTask {
                var turn: Duration?
                _ = try await paced.ask(for: file) { turn = clock.now.offset }
                return turn
            }
            try await clock.advanceToNextWake()
            return try await group.next()
        }

        #expect(turn == .milliseconds(60_250))
    }

    @Test func `a finish that is not due any more after the wait is not made`() async throws {
        let receipt = try await withThrowingTaskGroup(of: Receipt?.self) { group in
            group.addTask { try await paced.finish(ticket, answers: []) { clock.now.offset == .zero } }
            try await clock.advanceToNextWake()
            return try await group.next()
        }

        #expect(receipt == .some(nil))
        #expect(made == 0)
    }
}
