import Pipeline

/// The wait that a 429 asks for, from any of the known places.
///
/// The places: `Retry-After` as seconds or a date; `retryAfterMs` and `holdUntil` in the body; `X-RateLimit-Reset` as
/// ISO 8601, Unix seconds, Unix milliseconds or seconds from now.
enum ThrottleHint {
    /// The wait, from 0 to one day. Nil if no place has a readable value.
    ///
    /// A moment that has passed gives way to the other places. The two values of the body may also stand in its `error`
    /// or `details` (inferred). Moments are compared with the answer's own `Date`, because the clock of this machine
    /// may be wrong. Without a `Date`, `now` stands in.
    static func wait(for answer: TransferAnswer, body: JSON?, now: Timestamp) -> Duration? {
        let now = answer.date ?? now
        let told = [
            answer["retry-after"].flatMap { delay($0, from: now) },
            text("retryAfterMs", in: body).flatMap(Double.init).flatMap { duration(milliseconds: $0) },
            text("holdUntil", in: body).flatMap { delay($0, from: now) },
            answer["x-ratelimit-reset"].flatMap { delay($0, from: now) },
        ].compactMap(\.self)
        return (told.first { $0 > .zero } ?? told.first).map { min(max($0, .zero), .seconds(86_400)) }
    }

    private static func text(_ name: String, in body: JSON?) -> String? {
        [body, body?["error"], body?["details"]].lazy.compactMap { $0?[name]?.text }.first
    }

    private static func delay(_ text: String, from now: Timestamp) -> Duration? {
        if let number = Double(text) {
            // Below 1e9 (the year 2001) the number can only mean seconds from now.
            if number < 1e9 { return duration(milliseconds: number * 1000) }
            return Moment.unix(number).map { $0.wait(from: now) }
        }
        return (Moment.iso8601(text) ?? Moment.httpDate(text)).map { $0.wait(from: now) }
    }

    private static func duration(milliseconds: Double) -> Duration? {
        guard milliseconds.isFinite, abs(milliseconds) < 1e15 else { return nil }
        return .milliseconds(Int64(milliseconds.rounded(.up)))
    }
}

extension Timestamp {
    /// The time from `now` to this moment. Negative if the moment has passed.
    func wait(from now: Timestamp) -> Duration { .milliseconds(milliseconds - now.milliseconds) }
}
