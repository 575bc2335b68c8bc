/// How a claimed file goes back to the queue: what it waits for, and when its next try is due.
package struct Postponement: Hashable, Sendable {
    package let cause: WaitCause
    /// In plain words.
    package let reason: String
    package let due: Timestamp
    /// Whether the try counts as one of the file's attempts.
    package let attempted: Bool

    package init(_ cause: WaitCause, reason: String, due: Timestamp = .atOnce, attempted: Bool = false) {
        self.cause = cause
        self.reason = reason
        self.due = due
        self.attempted = attempted
    }
}
