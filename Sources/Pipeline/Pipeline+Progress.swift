import SystemPackage
import Threads
import Watch

/// The work that is left to a pass.
package struct Outstanding: Hashable, Sendable {
    /// True while files are in their first quiet time, on their way, or due.
    package var isBusy: Bool
    /// Files in each state; empty while the pass is busy.
    package var counts: [FileState: Int]
    /// Why nothing can be recorded, or nil. If set, ``counts`` may lack files.
    package var recordsClosed: String?
    /// Folders whose file system does not answer: their paths, by name. ``counts`` may lack files of theirs.
    package var silent: [String: FilePath]
    /// Folders that were not read, or only in part, by name. ``counts`` may lack files of theirs.
    package var unread: [String: Unread]
    /// Uploaded files that could not leave their folder, although `after_upload` wants it.
    package var staying: StayingFiles
    /// Hooks with events that failed and are to be tried again.
    package var hooks: [HookStanding]
    /// What a person paused. Files there wait.
    package var paused: [Pause]

    package init(
        isBusy: Bool,
        counts: [FileState: Int],
        recordsClosed: String? = nil,
        silent: [String: FilePath] = [:],
        unread: [String: Unread] = [:],
        staying: StayingFiles = .none,
        hooks: [HookStanding] = [],
        paused: [Pause] = []
    ) {
        self.isBusy = isBusy
        self.counts = counts
        self.recordsClosed = recordsClosed
        self.silent = silent
        self.unread = unread
        self.staying = staying
        self.hooks = hooks
        self.paused = paused
    }

    /// True if every folder was read, everything was recorded, and neither a departure nor a hook failed.
    package var isWhole: Bool {
        recordsClosed == nil && silent.isEmpty && unread.isEmpty && staying.count == 0 && hooks.isEmpty
    }

    /// Files that neither went up nor were rejected.
    package var waiting: Int {
        (counts[.settling] ?? 0) + (counts[.queued] ?? 0) + (counts[.uploading] ?? 0)
    }
}

extension Pipeline {
    /// Returns the work that is left. A pass is over when it is not busy.
    ///
    /// Files may still wait then, but not for a moment that comes soon. They wait for a writer that goes on, a blocked
    /// account, or a provider that failed several times.
    package func outstanding() async throws -> Outstanding {
        if bookkeeping.closed != nil {
            let reason = recordsClosed
            return Outstanding(isBusy: reason == nil, counts: try await queue.counts(), recordsClosed: reason)
        }
        let silent = silentFolders
        let isBusy = try await isBusy(except: Set(silent.keys))
        let staying = isBusy ? .none : try await departures.failed()
        let hooks = isBusy ? [] : try await deliveries.standings.filter { $0.waiting > 0 }
        // Counted last: an earlier count could miss a change made meanwhile. The count reads all files, so it is made
        // only when the pass may end.
        let counts = isBusy ? [:] : try await queue.counts()
        return Outstanding(
            isBusy: isBusy,
            counts: counts,
            silent: silent,
            unread: unread.all,
            staying: staying,
            hooks: hooks,
            paused: pauses
        )
    }

    /// Folders that count as hung, or with a call that has waited for longer than ``Patience/longest``. Uploads wait
    /// just as long.
    private var silentFolders: [String: FilePath] {
        let heldBack = disks.hung.heldBack
        return roster.folders.mapValues(\.path).filter { name, path in
            watcher.silence(of: name) > Patience.longest || threads[name].silence > Patience.longest
                || heldBack.roots.contains(path)
        }
    }

    /// Why nothing can be recorded, if that has lasted for longer than a pass waits. Asks no ledger.
    package var recordsClosed: String? {
        bookkeeping.closed.flatMap { $0.lasts >= Schedules.closedBooks ? $0.reason : nil }
    }

    private func isBusy(except silent: Set<String>) async throws -> Bool {
        if !beginning.missing.isEmpty { return true }
        let lanes = roster.lanes
        if !firstPasses.missing.isSubset(of: silent) || !unwatched.missing.isEmpty { return true }
        if await settler.unsettled(except: silent) > 0 { return true }
        for lane in lanes.values where !(await lane.isAtRest) { return true }
        for record in try await queue.waiting(limit: 1000) where record.state != .settling {
            guard let account = record.account, let lane = lanes[account] else { continue }
            // The file's lane has claimed it since the check above.
            if record.state == .uploading {
                if !(await lane.isAtRest) { return true }
                continue
            }
            if disks.heldBack.holds(record.path) || pause(of: record) != nil { continue }
            if record.attempts < Schedules.triesAPass, !(await lane.waitsForLong) { return true }
        }
        if try await departures.isBusy(except: silent, accounts: await callableAccounts) { return true }
        if try await deliveries.isBusy { return true }
        return await settler.unsettled(except: silent) > 0
    }

    /// The pause that keeps a queued file from going up; nil if none does.
    private func pause(of record: FileRecord) -> Pause? {
        guard let account = roster.plan.accounts.first(where: { $0.name == record.account }) else { return nil }
        let root = roster.plan.folders.first { $0.name == record.folder }?.path
        return pauseBoard.pause(of: account.configured, beneath: root)
    }

    /// The names of accounts that are not blocked.
    private var callableAccounts: [String] {
        get async {
            var names: [String] = []
            for (name, lane) in roster.lanes where await lane.mayCall { names.append(name) }
            return names
        }
    }

    /// Brings both manifest files up to date.
    package func flush() async throws {
        try await flushManifests()
    }
}
