import Threads

/// Whether what happens can be recorded: one for all stages.
///
/// While the ledger or the manifest cannot be written (a full disk, a read-only file system), everybody who has something
/// to record waits for that one cause, nothing is taken from the queue, and so no upload is started whose result could
/// not be recorded. It goes on by itself. What does not pass by itself (a damaged ledger) ends the pipeline.
package final class Bookkeeping<C: Clock>: Sendable where C.Duration == Duration {
    /// What is written; each stands still, and goes on, by itself.
    package enum Book: String, Hashable, Sendable {
        case ledger
        case manifest
    }

    /// Why a book cannot be written.
    private struct Trouble {
        var reason: String
        let since: C.Instant
        /// Callers that try again. A success of others says nothing: reading works on a full disk.
        var waiting: Int
    }

    private struct State {
        var troubles: [Book: Trouble] = [:]
        var lasting: (any Error)?
    }

    /// After a failure; the longest is short, as a try costs little and files wait.
    static var pauses: RetryPolicy { RetryPolicy(first: .seconds(1), longest: .seconds(5)) }

    private let clock: C
    private let observer: PipelineObserver
    private let state = Mutex(State())
    private let end = Doorbell()

    package init(clock: C, observer: @escaping PipelineObserver) {
        self.clock = clock
        self.observer = observer
    }

    /// Whether something may be started whose result has to be recorded.
    var isOpen: Bool { state.withLock { $0.troubles.isEmpty && $0.lasting == nil } }

    /// Why something cannot be written, and for how long that has been so; nil while all can.
    var closed: (reason: String, lasts: Duration)? {
        let oldest = state.withLock { $0.troubles.values.min { $0.since < $1.since } }
        return oldest.map { ($0.reason, $0.since.duration(to: clock.now)) }
    }

    /// What ended it for good.
    private var lastingFailure: (any Error)? { state.withLock { $0.lasting } }

    /// Throws a failure that does not pass, once there is one; returns when the task is cancelled. One waiter.
    func waitForLastingFailure() async throws {
        await end.wait()
        if let lastingFailure { throw lastingFailure }
    }

    /// A failure of one call's own is tried so often: what it says may have been a moment's.
    private static var triesOfOneCall: Int { 3 }

    /// Does work on a book until it succeeds. The first failure of a row is told, and the first success after it.
    ///
    /// - Throws: `CancellationError`, or a ``RecordingFailure`` that is lasting, or of this call alone: that holds up nobody
    ///   else.
    func durably<Value: Sendable>(
        on book: Book = .ledger,
        _ work: () async throws -> Value
    ) async throws -> Value {
        var failures = 0
        var isNoted = false
        var hasSucceeded = false
        defer { if isNoted { leave(book, afterSuccess: hasSucceeded) } }
        while true {
            do {
                let value = try await work()
                hasSucceeded = true
                return value
            } catch {
                try Task.checkCancellation()
                failures += 1
                if (error as? any RecordingFailure)?.isOfOneCall == true {
                    guard failures < Self.triesOfOneCall else {
                        observer(.failed(stage: "record in the \(book.rawValue)", reason: "\(error)"))
                        throw error
                    }
                } else {
                    note(error, on: book, isFirst: !isNoted)
                    isNoted = true
                }
                if let lastingFailure { throw lastingFailure }
                Loop.goesOn()
                try await clock.sleep(for: Self.pauses.bound(afterFailures: failures))
            }
        }
    }

    private func note(_ error: any Error, on book: Book, isFirst: Bool) {
        let isLasting = (error as? any RecordingFailure)?.isLasting == true
        let reason = "\(error)"
        let now = clock.now
        let isNew = state.withLock { state in
            if isLasting { state.lasting = state.lasting ?? error }
            let known = state.troubles[book]
            let waiting = (known?.waiting ?? 0) + (isFirst ? 1 : 0)
            state.troubles[book] = Trouble(reason: reason, since: known?.since ?? now, waiting: waiting)
            return known?.reason != reason
        }
        if isNew { observer(.recordsClosed(book: book.rawValue, reason: reason)) }
        if isLasting { end.ring() }
    }

    /// A caller that tried again has succeeded, or gives up because it was cancelled.
    private func leave(_ book: Book, afterSuccess: Bool) {
        let isOpen = state.withLock { state in
            guard var trouble = state.troubles[book] else { return false }
            trouble.waiting -= 1
            state.troubles[book] = trouble.waiting > 0 ? trouble : nil
            return state.troubles.isEmpty
        }
        if isOpen, afterSuccess { observer(.recordsOpen) }
    }
}

/// An error of a record that tells whether trying again may help.
package protocol RecordingFailure: Error {
    /// True where it does not pass while this process runs: damage, a file that was taken away.
    var isLasting: Bool { get }
    /// True where it says nothing of other calls: the next one may succeed.
    var isOfOneCall: Bool { get }
}
