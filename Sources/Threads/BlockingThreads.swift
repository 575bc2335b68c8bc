import DequeModule
import Dispatch

/// Runs work that may block for ever (lstat or read on a network disk) on threads of its own. At most ``bound`` run at
/// a time; the rest waits for its turn without a thread.
///
/// These are not Dispatch's threads: on Linux, Swift's own pool uses those as well. A few hung threads there would
/// starve every task. A thread ends after a second without work.
package final class BlockingThreads: Sendable {
    private struct State {
        var jobs: Deque<@Sendable () -> Void> = []
        var threads = 0
        /// Threads that wait for a job and were not woken yet.
        var idle = 0
        /// When each running job began.
        var running: [Int: SuspendingClock.Instant] = [:]
        var lastJob = 0
    }

    private let name: String
    package let bound: Int
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Has at most `bound` threads. `name` is what `top -H` shows, up to 15 bytes.
    package init(name: String, bound: Int) {
        self.name = name
        self.bound = bound
    }

    /// Runs `work`. A cancelled task leaves `work` behind, so hung work holds up nothing. So `work` must have no effect
    /// that anybody needs. Throws the error of `work`, or `CancellationError`.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await run(Promise(), work)
    }

    /// Runs `work` within a patience. Returns nil if the patience runs out first; `work` is left behind then.
    ///
    /// Calls `leaving` when the patience has run out, before `work` is left behind. Then calls `late` once, when `work`
    /// neither runs nor waits for a thread any more. An answer or a cancellation may still come at the last moment, and
    /// count. `late` is called all the same.
    package func run<Value: Sendable>(
        within patience: Patience,
        leaving: @escaping @Sendable () -> Void = {},
        late: @escaping @Sendable () -> Void = {},
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value? {
        let answer = Promise<Value?>()
        // Two things must have come to pass: `leaving` was called, and the work has ended. The second one calls `late`.
        let missing = Mutex(2)
        let pass: @Sendable () -> Void = {
            let isLast = missing.withLock { missing in
                missing -= 1
                return missing == 0
            }
            if isLast { late() }
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await patience.runOut()
                leaving()
                answer.give(.success(nil))
                pass()
            }
            return try await run(answer, ended: pass) { try work() }
        }
    }

    /// Runs `work` on a thread, unless the answer was given by then. Calls `ended` after that.
    private func run<Value: Sendable>(
        _ answer: Promise<Value>,
        ended: @escaping @Sendable () -> Void = {},
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await Loop.atDisk {
            add {
                if answer.given == nil { answer.give(Result(catching: work)) }
                ended()
            }
            return try await answer.value()
        }
    }

    /// How long the oldest running work has taken so far. Zero if none runs. The time of a suspended machine does not
    /// count.
    package var silence: Duration {
        let begun = state.withLock { $0.running.values.min() }
        return begun?.duration(to: .now) ?? .zero
    }

    /// Runs `work` at some time. Nobody waits for it.
    package func leave(_ work: @escaping @Sendable () -> Void) {
        add(work)
    }

    /// Runs `work` and waits for its end, even if the task is cancelled.
    package func finish<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await Loop.atDisk {
            try await withCheckedThrowingContinuation { continuation in
                add { continuation.resume(with: Result(catching: work)) }
            }
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
            // No thread can be made now. One of Dispatch's threads is better than none.
            DispatchQueue.global().async { self.work() }
        }
    }

    private func work() {
        while true {
            let now = SuspendingClock.now
            let (job, number) = state.withLock { state in
                guard let job = state.jobs.popFirst() else {
                    state.idle += 1
                    return (nil as (@Sendable () -> Void)?, 0)
                }
                state.lastJob += 1
                state.running[state.lastJob] = now
                return (job, state.lastJob)
            }
            if let job {
                job()
                state.withLock { $0.running[number] = nil }
            } else if wake.wait(timeout: .now() + .seconds(1)) == .timedOut {
                let mayEnd = state.withLock { state in
                    guard state.idle > 0 else { return false }
                    state.idle -= 1
                    state.threads -= 1
                    return true
                }
                if mayEnd { return }
                // A new job was given to this thread just now.
                wake.wait()
            }
        }
    }
}
