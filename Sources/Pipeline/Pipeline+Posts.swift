import SystemPackage
import Threads
import Watch

/// The start and the end of folders and accounts, when the pipeline starts and when a new plan comes.
extension Pipeline {
    /// How many waiting files are judged at a time.
    private static var page: Int { 512 }

    /// Recovers the queue of an earlier process, then begins all folders and accounts.
    func begin() async throws {
        try await turns.run {
            let plan = roster.plan
            applyBandwidth(of: plan)
            if plan.isWatching { try await deliveries.adopt(plan.hooks) }
            for change in try await adopt(plan) { observer(.accountChanged(change)) }
            try await bookkeeping.durably { try await queue.tidy(at: .now()) }
            try await bookkeeping.durably { try await queue.recover(at: .now()) }
            try await bookkeeping.durably { try await takePauses() }
            try await judgeWaiting()
            for hook in plan.called { begin(hook) }
            for account in plan.accounts { begin(account, plan.retry) }
            for folder in plan.watched { await begin(folder) }
            if plan.isWatching { try await beginDepartures() }
        }
        beginning.open()
        for folder in roster.plan.watched { ignoring.lookAgain(at: folder.name) }
    }

    /// Replaces the present plan. Folders and accounts that are equal in both plans go on untouched: uploads under way,
    /// pace, windows, watches. All others end, and begin anew if the new plan has them. A file that was under way then
    /// goes on from its last recorded step. The new plan judges the waiting files, and all accounts are tried at once.
    ///
    /// Returns after the ends and the starts. ``ready()`` returns after the first scans of the new folders.
    ///
    /// - Throws: The errors of ``run()``, which then ends too.
    package func apply(_ plan: PipelinePlan) async throws {
        try await turns.run {
            let change = PlanChange(from: roster.plan, to: plan)
            // First: the ends may take a while.
            applyBandwidth(of: plan)
            await end(change)
            roster.replace(with: plan, droppingLanesOf: change.accounts.ending)
            departures.apply(plan.folders)
            await manifest.apply(plan.manifest)
            if let own = plan.fleetManifest { await fleetManifest?.apply(own) }
            if plan.isWatching { try await deliveries.adopt(plan.hooks) }
            // While the names mean what they meant.
            for account in change.accounts.ending {
                try await bookkeeping.durably { try await queue.recover(account: account, at: .now()) }
            }
            let changes = try await adopt(plan)
            // The pauses go by the names and keys of now.
            try await bookkeeping.durably { try await takePauses() }
            try await judgeWaiting()
            // Before the accounts, which may be blocked at once.
            for hook in plan.called where change.hooks.beginning.contains(hook.name) { begin(hook) }
            for account in plan.accounts where change.accounts.beginning.contains(account.name) {
                begin(account, plan.retry)
            }
            for folder in plan.watched where change.folders.beginning.contains(folder.name) { await begin(folder) }
            for change in changes { tell(change) }
            unwatched.expect("all")
            unwatchedBell.ring()
            for folder in plan.watched { noteIgnoring(of: folder.name) }
            try await beginDepartures()
        }
        await openAccounts()
    }

    private func applyBandwidth(of plan: PipelinePlan) {
        let accounts = Dictionary(plan.accounts.map { ($0.name, $0.bandwidth) }) { first, _ in first }
        bandwidth.apply(plan.bandwidth, accounts)
    }

    /// Tells the ledger the plan's accounts and their identities. Returns the changes.
    private func adopt(_ plan: PipelinePlan) async throws -> [AccountChange] {
        await paces.keepRates(of: plan.accounts)
        fleet?.keep(plan.accounts)
        let watched = plan.watched.map(\.watched)
        if plan.isWatching { try await bookkeeping.durably { try await queue.nameFolders(watched) } }
        let accounts = plan.accounts.map(\.configured)
        let folders =
            plan.isWatching ? Dictionary(plan.folders.map { ($0.name, $0.account) }) { first, _ in first } : nil
        return try await bookkeeping.durably { try await ledger.adopt(accounts, folders: folders, at: .now()) }
    }

    /// Reports a changed account. If its files went up to another account, rescans its folders: the scan lets them
    /// settle anew.
    private func tell(_ change: AccountChange) {
        observer(.accountChanged(change))
        switch change.kind {
        case .another(1...), .filesElsewhere: break
        case .another, .unproven, .same: return
        }
        for folder in roster.folders.values where folder.account == change.account {
            firstPasses.expect(folder.name)
            watcher.rescan(folder.name)
        }
    }

    /// Ends folders and accounts side by side, as a folder with a hung disk takes a while.
    private func end(_ change: PlanChange) async {
        await withDiscardingTaskGroup { group in
            for account in change.accounts.ending { group.addTask { await self.crew.end(.account(account)) } }
            for hook in change.hooks.ending {
                group.addTask {
                    await self.crew.end(.hook(hook))
                    self.deliveries.end(hook)
                }
            }
            for folder in change.folders.ending {
                group.addTask {
                    await self.crew.end(.folder(folder))
                    await self.watcher.leave(folder)
                    await self.settler.end(folder)
                    self.departures.end(folder)
                    self.threads.end(folder)
                    self.firstPasses.checkOff(folder)
                    self.unread.note(nil, in: folder)
                    self.unmounted.note(nil, in: folder)
                }
            }
        }
    }

