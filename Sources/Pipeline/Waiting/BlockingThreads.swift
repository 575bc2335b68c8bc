import DequeModule
import Dispatch
import Synchronization
import Watch

/// Runs what may block for ever (lstat or read on a network disk) on threads of its own, so many at a time; the rest waits
/// its turn without a thread.
///
/// These are not Dispatch's threads, which on Linux are Swift's own pool as well: a few that hang would starve every task.
/// A thread goes after a second without work.
package final class BlockingThreads: Sendable {
    private struct State {
        var jobs: Deque<@Sendable () -> Void> = []
        var threads = 0
        /// Threads that wait for a job and were not woken yet.
        var idle = 0
    }

    private let name: String
    private let bound: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// With at most `bound` threads; `name` is what `top -H` shows, up to 15 bytes.
    package init(name: String, bound: Int) {
        self.name = name
        self.bound = bound
    }

    /// Runs `work`, which must have no effect that anybody misses: when the task is cancelled it is left behind, so that
    /// what hangs holds up no end. Throws what `work` throws, or `CancellationError`.
    package func look<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let answer = Answer<Value>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.wait(continuation)
                add { if !answer.isGiven { answer.give(Result(catching: work)) } }
            }
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }

    /// Runs `work` and waits for its end, cancelled or not.
    package func finish<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            add { continuation.resume(with: Result(catching: work)) }
        }
    }

    private func add(_ job: @escaping @Sendable () -> Void) {
        let (mustWake, mustStart) = state.withLock { state in
            state.jobs.append(job)
            if state.idle > 0 {
                state.idle -= 1
                return (true, false)
            }
            guard state.threads < bound else { return (false, false) }
            state.threads += 1
            return (false, true)
        }
        if mustWake { wake.signal() }
        if mustStart { start() }
    }

    private func start() {
        do throws(OwnThread.ThreadError) {
            try OwnThread.start(named: name) { self.work() }
        } catch {
            // None to be had just now: one of Dispatch's is better than none.
            DispatchQueue.global().async { self.work() }
        }
    }

    private func work() {
        while true {
            let job = state.withLock { state in
                if state.jobs.isEmpty { state.idle += 1 }
                return state.jobs.popFirst()
            }
            if let job {
                job()
            } else if wake.wait(timeout: .now() + .seconds(1)) == .timedOut {
                let mayEnd = state.withLock { state in
                    guard state.idle > 0 else { return false }
                    state.idle -= 1
                    state.threads -= 1
                    return true
                }
                if mayEnd { return }
                // Someone counted on this thread just now.
                wake.wait()
            }
        }
    }
}

/// What came of a look, given once: by the look itself or by the cancellation of whoever waits for it.
private final class Answer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case early(Result<Value, any Error>)
        case given
    }

    private let state = Mutex(State.open)

    var isGiven: Bool {
        state.withLock { state in
            switch state {
            case .open, .awaited: false
            case .early, .given: true
            }
        }
    }

    func wait(_ continuation: CheckedContinuation<Value, any Error>) {
        let result = state.withLock { state -> Result<Value, any Error>? in
            if case .early(let result) = state {
                state = .given
                return result
            }
            state = .awaited(continuation)
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    func give(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .open:
                state = .early(result)
                return nil
            case .awaited(let continuation):
                state = .given
                return continuation
            case .early, .given:
                return nil
            }
        }
        waiting?.resume(with: result)
    }
}
