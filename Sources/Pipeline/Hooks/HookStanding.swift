/// How a hook fares, for people who ask.
package struct HookStanding: Hashable, Sendable {
    package let name: String
    /// Since when events of the hook fail; nil while none does.
    package let failingSince: Timestamp?
    /// Why the last try failed; nil while nothing fails.
    package let lastReason: String?
    /// Events that are neither delivered nor given up.
    package let waiting: Int

    package init(name: String, failingSince: Timestamp?, lastReason: String?, waiting: Int) {
        self.name = name
        self.failingSince = failingSince
        self.lastReason = lastReason
        self.waiting = waiting
    }
}
