import SystemPackage

/// What an account's requests have shown about the whole account: whether its files may go, and whether a refusal is
/// one of many alike.
///
/// A value without clock or task, so each rule is tested by calling it. ``AccountLane`` brings the time, and acts on
/// each ``Change``.
struct AccountStanding<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    /// What a report changed.
    struct Change: Sendable {
        /// The account was blocked, and its files may go again.
        var isOpened = false
        /// The account waits for this cause from now on, and did not before. A person who mends one cause has to know
        /// of the next.
        var blocked: (by: ProviderError, until: Instant)?
        /// Until when the account waits for the reported cause; nil if the report is of no such cause.
        var until: Instant?
    }

    private(set) var gate = AccountGate<Instant>()
    private var streak = RefusalStreak()
    /// Files that served as probes in vain while all files were refused alike. The next probe is another file.
    private(set) var refusedProbes: Set<FilePath> = []
    /// Files that met a cause which one file alone may bring about (``AccountGate/mayBeOfOneFile(_:)``).
    private var suspects: [FilePath: Suspect] = [:]
    /// When the gate last opened after `refusedAlike`.
    private var refusedAlikeUntil: Instant?

    private struct Suspect: Sendable {
        var failures = 0
        /// How long the file waits once the account is open.
        var delay = Duration.zero
        /// Nil while the account is blocked.
        var until: Instant?
    }

    /// Of so many files it is known that they met such a cause. Only an account that is blocked for all has more.
    private static var mostSuspects: Int { 64 }

    /// Notes what one request showed about the account: all files wait, or all may go again.
    mutating func note(_ report: RequestReport<Instant>, at now: Instant) -> Change {
        var change = Change()
        switch report.evidence {
        case .success: change.isOpened = opened(at: now) { $0.noteSuccess(of: report.side, begun: report.begun) }
        case .contact: change.isOpened = opened(at: now) { $0.noteContact(with: report.side, begun: report.begun) }
        case .failure(let error):
            // A refusal is an answer too.
            if error.status != nil {
                change.isOpened = opened(at: now) { $0.noteContact(with: report.side, begun: report.begun) }
            }
            if AccountGate<Instant>.blocks(error.kind) {
                close(for: error, on: report.side, begun: report.begun, at: now, &change)
            }
        }
        return change
    }

    /// Notes that a file went up whose try began at `begun`.
    mutating func noteUpload(begun: Instant, at now: Instant) -> Change {
        streak.noteUpload()
        return Change(isOpened: opened(at: now) { $0.noteUpload(begun: begun) })
    }

    /// Notes that a refusal of the file was believed.
    mutating func noteVerdict(on file: MediaFile) {
        streak.noteVerdict(on: file)
    }

    /// Opens the account, whatever it waited for.
    mutating func open(at now: Instant) -> Change {
        streak = RefusalStreak()
        suspects = [:]
        return Change(isOpened: opened(at: now) { $0.open() })
    }

    /// Notes a refusal of a file whose try began at `begun`. Returns the cause of the whole account if this refusal is
    /// one too many of its like; nil if it concerns the file alone.
    ///
    /// `before` are the files that were refused before it, and may have been rejected.
    mutating func noteRefusal(
        _ error: ProviderError,
        of file: MediaFile,
        begun: Instant,
        at now: Instant
    ) -> (cause: ProviderError, before: [MediaFile], Change)? {
        guard streak.takes(error, of: file) else { return nil }
        let isKnown = gate.isClosed(for: .refusedAlike)
        let before = isKnown ? [] : (streak.files + streak.believed).filter { $0.path != file.path }
        let cause = ProviderError(.refusedAlike, error.reason, status: error.status, requestID: error.requestID)
        var change = Change()
        close(for: cause, on: .api, begun: begun, at: now, &change)
        refusedProbes.insert(file.path)
        return (cause, before, change)
    }

    /// Whether a try that began then may have met the service while it refused all files alike. Its refusal is no
    /// verdict on its file.
    func beganWhileRefusedAlike(_ begun: Instant) -> Bool { refusedAlikeUntil.map { begun < $0 } ?? false }

    /// Notes that the account was blocked by a try at this file, for a cause that may be the file's own.
    ///
    /// The next probe is another file. If that one opens the account, this one waits from its second time on, and
    /// longer each time. So it does not block the account again and again.
    mutating func suspect(_ file: FilePath, _ retry: RetryPolicy) {
        refusedProbes.insert(file)
        guard suspects[file] != nil || suspects.count < Self.mostSuspects else { return }
        var suspect = suspects[file] ?? Suspect()
        suspect.failures += 1
        suspect.delay = suspect.failures > 1 ? retry.bound(afterFailures: suspect.failures - 1) : .zero
        suspect.until = nil
        suspects[file] = suspect
    }

    /// Notes that a file is through.
    mutating func acquit(_ file: FilePath) {
        suspects[file] = nil
    }

    /// The files that wait although the account is open.
    func heldBack(at now: Instant) -> Set<FilePath> {
        suspects.isEmpty ? [] : Set(suspects.filter { $0.value.until.map { $0 > now } == true }.keys)
    }

    /// Notes that the probe was let through.
    mutating func probe() {
        gate.probe()
    }

    /// Notes that the probe came back.
    mutating func probeEnded() {
        gate.probeEnded()
    }

    /// Lets each file serve as a probe again.
    mutating func forgetRefusedProbes() {
        refusedProbes = []
    }

    private mutating func opened(at now: Instant, by change: (inout AccountGate<Instant>) -> Bool) -> Bool {
        let wasAlike = gate.isClosed(for: .refusedAlike)
        guard change(&gate) else { return false }
        if wasAlike { refusedAlikeUntil = now }
        refusedProbes = []
        for (file, suspect) in suspects where suspect.until == nil {
            suspects[file]?.until = now.advanced(by: suspect.delay)
        }
        return true
    }

    private mutating func close(
        for error: ProviderError,
        on side: RequestSide,
        begun: Instant,
        at now: Instant,
        _ change: inout Change
    ) {
        let isKnown = gate.isClosed(for: error.kind)
        change.until = gate.close(for: error.kind, on: side, begun: begun, at: now)
        if !isKnown, gate.isClosed(for: error.kind), let until = change.until { change.blocked = (error, until) }
    }
}

extension AccountStanding {
    /// Whether all files wait for one cause that does not pass soon.
    ///
    /// A rate limit counts if it was met several times in a row, or lasts for long.
    func isBlocked(at now: Instant) -> Bool {
        !gate.isOpen && (!gate.isThrottled || gate.failures >= Schedules.triesAPass || isHeldForLong(at: now))
    }

    /// Whether a rate limit lasts too long for a pass to wait: longer than the windows that providers count calls in.
    func isHeldForLong(at now: Instant) -> Bool {
        guard gate.isThrottled, let until = gate.until else { return false }
        return now.duration(to: until) > Schedules.longestHold
    }
}
