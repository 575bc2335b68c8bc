import Threads

@testable import Pipeline

/// A hook that answers as a test tells it, and keeps what it was called for.
final class ScriptedHook: HookRunner {
    private let calls = Monitor([HookEvent]())
    private let script: @Sendable (HookEvent) async -> HookOutcome

    init(_ script: @escaping @Sendable (HookEvent) async -> HookOutcome = { _ in .delivered }) {
        self.script = script
    }

    func run(_ event: HookEvent, within limit: Duration) async -> HookOutcome {
        calls.change { $0.append(event) }
        return await script(event)
    }

    /// The events of all calls so far, in order.
    var all: [HookEvent] { calls.read { $0 } }

    /// Returns when there were `count` calls.
    func waitForCalls(_ count: Int) async throws { try await calls.wait { $0.count >= count } }
}

extension HookPlan {
    /// A hook that tries at once again, three times in all.
    static func scripted(
        _ runner: ScriptedHook,
        name: String = "post",
        trigger: HookTrigger = .uploaded,
        folder: String? = nil,
        concurrency: Int = 4,
        tries: Int = 3
    ) -> HookPlan {
        HookPlan(
            name: name,
            trigger: trigger,
            folder: folder,
            concurrency: concurrency,
            retry: HookRetry(
                pauses: RetryPolicy(first: .milliseconds(1), longest: .milliseconds(1)),
                bound: .tries(tries)
            ),
            runner: runner,
            settings: name
        )
    }
}
