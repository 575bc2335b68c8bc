import Threads

/// Whether changes can be recorded: one object for all stages.
///
/// On a full disk or a read-only file system, the ledger or the manifest cannot be written. Then all callers with
/// something to record wait for that one cause. No file is claimed, so no upload starts whose result could not be
/// recorded. It goes on by itself. A lasting failure (a damaged ledger) ends the pipeline.
package final class Bookkeeping<C: Clock>: Sendable where C.Duration == Duration {
    /// A record that is written. Each one stops and resumes independently.
    package enum Book: String, Hashable, Sendable {
        case ledger
        case manifest
        /// The manifest of all hosts.
        case fleetManifest = "fleet's manifest"
    }

    /// Why a book cannot be written.
    private struct Trouble {
        var reason: String
        let since: C.Instant
        /// Callers that try again. The success of another caller proves nothing: reading works on a full disk.
        var waiting: Int
    }

    private struct State {
        var troubles: [Book: Trouble] = [:]
        var lasting: (any Error)?
    }

    private let clock: C
    private let observer: PipelineObserver
    private let state = Monitor(State())

    package init(clock: C, observer: @escaping PipelineObserver) {
        self.clock = clock
        self.observer = observer
    }

    /// Whether work may start whose result has to be recorded.
    ///
    /// What all hosts of a fleet show is no result of the work here: it holds nothing up.
    var isOpen: Bool { state.read { $0.troubles.keys.allSatisfy { $0 == .fleetManifest } && $0.lasting == nil } }

    /// Why a book cannot be written, and for how long so far; nil while all can be written.
    var closed: (reason: String, lasts: Duration)? {
        let oldest = state.read { state in
            state.troubles.filter { $0.key != .fleetManifest }.values.min { $0.since < $1.since }
        }
        return oldest.map { ($0.reason, $0.since.duration(to: clock.now)) }
    }

    /// The failure that ended all recording.
    private var lastingFailure: (any Error)? { state.read { $0.lasting } }

    /// Throws a lasting failure, as soon as there is one. Returns when the task is cancelled.
    func waitForLastingFailure() async throws {
        if let failure = try? await state.value({ $0.lasting }) { throw failure }
    }

    /// Does work on a book until it succeeds. Reports the first failure in a row, and the first success after it.
    ///
    /// - Throws: `CancellationError`; a lasting ``RecordingFailure``; one of this call alone, which holds up no other
    ///   call.
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
                    guard failures < Schedules.triesOfOneCall else {
                        observer(.failed(stage: "record in the \(book.rawValue)", reason: "\(error)"))
                        throw error
                    }
                } else {
                    report(error, on: book, isFirst: !isNoted)
                    isNoted = true
                }
                if let lastingFailure { throw lastingFailure }
                Loop.goesOn()
                try await clock.sleep(for: Schedules.books.bound(afterFailures: failures))
            }
        }
    }

    private func report(_ error: any Error, on book: Book, isFirst: Bool) {
        let isLasting = (error as? any RecordingFailure)?.isLasting == true
        let reason = "\(error)"
        let now = clock.now
        let isNew = state.change { state in
            if isLasting { state.lasting = state.lasting ?? error }
            let known = state.troubles[book]
            let waiting = (known?.waiting ?? 0) + (isFirst ? 1 : 0)
            state.troubles[book] = Trouble(reason: reason, since: known?.since ?? now, waiting: waiting)
            return known?.reason != reason
        }
        if isNew { observer(.recordsClosed(book: book.rawValue, reason: reason)) }
    }

    /// Ends a caller's tries: it has succeeded, or gives up because it was cancelled.
    private func leave(_ book: Book, afterSuccess: Bool) {
        let isOpen = state.change { state in
            guard var trouble = state.troubles[book] else { return false }
            trouble.waiting -= 1
            state.troubles[book] = trouble.waiting > 0 ? trouble : nil
            return state.troubles.isEmpty
        }
        if isOpen, afterSuccess { observer(.recordsOpen) }
    }
}

/// An error of a record. It tells whether another try may help.
package protocol RecordingFailure: Error {
    /// True if it lasts as long as this process: damage, or a file that was taken away.
    var isLasting: Bool { get }
    /// True if it says nothing about other calls: the next one may succeed.
    var isOfOneCall: Bool { get }
}
