/// A call to a provider's API, by what it is for. A closed list, whose values stand in metrics.
package enum APICall: String, Sendable, CaseIterable {
    case ask
    case finish
    case status
}

/// How a try at one file ended. A closed list, whose values stand in metrics.
package enum TryOutcome: String, Sendable, CaseIterable {
    case uploaded
    /// Its bytes were known: nothing was sent.
    case reused
    /// It cannot go up as it is.
    case rejected
    /// It waits for another try.
    case postponed
    /// It changed meanwhile, and settles anew.
    case changed
    /// It left meanwhile.
    case gone
}

extension ProviderError {
    /// The outcome of a call that failed so, from a closed list: the status of HTTP, or the cause without an answer.
    var code: String {
        if let status, (100...599).contains(status) { return "\(status)" }
        return kind.waitCause.rawValue
    }
}
