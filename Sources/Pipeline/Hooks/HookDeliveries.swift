import Threads

/// Calls hooks for the events that the ledger has for them, also those of an earlier process.
///
/// - **At least once.** An event ends in the commit that notes its delivery. A crash between the call and that commit
///   leads to a second call, with the same ``HookEvent/key``.
/// - **In order.** The ledger makes an event due when the earlier ones of its subject have ended.
/// - **Nothing waits for a hook.** Hooks go side by side, and so do some events of each. A failed event is tried again
///   with growing pauses, and other subjects go on meanwhile.
final class HookDeliveries<C: Clock>: Sendable where C.Duration == Duration {
    private struct Member {
        let plan: HookPlan
        let bell = Doorbell()
        /// The events of calls under way.
        var underWay: Set<Int64> = []
        /// The events of calls that have failed and left a process behind. Each holds its place until the process ends:
        /// a disk that hangs must not gather processes.
        var left: Set<Int64> = []

        var taken: Set<Int64> { underWay.union(left) }
        var failures = HookFailures()
    }

    private struct State {
        var members: [String: Member] = [:]
        /// Blocked accounts that are not recorded yet.
        var blocks: [AccountBlock] = []
    }

    private let state = Mutex(State())
    private let book: any HookBook
    private let bookkeeping: Bookkeeping<C>
    private let clock: C
    private let observer: PipelineObserver
    private let blocksBell = Doorbell()
    private let directoriesBell = Doorbell()

    init(book: any HookBook, bookkeeping: Bookkeeping<C>, clock: C, observer: @escaping PipelineObserver) {
        self.book = book
        self.bookkeeping = bookkeeping
        self.clock = clock
        self.observer = observer
    }

    /// Tells the ledger which hooks there are. Called before anything changes that they may want to know.
    func adopt(_ plans: [HookPlan]) async throws {
        try await bookkeeping.durably { try await book.adopt(plans.map(\.wish)) }
        wake()
    }

    /// Begins work on a hook; ``run(_:)`` follows.
    func begin(_ plan: HookPlan) {
        state.withLock { $0.members[plan.name] = Member(plan: plan) }
        if plan.trigger == .folderReady { directoriesBell.ring() }
    }

    /// Ends work on a hook whose ``run(_:)`` has ended.
    func end(_ hook: String) {
        state.withLock { $0.members[hook] = nil }
    }

    /// There may be new events.
    func wake() {
        for bell in state.withLock({ $0.members.values.map(\.bell) }) { bell.ring() }
    }

    // MARK: Blocked accounts

    /// Notes an account that is blocked from now on. Records it soon, if a hook wants to know.
    func note(_ block: AccountBlock) {
        guard isWanted(.blocked) else { return }
        state.withLock { $0.blocks.append(block) }
        blocksBell.ring()
    }

    private func isWanted(_ trigger: HookTrigger) -> Bool {
        state.withLock { $0.members.values.contains { $0.plan.trigger == trigger } }
    }

    /// Records the events of blocked accounts until the task is cancelled.
    ///
    /// A block itself is not durable: after a crash, the account is found blocked again, and that is another event.
    func recordBlocks() async {
        while !Task.isCancelled {
            while let block = state.withLock({ $0.blocks.isEmpty ? nil : $0.blocks.removeFirst() }) {
                guard (try? await bookkeeping.durably { try await book.record(block, at: .now()) }) != nil else {
                    break
                }
                wake()
            }
            await blocksBell.wait()
        }
    }

    // MARK: Directories

    /// Looks for directories that are ready until the task is cancelled.
    func watchDirectories() async {
        while !Task.isCancelled {
            guard isWanted(.folderReady) else {
                await directoriesBell.wait()
                continue
            }
            var pause = Schedules.queue
            let look = try? await bookkeeping.durably { try await book.recordReadyDirectories(at: .steady()) }
            if look?.isNews == true { wake() }
            if let next = look?.next {
                let left = Duration.milliseconds(next.milliseconds - Timestamp.steady().milliseconds)
                pause = min(pause, max(left, .milliseconds(10)))
            }
            await directoriesBell.wait(until: clock.now.advanced(by: pause), clock: clock)
        }
    }

    // MARK: Standing

    /// How each hook fares, by name.
    var standings: [HookStanding] {
        get async throws {
            var standings: [HookStanding] = []
            for (name, member) in state.withLock({ $0.members }).sorted(by: { $0.key < $1.key }) {
                standings.append(
                    HookStanding(
                        name: name,
                        failingSince: member.failures.since,
                        lastReason: member.failures.lastReason,
                        waiting: try await book.countEvents(of: name)
                    )
                )
            }
            return standings
        }
    }

    /// Whether a pass has to wait: a run is under way, or an event was never tried.
    var isBusy: Bool {
        get async throws {
            let members = state.withLock { $0.members }
            if members.isEmpty { return false }
            if members.values.contains(where: { !$0.underWay.isEmpty }) || !state.withLock({ $0.blocks.isEmpty }) {
                return true
            }
            if isWanted(.folderReady), try await book.hasNewDirectories() { return true }
            // A hook whose places are all held by processes that do not end begins nothing.
            let working = members.filter { $0.value.left.count < $0.value.plan.concurrency }.keys
            return try await book.hasNewEvents(of: Array(working), at: .steady())
        }
    }

