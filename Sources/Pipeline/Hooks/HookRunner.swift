/// Calls one hook: a command or a webhook. Calls it once: no retry, no sleep, no memory; ``HookDeliveries`` has those.
///
/// The contract: the call ends soon after `limit`, whatever the other side does. A cancelled task makes it return
/// ``HookOutcome/cancelled`` or ``HookOutcome/cancelledLeaving(process:)``; the event then counts as not delivered.
package protocol HookRunner: Sendable {
    func run(_ event: HookEvent, within limit: Duration) async -> HookOutcome
}

/// How one call of a hook ended.
package enum HookOutcome: Hashable, Sendable {
    case delivered
    case failed(HookFailure)
    case cancelled
    /// Cancelled, and a process of the hook cannot be ended. Its number is nil if it was just being started.
    case cancelledLeaving(process: Int32?)
}
