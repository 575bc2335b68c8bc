import SystemPackage
import Threads

/// The files of one account on their way up: takes them from the queue as slots become free, runs a job for each, and
/// draws from their requests whether the whole account may go. What a job's end means for its file stands in
/// `AccountLane+Outcomes.swift`.
actor AccountLane<C: Clock> where C.Duration == Duration {
    let services: AccountServices<C>
    let queue: any FileQueue
    private let clock: C
    let retry: RetryPolicy
    let observer: PipelineObserver
    /// Tells the manifest's writer and the settler what a job led to.
    let hooks: LaneHooks
    private var gate = AccountGate<C.Instant>()
    private var streak = RefusalStreak()
    /// Files that were let through in vain while all were refused alike: the next one is another.
    private var turnedDown: Set<FilePath> = []
    /// Files under way whose refusal counts no more: each is queued again once its try has ended.
    var takenBack: [FilePath: MediaFile] = [:]
    /// The end of the last time that all files were refused alike. A refusal of a try that began before is no verdict.
    private var refusedAlikeUntil: C.Instant?
    private var slots: Slots
    /// The files that have a slot, by path; each bell breaks its file's upload off.
    private var underWay: [FilePath: Doorbell] = [:]
    /// The file that was let through to see whether a blocked account goes again.
    private var probe: FilePath?
    /// When the next queued file is due, as far as the last look told; nil when none is queued.
    private var nextDue: Timestamp?
    /// When files were last taken, or none was there to take.
    private var lastLook = Timestamp(milliseconds: 0)
    private var looked = false

    init(
        services: AccountServices<C>,
        retry: RetryPolicy,
        hooks: LaneHooks
    ) {
        self.services = services
        slots = Slots(services.plan.concurrency)
        queue = services.queue
        self.retry = retry
        self.hooks = hooks
        clock = services.clock
        observer = services.observer
    }

    /// Nothing is under way, and nothing will be before a pause ends: for passes that end when all is done.
    var isAtRest: Bool {
        get async {
            // Who waits for a rate limit of an hour is under way in name only; it may be another account's with the same key.
            let hold = await services.pacer.hold
            if isHeldForLong || hold > Self.longestHold,
                await services.pacer.waiting(of: services.plan.name) == slots.taken
            {
                return slots.taken > 0 || isHeldForLong || isIdle
            }
            return isIdle
        }
    }

    private var isIdle: Bool {
        guard slots.taken == 0, looked else { return false }
        if case .none = gate.admits(at: clock.now), isBlocked { return true }
        return nextDue.map { $0 > .steady() } ?? true
    }

    /// Whether all files wait for one cause that does not pass soon: a rate limit counts once it has been met several times
    /// in a row, or lasts for long.
    var isBlocked: Bool {
        !gate.isOpen && (!gate.isThrottled || gate.failures >= RetryPolicy.triesAPass || isHeldForLong)
    }

    /// The same, or another account with the same key has met such a rate limit.
    var waitsForLong: Bool {
        get async {
            let hold = await services.pacer.hold
            return isBlocked || hold > Self.longestHold
        }
    }

    /// A rate limit that a pass does not wait for: longer than the windows that providers count calls in.
    private var isHeldForLong: Bool {
        guard gate.isThrottled, let until = gate.until else { return false }
        return clock.now.duration(to: until) > Self.longestHold
    }

    private static var longestHold: Duration { .seconds(90) }

    /// Whether the account may be called for something else than a file: not while it is blocked.
    var mayCall: Bool {
        if case .all = gate.admits(at: clock.now) { true } else { false }
    }

    private nonisolated var bell: Doorbell { services.bell }

    /// The account's provider; what its requests tell of the account is noted before whoever made them goes on.
    nonisolated var provider: ReportedProvider<C> {
        ReportedProvider(provider: services.plan.provider, pacer: services.pacer, clock: clock) { await self.note($0) }
    }

    /// Draws from one request what it tells of the account: all wait, all go slower, or all may go again.
    private func note(_ report: RequestReport<C.Instant>) async {
        switch report.outcome {
        case .success: opened { $0.noteSuccess(of: report.side, begun: report.begun) }
        case .contact: opened { $0.noteContact(with: report.side, begun: report.begun) }
        case .failure(let error):
            // A refusal is an answer too.
            if error.status != nil { opened { $0.noteContact(with: report.side, begun: report.begun) } }
            let until = AccountGate<C.Instant>.blocks(error.kind) ? close(for: error, report) : nil
            if PaceShare<C.Instant>.isRefusal(error) {
                await services.pacer.refuse(callMadeAt: report.begun, hold: gate.isThrottled ? until : nil)
            }
        }
    }

    /// Makes a change of the gate, and acts where that opened it.
    private func opened(by change: (inout AccountGate<C.Instant>) -> Bool) {
        let wasAlike = gate.isClosed(for: .refusedAlike)
        guard change(&gate) else { return }
        if wasAlike { refusedAlikeUntil = clock.now }
        turnedDown = []
        observer(.accountOpen(services.plan.name))
        bell.ring()
    }

    /// There may be something new in the queue.
    nonisolated func wake() {
        bell.ring()
    }

    /// The key changed or the configuration was read again: whatever the account waited for is tried at once.
    func open() async {
        streak = RefusalStreak()
        opened { $0.open() }
        await services.pacer.release()
        bell.ring()
    }

    /// Breaks off the uploads under way of these files: somebody has taken them off the queue.
    func recall(_ paths: Set<FilePath>) {
        for path in paths { underWay[path]?.ring() }
    }

    /// Works until the task is cancelled.
    func run() async {
        let loop = Loops.join("uploads of \(services.plan.name)") { [bell] in bell.ring() }
        defer { loop.leave() }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let claimed = await loop.step { await claim() }
                for file in claimed { group.addTask { await self.process(file) } }
                if claimed.isEmpty { await bell.wait(until: nextLook, clock: clock) }
            }
            group.cancelAll()
        }
    }

    /// When to look at the queue again without being woken.
    private var nextLook: C.Instant? {
        if slots.free == 0 { return nil }
        let now = clock.now
        if !services.bookkeeping.isOpen { return now.advanced(by: .seconds(1)) }
        if case .none(let until) = gate.admits(at: now) { return until }
        // Another process (`outtray push`) may queue files; it cannot ring.
        let foreign = now.advanced(by: .seconds(2))
        // What is due already, and was not taken, waits for another one's slot: its end rings.
        guard let nextDue, nextDue > lastLook else { return foreign }
        let rest = Duration.milliseconds(nextDue.milliseconds - Timestamp.steady().milliseconds)
        return min(foreign, now.advanced(by: max(rest, .milliseconds(10))))
    }

    private func claim() async -> [QueuedFile] {
        looked = false
        var portion: Portion?
        var isProbe = false
        switch gate.admits(at: clock.now) {
        // What could not be recorded is not started.
        case _ where !services.bookkeeping.isOpen: portion = nil
        case .all: portion = slots.portion
        case .one:
            // What is under way may take hours, and a large file as well.
            portion = slots.free > 0 ? .smallest : nil
            isProbe = true
        case .none: break
        }
        do {
            let name = services.plan.name
            // A newer version of a file that is under way waits for it, and takes no slot meanwhile.
            let heldBack = services.disks.hung.heldBack.with(Set(underWay.keys)).with(await services.flights.heldBack)
            let time = Timestamp.steady()
            var claimed: [QueuedFile] = []
            if let portion {
                if isProbe, !turnedDown.isEmpty {
                    let rest = heldBack.with(turnedDown)
                    claimed = try await services.durably {
                        try await queue.claim(account: name, portion, except: rest, at: time)
                    }
                    // All have had their turn.
                    if claimed.isEmpty { turnedDown = [] }
                }
                if claimed.isEmpty {
                    claimed = try await services.durably {
                        try await queue.claim(account: name, portion, except: heldBack, at: time)
                    }
                }
                lastLook = time
            }
            if !claimed.isEmpty { CrashPoint.claimed.reached() }
            for file in claimed {
                slots.take(file.file.size)
                underWay[file.file.path] = Doorbell()
            }
            if isProbe, let file = claimed.first {
                gate.probe()
                probe = file.file.path
            }
            let left = heldBack.with(Set(underWay.keys))
            nextDue = try await services.durably { try await queue.nextDue(account: name, except: left) }
            looked = claimed.isEmpty
            return claimed
        } catch {
            return []
        }
    }

    private func process(_ queued: QueuedFile) async {
        let begun = clock.now
        do {
            if let dismissal = hooks.dismissal(queued.file) {
                try await dismiss(queued.file, dismissal)
            } else {
                try await settle(await upload(queued), of: queued, begun: begun)
            }
            if let file = takenBack.removeValue(forKey: queued.file.path) { try await queueAgain(file) }
        } catch {
            // Cancelled: the file stays `uploading` in the ledger and goes on after the restart.
        }
        // What waited for this file alone may be due now.
        looked = false
        slots.leave(queued.file.size)
        underWay[queued.file.path] = nil
        if probe == queued.file.path {
            probe = nil
            gate.probeEnded()
        }
        bell.ring()
    }

    /// One try; it is cancelled where the file is recalled.
    private func upload(_ queued: QueuedFile) async -> UploadJob<C>.Outcome {
        let job = UploadJob(file: queued.file, account: services, provider: provider, attempts: queued.attempts)
        guard let recall = underWay[queued.file.path] else { return .cancelled }
        return await withTaskGroup(of: UploadJob<C>.Outcome?.self) { group in
            group.addTask { await job.run() }
            group.addTask {
                await recall.wait()
                return nil
            }
            var outcome: UploadJob<C>.Outcome?
            for await ended in group {
                outcome = ended ?? outcome
                group.cancelAll()
            }
            return outcome ?? .cancelled
        }
    }

    /// A file whose try began at `begun` went up.
    func noteUpload(begun: C.Instant) {
        streak.noteUpload()
        opened { $0.noteUpload(begun: begun) }
    }

    /// Whether a try that began then may have met the service while it refused all files alike.
    func beganWhileAlike(_ begun: C.Instant) -> Bool { refusedAlikeUntil.map { begun < $0 } ?? false }

    /// Whether the file's try has not ended.
    func isUnderWay(_ path: FilePath) -> Bool { underWay[path] != nil }

    /// What the refusal of a file means where it is one too many of its like: the account's cause, and the files that were
    /// refused like it before. Nil where it is a matter of the file alone.
    func alike(_ error: ProviderError, of file: MediaFile, begun: C.Instant) -> (ProviderError, before: [MediaFile])? {
        guard streak.takes(error, of: file) else { return nil }
        let before = gate.isClosed(for: .refusedAlike) ? [] : streak.files.filter { $0.path != file.path }
        let cause = ProviderError(.refusedAlike, error.reason, status: error.status, requestID: error.requestID)
        _ = close(for: cause, RequestReport(to: .api, begun: begun, .failure(cause)))
        turnedDown.insert(file.path)
        return (cause, before)
    }

    /// Closes the gate; returns until when the account waits. A cause that it was not closed for is told: whoever mends the
    /// first one has to know of the next.
    private func close(for error: ProviderError, _ report: RequestReport<C.Instant>) -> C.Instant? {
        let isKnown = gate.isClosed(for: error.kind)
        let until = gate.close(for: error.kind, on: report.side, begun: report.begun, at: clock.now)
        if !isKnown, gate.isClosed(for: error.kind), let until {
            observer(.accountBlocked(services.plan.name, reason: Self.cause(error), until: timestamp(of: until)))
        }
        return until
    }

    /// Until when the account waits; nil while it is open.
    var closedUntil: Timestamp? { gate.until.map { timestamp(of: $0) } }

    private func timestamp(of instant: C.Instant) -> Timestamp {
        Timestamp.now().advanced(by: clock.now.duration(to: instant))
    }
}
