/// The failures of one hook that last, and what of them is news.
///
/// A value without clock or task. A cause is news if no other event fails for it at present. So a server
/// that is down is one line in the log.
struct HookFailures {
    private var causes: [Int64: String] = [:]
    private var counts: [String: Int] = [:]
    /// When the oldest lasting failure was noted; nil while nothing fails.
    private(set) var since: Timestamp?
    private(set) var lastReason: String?

    var isEmpty: Bool { causes.isEmpty }

    /// Notes a failed try of an event. Returns whether the cause is news.
    mutating func note(_ cause: String, of event: Int64, at time: Timestamp) -> Bool {
        lastReason = cause
        since = since ?? time
        if causes[event] == cause { return false }
        forget(event)
        causes[event] = cause
        counts[cause, default: 0] += 1
        return counts[cause] == 1
    }

    /// Notes that an event was delivered or given up. Returns whether nothing fails any more, and something did.
    mutating func end(_ event: Int64) -> Bool {
        guard causes[event] != nil else { return false }
        forget(event)
        guard causes.isEmpty else { return false }
        (since, lastReason) = (nil, nil)
        return true
    }

    private mutating func forget(_ event: Int64) {
        guard let cause = causes.removeValue(forKey: event) else { return }
        counts[cause] = counts[cause].flatMap { $0 > 1 ? $0 - 1 : nil }
    }
}
