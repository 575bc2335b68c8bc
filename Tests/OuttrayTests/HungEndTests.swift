import Logging
import Testing
import Threads

@testable import outtray

@Suite(.timeLimit(.minutes(5))) struct HungEndTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `an end that takes too long is ended once`() async throws {
        let killed = Promise<Void>()
        let kills = Mutex(0)
        let end = HungEnd(logger: logger) {
            kills.withLock { $0 += 1 }
            killed.give(.success(()))
        }

        for _ in 0..<3 { end.within(.milliseconds(1)) }

        try await killed.value()
        #expect(kills.withLock { $0 } == 1)
    }

    /// The second time is over after the first one.
    @Test func `what has ended in time is left alone`() async throws {
        let late = Promise<Void>()
        let kills = Mutex(0)
        let end = HungEnd(logger: logger) { kills.withLock { $0 += 1 } }
        end.within(.milliseconds(1))
        end.cancel()
        // Either the time was over before the cancellation, or nothing happens any more.
        let before = kills.withLock { $0 }
        HungEnd(logger: logger) { late.give(.success(())) }.within(.milliseconds(50))

        try await late.value()

        #expect(kills.withLock { $0 } == before)
    }
}