    private func begin(_ folder: FolderPlan) async {
        firstPasses.expect(folder.name)
        threads.begin(folder.name)
        await settler.begin(folder)
        var watched = folder.watched
        watched.hiddenPrefix = HiddenName.prefix
        let channel = watcher.join(watched)
        departures.begin(folder)
        crew.begin(.folder(folder.name)) {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.departures.run(on: folder) }
                group.addTask { await self.handOnEvents(of: folder, from: channel) }
            }
        }
    }

    private func begin(_ account: AccountPlan, _ retry: RetryPolicy) {
        let (lane, services, processing) = lane(for: account, retry)
        let watch = StatusWatch(lane: lane, services: services, bell: processing) { [manifest, departures] in
            manifest.bell.ring()
            if $0.releases { departures.wake() }
        }
        roster.add(lane, for: account.name)
        crew.begin(.account(account.name)) {
            await withDiscardingTaskGroup { group in
                group.addTask { await lane.run() }
                group.addTask { await watch.run() }
            }
        }
    }

    /// Makes the accounts' lanes for looks at assets (``look(atAssetOf:)``), and lets none run.
    ///
    /// For a process that uploads nothing. It does not call ``run()``.
    package func prepareLooks() async {
        let plan = roster.plan
        await paces.keepRates(of: plan.accounts)
        for account in plan.accounts { roster.add(lane(for: account, plan.retry).lane, for: account.name) }
    }

    /// `processing` rings when there is a new asset to look after.
    private func lane(
        for account: AccountPlan,
        _ retry: RetryPolicy
    ) -> (lane: AccountLane<Time>, services: AccountServices<Time>, processing: Doorbell) {
        let services = AccountServices(
            plan: account,
            queue: ledger,
            book: ledger.book(of: account.configured),
            pacer: paces.pacer(of: account),
            paces: ledger,
            turns: bandwidth,
            memory: memory,
            disks: disks,
            bookkeeping: bookkeeping,
            clock: clock,
            observer: observer,
            board: board,
            // Weak as below.
            watched: { [weak roster] in roster?.rules.watched($0) },
            afterUpload: { [departures] in departures.action(for: $0) },
            departing: { [departures] in departures.wake($0.folder) },
            // Weak: the pipeline holds the roster, and the roster the lane. After its end, a pipeline must let go of
            // its ledger.
            changed: { [weak self] in self?.tell($0) },
            index: fleet?.index(of: account)
        )
        let processing = Doorbell()
        let lane = AccountLane(services: services, retry: retry, hooks: hooks(of: account, processing: processing))
        return (lane, services, processing)
    }

    private func begin(_ hook: HookPlan) {
        deliveries.begin(hook)
        crew.begin(.hook(hook.name)) { await self.deliveries.run(hook) }
    }

    /// Makes failed departures due at once, and drops the departures of folders that are not watched any more.
    private func beginDepartures() async throws {
        try await departures.open()
        await crew.end(.leftFolders)
        crew.begin(.leftFolders) { await self.departures.dropOthers() }
    }

    /// Takes files off the queue that the present plan does not allow. Breaks off their uploads.
    private func judgeWaiting() async throws {
        let rules = roster.rules
        var place = Int64.min
        while true {
            let page = try await bookkeeping.durably { try await queue.waiting(after: place, limit: Self.page) }
            guard let last = page.last else { return }
            place = last.place
            let dismissed = page.compactMap { file in rules.dismissal(of: file).map { (file: file, why: $0) } }
            try await dismiss(dismissed)
        }
    }

    /// Takes these files off the queue. Breaks off their uploads.
    func dismiss(_ files: [(file: WaitingFile, why: Dismissal)]) async throws {
        guard !files.isEmpty else { return }
        try await bookkeeping.durably { try await queue.dismiss(files, at: .now()) }
        for (file, why) in files { observer(why.event(of: file.path)) }
        let paths = Set(files.map(\.file.path))
        for lane in roster.lanes.values { await lane.recall(paths) }
        manifest.bell.ring()
    }

    /// Gives a reason to files that were pushed through a missing account. Either another process read a newer
    /// configuration, or the account was removed from it.
    func explainStrays() async {
        var seen: [String: Int64] = [:]
        while !Task.isCancelled {
            do {
                let names = Set(roster.plan.accounts.map(\.name))
                for account in names { seen[account] = nil }
                for account in try await queue.queuedAccounts() where !names.contains(account) {
                    let reason =
                        "account \(account) is not in the configuration in force: add it, or reload the service"
                    let place = seen[account] ?? .min
                    if let last = try await queue.explain(
                        account: account,
                        after: place,
                        cause: .noAccount,
                        reason: reason
                    ) {
                        seen[account] = last
                    }
                }
            } catch {
                // The next look records the reasons.
            }
            try? await clock.sleep(for: Schedules.strays)
        }
    }
}
