/// An account in force, as it is now.
package struct AccountCondition: Sendable {
    /// What keeps all files of an account.
    package struct Block: Sendable, Equatable {
        package let cause: WaitCause
        /// The provider's or the network's words.
        package let reason: String
        package let since: Timestamp
        /// When the next try is made.
        package var until: Timestamp

        package init(cause: WaitCause, reason: String, since: Timestamp, until: Timestamp) {
            self.cause = cause
            self.reason = reason
            self.since = since
            self.until = until
        }
    }

    /// One of the account's rates.
    package struct Rate: Sendable, Equatable {
        package let calls: Int
        package let window: Duration
        /// Calls that count at present.
        package let used: Int

        package init(calls: Int, window: Duration, used: Int) {
            self.calls = calls
            self.window = window
            self.used = used
        }
    }

    package let name: String
    package let provider: String
    package let concurrency: Int
    /// Files that have a slot.
    package let inFlight: Int
    /// Calls that wait for the pace.
    package let waitingForPace: Int
    package let block: Block?
    /// Whether a person lets nothing of the account go up.
    package let isPaused: Bool
    package let rates: [Rate]
    /// The part of its rates that the account uses, from 1/16 to 1.
    package let share: Double

    package init(
        name: String,
        provider: String,
        concurrency: Int,
        inFlight: Int,
        waitingForPace: Int,
        block: Block?,
        isPaused: Bool = false,
        rates: [Rate],
        share: Double
    ) {
        self.name = name
        self.provider = provider
        self.concurrency = concurrency
        self.inFlight = inFlight
        self.waitingForPace = waitingForPace
        self.block = block
        self.isPaused = isPaused
        self.rates = rates
        self.share = share
    }
}
