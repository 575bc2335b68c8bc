import SystemPackage
import Threads

/// The loop that uploads one account's files.
///
/// It claims files as slots become free (``UnderWay``), and runs a job for each. Each request of a job is reported to
/// ``AccountStanding``, which tells whether the whole account may go. `AccountLane+Outcomes.swift` says what the end of
/// a job means for its file, `AccountLane+Rest.swift` when a pass is done.
actor AccountLane<C: Clock> where C.Duration == Duration {
    let services: AccountServices<C>
    let queue: any FileQueue
    let clock: C
    let retry: RetryPolicy
    let observer: PipelineObserver
    let hooks: LaneHooks
    private(set) var standing = AccountStanding<C.Instant>()
    /// The cause that all files wait for, as it was told last; nil while the account is open.
    private(set) var block: AccountCondition.Block?
    var underWay: UnderWay<C.Instant>
    let wire: Wire
    /// Whether nothing more is begun, because the process is about to end.
    var isEnding = false
    /// Rings when a try ends.
    let tryEnded = Doorbell()
    /// When the next queued file is due, by the last claim that left a slot free; nil if none is queued.
    private(set) var nextDue: Timestamp?
    /// When the lane last asked the queue for files.
    private var lastClaim = Timestamp(milliseconds: 0)
    /// Whether the last claim found no file, and nothing has changed since.
    private(set) var foundNothing = false

    init(services: AccountServices<C>, retry: RetryPolicy, hooks: LaneHooks) {
        self.services = services
        underWay = UnderWay(slots: services.concurrency)
        // As in ``claim()``: nothing is begun that is paused, or whose result could not be recorded.
        wire = Wire(places: services.concurrency) { file in
            services.bookkeeping.isOpen && hooks.paused()?.holds(file.path) == false
        }
        queue = services.queue
        self.retry = retry
        self.hooks = hooks
        clock = services.clock
        observer = services.observer
    }

    nonisolated var bell: Doorbell { services.bell }

    /// The account's provider. Each request is reported to the lane before the request's caller goes on.
    nonisolated var provider: PacedProvider<C> {
        services.provider { await self.note($0) }
    }

    /// Wakes the lane: the queue may have something new.
    nonisolated func wake() {
        bell.ring()
    }

    /// Tries at once whatever the account waited for: the key changed, or the configuration was read again.
    func open() async {
        act(on: standing.open(at: clock.now))
        await services.pacer.release()
        bell.ring()
    }

    /// Breaks off the uploads of these files, because somebody has taken them off the queue.
    func recall(_ paths: Set<FilePath>) {
        for path in paths { underWay.recall(of: path)?.ring() }
    }

    /// Works until the task is cancelled.
    func run() async {
        let loop = Loops.join("uploads of \(services.name)") { [bell] in bell.ring() }
        defer { loop.leave() }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let claimed = await loop.step { await claim() }
                for (file, flight) in claimed { group.addTask { await self.process(file, flight) } }
                if claimed.isEmpty { await bell.wait(until: nextClaim, clock: clock) }
            }
            group.cancelAll()
        }
    }

    /// When the lane asks the queue again without being woken.
    private var nextClaim: C.Instant? {
        if isEnding || !underWay.slots.hasRoom { return nil }
        let now = clock.now
        if !services.bookkeeping.isOpen || services.index?.closure != nil {
            return now.advanced(by: Schedules.closedQueue)
        }
        if case .none(let until) = standing.gate.admits(at: now) { return until }
        // Another process (`outtray push`) may queue files, but cannot ring the bell.
        let foreign = now.advanced(by: Schedules.queue)
        // A file that is due and was not taken waits for the slot of another file. The end of that upload rings.
        guard let nextDue, nextDue > lastClaim else { return foreign }
        let rest = Duration.milliseconds(nextDue.milliseconds - Timestamp.steady().milliseconds)
        return min(foreign, now.advanced(by: max(rest, .milliseconds(10))))
    }

    /// Claims the files that may go now, gives each a slot, and enters it among the flights.
    private func claim() async -> [(QueuedFile, Flights.Entry)] {
        foundNothing = false
        if isEnding || !underWay.slots.hasRoom { return [] }
        do {
            // A newer version of a file under way waits for the older one, and takes no slot meanwhile.
            let paused = hooks.paused()
            let held = services.disks.heldBack.with(underWay.paths).with(await services.flights.beginClaim())
                .with(paused ?? .nothing).with(standing.heldBack(at: clock.now))
            var claimed: [QueuedFile] = []
            let time = Timestamp.steady()
            // Also without a claim. A file that is due and finds no room would make the lane ask without a rest.
            lastClaim = time
            if paused != nil, let (portion, isProbe) = await admitted {
                claimed =
                    try await isProbe ? claimProbe(portion, except: held, at: time) : claim(portion, held, at: time)
                if !claimed.isEmpty { CrashPoint.claimed.reached() }
                if claimed.contains(where: { $0.begun != nil }) { CrashPoint.intentRecorded.reached() }
                let isAhead = if case .oldest(let room) = portion { room.goesAhead } else { false }
                for file in claimed { underWay.begin(file.file, isProbe: isProbe, isAhead: isAhead) }
                if isProbe, !claimed.isEmpty { standing.probe() }
            }
            // The end of a try rings, and makes room.
            if claimed.isEmpty, underWay.slots.hasRoom {
                let rest = held.with(underWay.paths)
                // Without an answer, the lane asks again when another process might have queued a file.
                nextDue =
                    paused == nil
                    ? nil
                    : try? await services.durably {
                        try await queue.nextDue(account: services.name, except: rest)
                    }
            }
            foundNothing = claimed.isEmpty
            return Array(zip(claimed, await services.flights.enter(claimed.map(\.file))))
        } catch {
            return []
        }
    }

    /// How many files may go now; nil if none may.
    private var admitted: (Portion, isProbe: Bool)? {
        get async {
            // Nothing is started while results cannot be recorded, or while the fleet is to be waited for.
            guard services.bookkeeping.isOpen, services.index?.closure == nil else { return nil }
            let calls = await services.pacer.callsNow
            switch standing.gate.admits(at: clock.now) {
            case .all: return underWay.slots.portion(calls: calls).map { ($0, false) }
            // The probe does not wait for uploads under way, which may take hours. It is small, as a large file may
            // also take hours.
            case .one: return underWay.slots.taken < underWay.slots.count ? (.smallest, true) : nil
            case .none: return nil
            }
        }
    }

    /// A file that has not been refused as a probe, if there is one.
    private func claimProbe(_ portion: Portion, except held: HeldBack, at time: Timestamp) async throws -> [QueuedFile]
    {
        if !standing.refusedProbes.isEmpty {
            let claimed = try await claim(portion, held.with(standing.refusedProbes), at: time)
            if !claimed.isEmpty { return claimed }
            // Every file has had its turn as a probe.
            standing.forgetRefusedProbes()
        }
        return try await claim(portion, held, at: time)
    }

    private func claim(_ portion: Portion, _ held: HeldBack, at time: Timestamp) async throws -> [QueuedFile] {
        try await services.durably {
            try await services.book.claim(portion, except: held, at: time)
        }
    }

    private func process(_ queued: QueuedFile, _ flight: Flights.Entry) async {
        let begun = clock.now
        services.board.begin(queued.file)
        defer { services.board.end(queued.file.path) }
        let ignoringCount = hooks.ignoring.count(of: queued.file.folder)
        var queued = queued
        var dismissal: Dismissal?
        switch hooks.turn(queued.file) {
        case .goes(let file): queued.file = file
        case .dismissed(let why): dismissal = why
        }
        let outcome = dismissal == nil ? await upload(queued, flight) : .cancelled
        await services.flights.leave(flight.number)
        do {
            if let dismissal {
                try await dismiss(queued.file, dismissal)
            } else if let ended = try await conclude(outcome, of: queued, begun: begun, ignoringCount) {
                observer(.tryEnded(queued.file, ended, took: begun.duration(to: clock.now)))
            }
            if let file = underWay.returned(queued.file.path) { try await queueAgain(file) }
        } catch {
            // Cancelled. The file stays `uploading` in the ledger and goes on after the restart.
        }
        // Files that waited for this file alone may be due now.
        foundNothing = false
        if underWay.end(queued.file) { standing.probeEnded() }
        bell.ring()
        tryEnded.ring()
    }

    /// One try. A recall of the file cancels it.
    private func upload(_ queued: QueuedFile, _ flight: Flights.Entry) async -> UploadJob<C>.Outcome {
        guard let recall = underWay.recall(of: queued.file.path),
            let progress = underWay.progress(of: queued.file.path)
        else { return .cancelled }
        let shares = underWay.isAhead(queued.file.path)
        let job = UploadJob(
            queued: queued,
            account: services,
            provider: shares ? provider.sharing(wire) : provider,
            flight: flight,
            progress: progress
        )
        return await withTaskGroup(of: UploadJob<C>.Outcome?.self) { group in
            group.addTask { [wire] in
                if shares { return await job.run() }
                return (try? await wire.pass { await job.run() }) ?? .cancelled
            }
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
}

/// What the ends of jobs and requests mean for the whole account.
extension AccountLane {
    /// Notes what one request shows about the account: all files wait, all go slower, or all may go again.
    private func note(_ report: RequestReport<C.Instant>) async {
        let change = standing.note(report, at: clock.now)
        act(on: change)
        if case .failure(let error) = report.evidence, PaceShare<C.Instant>.isRefusal(error) {
            let hold = standing.gate.isThrottled ? change.until : nil
            await services.pacer.refuse(callMadeAt: report.begun, hold: hold)
            if let hold { services.index?.holdPace(for: clock.now.duration(to: hold), reason: error.reason) }
        }
    }

    /// Notes that a file went up whose try began at `begun`.
    func noteUpload(of file: MediaFile, begun: C.Instant) {
        standing.acquit(file.path)
        act(on: standing.noteUpload(begun: begun, at: clock.now))
    }

    /// Notes that the account was blocked by a try at this file, for a cause that may be the file's own.
    func suspect(_ file: MediaFile) {
        standing.suspect(file.path, retry)
    }

    /// Notes that a refusal was believed.
    func noteVerdict(on file: MediaFile) {
        standing.noteVerdict(on: file)
    }

    /// Notes a refusal of a file. See ``AccountStanding/noteRefusal(_:of:begun:at:)``.
    func noteRefusal(
        _ error: ProviderError,
        of file: MediaFile,
        begun: C.Instant
    ) -> (cause: ProviderError, before: [MediaFile])? {
        guard let (cause, before, change) = standing.noteRefusal(error, of: file, begun: begun, at: clock.now) else {
            return nil
        }
        act(on: change)
        return (cause, before)
    }

    private func act(on change: AccountStanding<C.Instant>.Change) {
        if change.isOpened {
            block = nil
            wire.setClosed(false)
            observer(.accountOpen(services.name))
            bell.ring()
        }
        if let (error, until) = change.blocked {
            wire.setClosed(true)
            underWay.note(isUp: false)
            let (cause, until) = (error.kind.waitCause, timestamp(of: until))
            block = AccountCondition.Block(cause: cause, reason: error.description, since: .now(), until: until)
            let reason = Self.cause(error)
            observer(.accountBlocked(services.name, reason: reason, until: until))
            hooks.blocked(AccountBlock(account: services.name, cause: cause, reason: reason, until: until))
        }
    }

    /// Until when the account waits; nil if it is open.
    var closedUntil: Timestamp? { standing.gate.until.map { timestamp(of: $0) } }

    /// The account as it is now.
    var condition: AccountCondition {
        get async {
            var block = block
            if let closedUntil { block?.until = closedUntil }
            return AccountCondition(
                name: services.name,
                provider: services.providerName,
                concurrency: services.concurrency,
                inFlight: min(underWay.slots.taken, services.concurrency),
                waitingForPace: await services.pacer.waiting(of: services.name),
                block: standing.gate.isOpen ? fleetBlock : block,
                isPaused: hooks.paused() == nil,
                rates: await services.pacer.conditions,
                share: Double(await services.pacer.sixteenths) / Double(PaceShare<C.Instant>.full)
            )
        }
    }

    /// What keeps the account's files while the fleet is waited for.
    private var fleetBlock: AccountCondition.Block? {
        services.index?.closure.map { closure in
            let next = Timestamp.now().advanced(by: Schedules.closedQueue)
            return AccountCondition.Block(
                cause: .fleetUnreachable,
                reason: closure.reason,
                since: closure.since,
                until: closure.until ?? next
            )
        }
    }

    private func timestamp(of instant: C.Instant) -> Timestamp {
        Timestamp.now().advanced(by: clock.now.duration(to: instant))
    }
}
