/// An account whose files all wait from now on.
package struct AccountBlock: Hashable, Sendable {
    package let account: String
    package let cause: WaitCause
    /// For people, without a full stop.
    package let reason: String
    /// When the account is tried again.
    package let until: Timestamp

    package init(account: String, cause: WaitCause, reason: String, until: Timestamp) {
        self.account = account
        self.cause = cause
        self.reason = reason
        self.until = until
    }
}
