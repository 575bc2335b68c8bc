import Threads

/// Calls one hook: a command or a webhook. Calls it once: no retry, no sleep, no memory; ``HookDeliveries`` has those.
///
/// The contract: the call ends soon after `limit`, whatever the other side does. A cancelled task makes it return
/// ``HookOutcome/cancelled`` or ``HookOutcome/cancelledLeaving(process:)``; the event then counts as not delivered.
package protocol HookRunner: Sendable {
    func run(_ event: HookEvent, within limit: Duration) async -> HookOutcome
}

/// A process of a hook that could not be ended. Its end may come late, or never.
package final class LeftProcess: Hashable, Sendable {
    private let latch = Latch(["end"])

    package init() {}

    /// Notes its end.
    package func end() { latch.open() }

    /// Returns when it has ended, or when the task is cancelled.
    func waitForEnd() async { await latch.wait() }

    package static func == (left: LeftProcess, right: LeftProcess) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// How one call of a hook ended.
package enum HookOutcome: Hashable, Sendable {
    case delivered
    case failed(HookFailure)
    /// The same, and a process of the hook cannot be ended.
    case failedLeaving(HookFailure, LeftProcess)
    case cancelled
    /// Cancelled, and a process of the hook cannot be ended. Its number is nil if it was just being started.
    case cancelledLeaving(process: Int32?)
}