    // MARK: Running

    /// Calls the hook for its events until the task is cancelled.
    func run(_ plan: HookPlan) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    let now = Timestamp.steady()
                    let next = try await claim(for: plan, dueBy: now)
                    for event in next {
                        group.addTask {
                            await self.deliver(event, by: plan)
                            self.change(plan) { member in
                                member.underWay.remove(event.id)
                                member.left.remove(event.id)
                            }
                            self.bell(of: plan)?.ring()
                        }
                    }
                    if next.isEmpty { await rest(plan, after: now) }
                } catch {
                    break
                }
            }
            group.cancelAll()
        }
    }

    /// Takes due events, up to the number of free places.
    private func claim(for plan: HookPlan, dueBy now: Timestamp) async throws -> [HookEvent] {
        let taken = state.withLock { $0.members[plan.name]?.taken ?? [] }
        let room = plan.concurrency - taken.count
        guard room > 0 else { return [] }
        let due = try await bookkeeping.durably {
            try await book.events(of: plan.name, dueBy: now, limit: room + taken.count)
        }
        let next = due.filter { !taken.contains($0.id) }.prefix(room)
        change(plan) { $0.underWay.formUnion(next.map(\.id)) }
        return Array(next)
    }

    private func rest(_ plan: HookPlan, after now: Timestamp) async {
        let next = try? await bookkeeping.durably { try await book.nextEvent(of: plan.name, after: now) }
        // Another process (`outtray push`) may record events, but cannot ring the bell.
        var pause = Schedules.queue
        if let due = next.flatMap(\.self) {
            let left = Duration.milliseconds(due.milliseconds - Timestamp.steady().milliseconds)
            pause = min(pause, max(left, .milliseconds(10)))
        }
        await bell(of: plan)?.wait(until: clock.now.advanced(by: pause), clock: clock)
    }

    private func deliver(_ event: HookEvent, by plan: HookPlan) async {
        CrashPoint.hookBegun.reached()
        let outcome = await plan.runner.run(event, within: plan.timeout)
        CrashPoint.hookRan.reached()
        do {
            switch outcome {
            case .cancelled: return
            case .cancelledLeaving(let process): observer(.hookLeft(plan.name, process: process))
            case .delivered:
                try await bookkeeping.durably { try await book.end(event, failure: nil, at: .now()) }
                CrashPoint.hookRecorded.reached()
                observer(.hookRan(plan.name, .delivered))
                noteEnd(of: event, plan)
            case .failed(let failure): try await conclude(failure, of: event, by: plan)
            case .failedLeaving(let failure, let process):
                try await conclude(failure, of: event, by: plan)
                change(plan) { member in
                    member.underWay.remove(event.id)
                    member.left.insert(event.id)
                }
                await process.waitForEnd()
            }
        } catch {
            // The event stays as it was, and the next start delivers it.
        }
    }

    private func conclude(_ failure: HookFailure, of event: HookEvent, by plan: HookPlan) async throws {
        let now = Timestamp.steady()
        let since = event.failedSince ?? now
        var generator = SystemRandomNumberGenerator()
        let pause = plan.retry.pause(
            after: failure,
            tries: event.attempts + 1,
            failingFor: .milliseconds(max(now.milliseconds - since.milliseconds, 0)),
            using: &generator
        )
        guard let pause else {
            try await bookkeeping.durably { try await book.end(event, failure: failure.cause, at: .now()) }
            CrashPoint.hookRecorded.reached()
            observer(.hookRan(plan.name, .dropped))
            observer(.hookGaveUp(event, failure))
            noteEnd(of: event, plan)
            return
        }
        try await bookkeeping.durably {
            try await book.postpone(event, reason: failure.cause, due: now.advanced(by: pause), now: now)
        }
        CrashPoint.hookPostponed.reached()
        observer(.hookRan(plan.name, .failed))
        let isNews = change(plan) { $0.failures.note(failure.cause, of: event.id, at: .now()) }
        if isNews == true { observer(.hookFails(event, failure)) }
    }

    private func noteEnd(of event: HookEvent, _ plan: HookPlan) {
        if change(plan, { $0.failures.end(event.id) }) == true { observer(.hookWorks(plan.name)) }
    }

    /// Changes the hook's member; nil if it has none any more.
    @discardableResult
    private func change<Value: Sendable>(_ plan: HookPlan, _ body: (inout Member) -> Value) -> Value? {
        state.withLock { state in
            // Taken out, so that a change copies nothing of it.
            guard var member = state.members.removeValue(forKey: plan.name) else { return nil }
            defer { state.members[plan.name] = member }
            return body(&member)
        }
    }

    private func bell(of plan: HookPlan) -> Doorbell? { state.withLock { $0.members[plan.name]?.bell } }
}
