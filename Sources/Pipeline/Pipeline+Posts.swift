import SystemPackage
import Threads
import Watch

/// What begins and ends with a folder or an account: at the start, and when another plan takes the place of the present one.
extension Pipeline {
    /// How often it is looked for files of accounts that are not there.
    private static var strayLook: Duration { .seconds(2) }
    /// Waiting files that are judged in one go.
    private static var page: Int { 512 }

    /// Goes on with what an earlier process left in the queue, and begins all folders and accounts.
    func begin() async throws {
        try await turns.take {
            let plan = roster.plan
            for change in try await adopt(plan) { observer(.accountChanged(change)) }
            try await bookkeeping.durably { try await queue.tidy(at: .now()) }
            try await bookkeeping.durably { try await queue.recover(at: .now()) }
            try await judgeWaiting()
            for account in plan.accounts { begin(account, plan.retry) }
            for folder in plan.watched { await begin(folder) }
            if plan.isWatching { try await beginDepartures() }
        }
        beginning.open()
    }

    /// Takes another plan in place of the present one. What is equal in both goes on untouched: uploads under way, pace,
    /// windows, watches. What is not ends, and begins anew where the new plan has it; a file that was under way then goes on
    /// from its last recorded step. What waits is judged by the new plan, and all accounts are tried at once.
    ///
    /// Returns when all that ends has ended, and what begins has begun; ``ready()`` tells when that was looked through.
    ///
    /// - Throws: As ``run()`` does, which ends then, too.
    package func apply(_ plan: PipelinePlan) async throws {
        try await turns.take {
            let change = PlanChange(from: roster.plan, to: plan)
            await end(change)
            roster.take(plan, withoutLanesOf: change.accounts.ending)
            departures.take(plan.folders)
            await manifest.apply(plan.manifest)
            let changes = try await adopt(plan)
            for account in change.accounts.ending {
                try await bookkeeping.durably { try await queue.recover(account: account, at: .now()) }
            }
            try await judgeWaiting()
            for account in plan.accounts where change.accounts.beginning.contains(account.name) {
                begin(account, plan.retry)
            }
            for folder in plan.watched where change.folders.beginning.contains(folder.name) { await begin(folder) }
            for change in changes { tell(change) }
            unwatched.expect("all")
            unwatchedBell.ring()
            try await beginDepartures()
        }
        await openAccounts()
    }

    /// Tells the ledger which accounts the plan has, and whom their names mean.
    private func adopt(_ plan: PipelinePlan) async throws -> [AccountChange] {
        await paces.keepRates(of: plan.accounts)
        let watched = plan.watched.map(\.watched)
        if plan.isWatching { try await bookkeeping.durably { try await queue.nameFolders(watched) } }
        let accounts = plan.accounts.map(\.configured)
        let folders =
            plan.isWatching ? Dictionary(plan.folders.map { ($0.name, $0.account) }) { first, _ in first } : nil
        return try await bookkeeping.durably { try await ledger.adopt(accounts, folders: folders, at: .now()) }
    }

    /// An account is another than its files went up to: a scan finds those that settle anew.
    private func tell(_ change: AccountChange) {
        observer(.accountChanged(change))
        guard case .another(1...) = change.kind else { return }
        for folder in roster.folders.values where folder.account == change.account {
            firstPasses.expect(folder.name)
            watcher.rescan(folder.name)
        }
    }

    /// Side by side: one whose disk hangs takes a while.
    private func end(_ change: PlanChange) async {
        await withDiscardingTaskGroup { group in
            for account in change.accounts.ending { group.addTask { await self.crew.end(.account(account)) } }
            for folder in change.folders.ending {
                group.addTask {
                    await self.crew.end(.folder(folder))
                    await self.watcher.leave(folder)
                    await self.settler.end(folder)
                    self.departures.end(folder)
                    self.threads.end(folder)
                    self.firstPasses.checkOff(folder)
                    self.unread.note(nil, in: folder)
                }
            }
        }
    }

    private func begin(_ folder: FolderPlan) async {
        firstPasses.expect(folder.name)
        threads.begin(folder.name)
        await settler.begin(folder)
        let channel = watcher.join(folder.watched)
        departures.begin(folder)
        crew.begin(.folder(folder.name)) {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.departures.run(on: folder) }
                group.addTask {
                    let loop = Loops.join("events of \(folder.name)")
                    defer { loop.leave() }
                    for await batch in channel { await loop.step { await self.take(batch) } }
                }
            }
        }
    }

    private func begin(_ account: AccountPlan, _ retry: RetryPolicy) {
        let services = AccountServices(
            plan: account,
            queue: ledger,
            book: ledger.book(of: account.configured),
            pacer: paces.pacer(of: account),
            paces: ledger,
            memory: memory,
            disks: disks,
            bookkeeping: bookkeeping,
            clock: clock,
            observer: observer,
            afterUpload: { [departures] in departures.action(for: $0) },
            // The roster, which the pipeline has, holds the lane: a pipeline that has ended is to let go of its ledger.
            changed: { [weak self] in self?.tell($0) }
        )
        let processing = Doorbell()
        let (roster, manifest, departures, settler) = (roster, manifest, departures, settler)
        let hooks = LaneHooks(
            dismissal: { roster.rules.dismissal(of: WaitingFile($0)) },
            manifestChanged: { manifest.wake() },
            processing: { processing.ring() },
            uploaded: { departures.wake($0.folder) },
            changed: { file in
                if let folder = file.folder { await settler.note(file.path, folder: folder) }
            }
        )
        let lane = AccountLane(services: services, retry: retry, hooks: hooks)
        let watch = StatusWatch(lane: lane, services: services, bell: processing) {
            manifest.wake()
            departures.wake()
        }
        roster.add(lane, for: account.name)
        crew.begin(.account(account.name)) {
            await withDiscardingTaskGroup { group in
                group.addTask { await lane.run() }
                group.addTask { await watch.run() }
            }
        }
    }

    /// What failed to leave is tried at once, and what was to leave from folders that are gone stays.
    private func beginDepartures() async throws {
        try await departures.open()
        await crew.end(.leftFolders)
        crew.begin(.leftFolders) { await self.departures.dropOthers() }
    }

    /// Lets go of what the present plan does not let up; what of it is under way is broken off.
    private func judgeWaiting() async throws {
        let rules = roster.rules
        var place: Int64 = 0
        while true {
            let page = try await bookkeeping.durably { try await queue.waiting(after: place, limit: Self.page) }
            guard let last = page.last else { return }
            place = last.place
            let dismissed = page.compactMap { file in rules.dismissal(of: file).map { (file: file, why: $0) } }
            guard !dismissed.isEmpty else { continue }
            try await bookkeeping.durably { try await queue.dismiss(dismissed, at: .now()) }
            for (file, why) in dismissed { observer(why.event(of: file.path)) }
            let paths = Set(dismissed.map(\.file.path))
            for lane in roster.lanes.values { await lane.recall(paths) }
            manifest.wake()
        }
    }

    /// Says of files that were pushed through an account that is not there what they wait for: another process read a newer
    /// configuration than this one, or the account was taken out of it.
    func explainStrays() async {
        var seen: [String: Int64] = [:]
        while !Task.isCancelled {
            do {
                let names = Set(roster.plan.accounts.map(\.name))
                for account in names { seen[account] = nil }
                for account in try await queue.queuedAccounts() where !names.contains(account) {
                    let reason =
                        "account \(account) is not in the configuration in force: add it, or reload the service"
                    let place = seen[account] ?? 0
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
                // The next look tells.
            }
            try? await clock.sleep(for: Self.strayLook)
        }
    }
}
