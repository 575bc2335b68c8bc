import SystemPackage
import Threads

/// The loop that uploads one account's files.
///
/// It claims files as slots become free, and runs a job for each. From the jobs' requests it learns whether the whole
/// account may go. `AccountLane+Outcomes.swift` says what the end of a job means for its file.
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
    /// Files that served as probes in vain while all files were refused alike. The next probe is another file.
    private var turnedDown: Set<FilePath> = []
    /// Files under way whose refusal no longer counts. Each is queued again after its try has ended.
    var takenBack: [FilePath: MediaFile] = [:]
    /// When the gate last opened after `refusedAlike`. If a try began before that, its refusal is no verdict on the
    /// file.
    private var refusedAlikeUntil: C.Instant?
    private var slots: Slots
    /// The files that have a slot, by path. Each bell breaks off its file's upload.
    private var underWay: [FilePath: Doorbell] = [:]
    /// The file that tests a blocked account.
    private var probe: FilePath?
    /// When the next queued file is due, by the last claim; nil if none is queued.
    private var nextDue: Timestamp?
    /// When the lane last tried to claim files.
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

    /// Whether nothing is under way, and nothing will be before a pause ends. For passes, which end when all is done.
    var isAtRest: Bool {
        get async {
            // A call that waits out a rate limit of an hour is under way only in name. Another account with the same
            // key may have met the limit.
            let hold = await services.pacer.hold
            if isHeldForLong || hold > Schedules.longestHold,
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

    /// Whether all files wait for one cause that does not pass soon.
    ///
    /// A rate limit counts if it was met several times in a row, or lasts for long.
    var isBlocked: Bool {
        !gate.isOpen && (!gate.isThrottled || gate.failures >= Schedules.triesAPass || isHeldForLong)
    }

    /// Whether the account is blocked, or another account with the same key has met a long rate limit.
    var waitsForLong: Bool {
        get async {
            let hold = await services.pacer.hold
            return isBlocked || hold > Schedules.longestHold
        }
    }

    /// Whether a rate limit lasts too long for a pass to wait: longer than the windows that providers count calls in.
    private var isHeldForLong: Bool {
        guard gate.isThrottled, let until = gate.until else { return false }
        return clock.now.duration(to: until) > Schedules.longestHold
    }

    /// Whether the account may be called for anything but a file. A blocked account may not.
    var mayCall: Bool {
        if case .all = gate.admits(at: clock.now) { true } else { false }
    }

    /// The cause that all files of the account wait for; nil while it is open.
    var blockedBy: WaitCause? { gate.cause }

    private nonisolated var bell: Doorbell { services.bell }

    /// The account's provider. The lane notes what each request shows about the account, before the request's caller
    /// goes on.
    nonisolated var provider: PacedProvider<C> {
        PacedProvider(services) { await self.note($0) }
    }

    /// Notes what one request shows about the account: all files wait, all go slower, or all may go again.
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

    /// Changes the gate, and acts if the change opened it.
    private func opened(by change: (inout AccountGate<C.Instant>) -> Bool) {
        let wasAlike = gate.isClosed(for: .refusedAlike)
        guard change(&gate) else { return }
        if wasAlike { refusedAlikeUntil = clock.now }
        turnedDown = []
        observer(.accountOpen(services.plan.name))
        bell.ring()
    }

    /// Wakes the lane: the queue may have something new.
    nonisolated func wake() {
        bell.ring()
    }

    /// Tries at once whatever the account waited for: the key changed, or the configuration was read again.
    func open() async {
        streak = RefusalStreak()
        opened { $0.open() }
        await services.pacer.release()
        bell.ring()
    }

    /// Breaks off the uploads of these files, because somebody has taken them off the queue.
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

    /// When the lane looks at the queue again without being woken.
    private var nextLook: C.Instant? {
        if slots.free == 0 { return nil }
        let now = clock.now
        if !services.bookkeeping.isOpen { return now.advanced(by: Schedules.closedQueue) }
        if case .none(let until) = gate.admits(at: now) { return until }
        // Another process (`outtray push`) may queue files, but cannot ring the bell.
        let foreign = now.advanced(by: Schedules.queue)
        // A file that is due and was not taken waits for the slot of another file. The end of that upload rings.
        guard let nextDue, nextDue > lastLook else { return foreign }
        let rest = Duration.milliseconds(nextDue.milliseconds - Timestamp.steady().milliseconds)
        return min(foreign, now.advanced(by: max(rest, .milliseconds(10))))
    }

    private func claim() async -> [QueuedFile] {
        looked = false
        var portion: Portion?
        var isProbe = false
        switch gate.admits(at: clock.now) {
        // Nothing is started while results cannot be recorded.
        case _ where !services.bookkeeping.isOpen: portion = nil
        case .all: portion = slots.portion
        case .one:
            // The probe does not wait for uploads under way, which may take hours. It is small, as a large file may
            // also take hours.
            portion = slots.free > 0 ? .smallest : nil
            isProbe = true
        case .none: break
        }
        do {
            let name = services.plan.name
            // A newer version of a file under way waits for the older one, and takes no slot meanwhile.
            let heldBack = services.disks.hung.heldBack.with(Set(underWay.keys)).with(await services.flights.heldBack)
            let time = Timestamp.steady()
            var claimed: [QueuedFile] = []
            if let portion {
                if isProbe, !turnedDown.isEmpty {
                    let rest = heldBack.with(turnedDown)
                    claimed = try await services.durably {
                        try await queue.claim(account: name, portion, except: rest, at: time)
                    }
                    // Every file has had its turn as a probe.
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
                let outcome = try await settle(await upload(queued), of: queued, begun: begun)
                if let outcome { observer(.tryEnded(queued.file, outcome, took: begun.duration(to: clock.now))) }
            }
            if let file = takenBack.removeValue(forKey: queued.file.path) { try await queueAgain(file) }
        } catch {
            // Cancelled. The file stays `uploading` in the ledger and goes on after the restart.
        }
        // Files that waited for this file alone may be due now.
        looked = false
        slots.leave(queued.file.size)
        underWay[queued.file.path] = nil
        if probe == queued.file.path {
            probe = nil
            gate.probeEnded()
        }
        bell.ring()
    }

    /// One try. A recall of the file cancels it.
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

    /// Notes that a file went up whose try began at `begun`.
    func noteUpload(begun: C.Instant) {
        streak.noteUpload()
        opened { $0.noteUpload(begun: begun) }
    }

    /// Whether a try that began then may have met the service while it refused all files alike.
    func beganWhileAlike(_ begun: C.Instant) -> Bool { refusedAlikeUntil.map { begun < $0 } ?? false }

    /// Notes that a refusal was believed.
    func noteVerdict(on file: MediaFile) {
        streak.noteVerdict(on: file)
    }

    /// Whether the file's try has not ended.
    func isUnderWay(_ path: FilePath) -> Bool { underWay[path] != nil }

    /// The account's cause, if this refusal is one too many of its like; nil if it concerns the file alone.
    ///
    /// `before` are the files that were refused before it, and may have been rejected.
    func alike(_ error: ProviderError, of file: MediaFile, begun: C.Instant) -> (ProviderError, before: [MediaFile])? {
        guard streak.takes(error, of: file) else { return nil }
        let isKnown = gate.isClosed(for: .refusedAlike)
        let before = isKnown ? [] : (streak.files + streak.believed).filter { $0.path != file.path }
        let cause = ProviderError(.refusedAlike, error.reason, status: error.status, requestID: error.requestID)
        _ = close(for: cause, RequestReport(to: .api, begun: begun, .failure(cause)))
        turnedDown.insert(file.path)
        return (cause, before)
    }

    /// Blocks the gate. Returns until when the account waits.
    ///
    /// A cause that the gate was not blocked for is reported. A person who mends the first cause has to know of the
    /// next.
    private func close(for error: ProviderError, _ report: RequestReport<C.Instant>) -> C.Instant? {
        let isKnown = gate.isClosed(for: error.kind)
        let until = gate.close(for: error.kind, on: report.side, begun: report.begun, at: clock.now)
        if !isKnown, gate.isClosed(for: error.kind), let until {
            observer(.accountBlocked(services.plan.name, reason: Self.cause(error), until: timestamp(of: until)))
        }
        return until
    }

    /// Until when the account waits; nil if it is open.
    var closedUntil: Timestamp? { gate.until.map { timestamp(of: $0) } }

    private func timestamp(of instant: C.Instant) -> Timestamp {
        Timestamp.now().advanced(by: clock.now.duration(to: instant))
    }
}
