/// When something is tried or looked at again: Pipeline's schedules, by what they are for. A time that belongs to one
/// rule alone, as how long a flight waits for another, stands with its rule.
///
/// Where a provider names a time (`Retry-After`), that time counts. Watch has its own two intervals (`WatchOptions`),
/// and a call to a provider its time limits (`TransferTimeouts`).
package enum Schedules {
    // MARK: After a failure

    /// A file whose upload failed for a cause of its own.
    package static let file = RetryPolicy(first: .seconds(5), longest: .seconds(15 * 60))
    /// An account that cannot be reached.
    static let connection = RetryPolicy(first: .seconds(1), longest: .seconds(60))
    /// An account that refuses all files: key, host, storage, certificate, answers that are none, or a rate limit
    /// without a time.
    static let account = RetryPolicy(first: .seconds(60), longest: .seconds(3600))
    /// A file that did not fit into its account's storage, at first. The account is probed earlier, by another file.
    static let quota = Duration.seconds(240)
    /// Ledger and manifest. The longest pause is short, as a try costs little and files wait.
    static let books = RetryPolicy(first: .seconds(1), longest: .seconds(5))
    /// The fleet's database that cannot be reached. The longest pause is short: files of all its hosts wait for it.
    package static let database = RetryPolicy(first: .milliseconds(500), longest: .seconds(5))
    /// A changed file that could not be looked at.
    static let look = RetryPolicy(first: .seconds(1), longest: .seconds(5 * 60))
    /// An uploaded file that cannot leave its folder.
    static let departure = RetryPolicy(first: .seconds(1), longest: .seconds(15 * 60))
    /// An uploaded file that somebody has open for writing.
    static let heldDeparture = RetryPolicy(first: .seconds(1), longest: .seconds(60))

    /// An event that a hook did not take.
    package static let hook = RetryPolicy(first: .seconds(1), longest: .seconds(15 * 60))

    /// A directory for which a hook waits: first after it was quiet for so long, then while some of its files are not
    /// ready.
    package static let directory = RetryPolicy(first: .seconds(3), longest: .seconds(60))
    /// How long such directories wait at a start for a folder that is not looked through yet.
    static let firstDirectories = Duration.seconds(30)

    /// How many tries a file has if time might mend what it meets: a URL out of its time, an answer that lacks
    /// something, a look that is not answered.
    ///
    /// By the bounds of ``file`` that takes 11 minutes at most, and half of that on average.
    static let triesInDoubt = 8

    /// How often a pass tries a failing file before it ends without the file.
    package static let triesAPass = 3
    /// How often one call to a book is tried after failures of its own, as such a failure may have been momentary.
    static let triesOfOneCall = 3
    /// How often a file's first try asks anew after the storage refused a URL as too old.
    static let renewals = 3
    /// How often a file's first try asks anew after the storage refused a URL's signature.
    static let signatureRenewals = 1

    // MARK: In any case

    /// The queue of an account whose bell does not ring: another process may have queued files.
    static let queue = Duration.seconds(2)
    /// The queue, while nothing can be recorded.
    static let closedQueue = Duration.seconds(1)
    /// Files of accounts that the configuration lacks.
    static let strays = Duration.seconds(2)
    /// A file that waits for another host of the fleet, should nobody wake it.
    static let sharedContent = Duration.seconds(60)
    /// Files that no folder watches, as no event tells of their end.
    static let unwatched = Duration.seconds(3600)
    /// Files that their folder ignores by now: the least time between two looks at all that wait.
    static let ignoring = Duration.seconds(1)
    /// A file of which nobody knows whether its folder ignores it, as an `.outtrayignore` cannot be read.
    static let undecided = Duration.seconds(30)
    /// The manifest's files: has somebody removed them?
    static let manifestFiles = Duration.seconds(10)
    /// An asset that its provider is still processing.
    static let status = GrowingLooks(first: .seconds(2), longest: .seconds(60), until: .seconds(3600))
    /// Such assets, while their account is blocked.
    static let blockedStatus = Duration.seconds(5)

    // MARK: A pass does not wait for it, nor does the end

    /// A rate limit that holds an account for longer than this: longer than the windows that providers count calls in.
    static let longestHold = Duration.seconds(90)
    /// A book that cannot be written for longer than this.
    static let closedBooks = Duration.seconds(10)
}

/// Looks whose pauses grow by half with each look, for a limited time.
struct GrowingLooks: Sendable {
    /// The pause before the first look.
    let first: Duration
    let longest: Duration
    /// After this time, no further look follows.
    let until: Duration

    /// The pause before the next look.
    func pause(afterLooks looks: Int) -> Duration {
        var pause = first
        for _ in 0..<min(looks, 20) { pause = min(pause * 3 / 2, longest) }
        return pause
    }

    /// How many looks fill the time. Looks are counted, because a clock may be set meanwhile.
    var most: Int {
        var looks = 0
        var waited = Duration.zero
        while waited < until {
            waited += pause(afterLooks: looks)
            looks += 1
        }
        return looks
    }
}
