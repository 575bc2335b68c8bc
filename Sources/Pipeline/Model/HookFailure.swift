/// Why a call of a hook failed.
package struct HookFailure: Hashable, Sendable {
    /// In a few words, without a full stop. Calls that fail for one cause have equal words.
    package let cause: String
    /// What the other side said. It may differ with each call.
    package let said: String?
    /// Whether another try would fail alike.
    package let isFinal: Bool
    /// How long the other side wants to be left alone.
    package let pause: Duration?

    package init(_ cause: String, said: String? = nil, isFinal: Bool = false, pause: Duration? = nil) {
        self.cause = cause
        self.said = said
        self.isFinal = isFinal
        self.pause = pause
    }
}

/// How a run of a hook ended, for counts. The raw values are labels of metrics; a released one never changes.
package enum HookRun: String, CaseIterable, Sendable {
    case delivered
    /// Will be tried again.
    case failed
    /// Failed for the last time.
    case dropped
}
