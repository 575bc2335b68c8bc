import SystemPackage
import Threads
import Watch

/// What a pass still has to do.
package struct Outstanding: Hashable, Sendable {
    /// Files that are being waited for in their first quiet time, are on their way, or are due.
    package var isBusy: Bool
    /// Files in each state; nothing while the pass is busy.
    package var counts: [FileState: Int]
    /// Why nothing can be recorded, where that is so: then there may be files that no count has.
    package var recordsClosed: String?
    /// The paths of folders whose file system does not answer, by name: there may be files in them that no count has.
    package var silent: [String: FilePath]
    /// By name, the folders that could not be looked through, or not all of them: there may be files in them that no count
    /// has.
    package var unread: [String: Unread]
    /// Files that are up and could not leave their folder, as `after_upload` says.
    package var staying: StayingFiles

    package init(
        isBusy: Bool,
        counts: [FileState: Int],
        recordsClosed: String? = nil,
        silent: [String: FilePath] = [:],
        unread: [String: Unread] = [:],
        staying: StayingFiles = .none
    ) {
        self.isBusy = isBusy
        self.counts = counts
        self.recordsClosed = recordsClosed
        self.silent = silent
        self.unread = unread
        self.staying = staying
    }

    /// All was seen and could be recorded, and what had to leave has left.
    package var isWhole: Bool {
        recordsClosed == nil && silent.isEmpty && unread.isEmpty && staying.count == 0
    }

    /// Files that neither went up nor were rejected.
    package var waiting: Int {
        (counts[.settling] ?? 0) + (counts[.queued] ?? 0) + (counts[.uploading] ?? 0)
    }
}

extension Pipeline {
    /// How long a pass waits for a ledger or manifest that cannot be written.
    private static var patience: Duration { .seconds(10) }

    /// What is left to do. A pass is over when it is not busy: what still waits then waits for something else than time
    /// that passes soon (a writer that goes on, a blocked account, a provider that failed several times).
    package func outstanding() async throws -> Outstanding {
        if bookkeeping.closed != nil {
            let reason = recordsClosed
            return Outstanding(isBusy: reason == nil, counts: try await queue.counts(), recordsClosed: reason)
        }
        let silent = silentFolders
        let isBusy = try await isBusy(except: Set(silent.keys))
        let staying = isBusy ? .none : try await departures.failed()
        // Last: what was still going on while one looked would be counted as it was before. All files are counted for it, so
        // only where the pass may end.
        let counts = isBusy ? [:] : try await queue.counts()
        return Outstanding(isBusy: isBusy, counts: counts, silent: silent, unread: unread.all, staying: staying)
    }

    /// The folders of which something has waited for an answer for longer than a pass waits: the same as an upload.
    private var silentFolders: [String: FilePath] {
        let heldBack = disks.hung.heldBack
        return roster.folders.mapValues(\.path).filter { name, path in
            watcher.silence(of: name) > Patience.longest || threads[name].silence > Patience.longest
                || heldBack.roots.contains(path)
        }
    }

    /// Why nothing can be recorded, once that has lasted for as long as a pass waits for it. Asks no ledger.
    package var recordsClosed: String? {
        bookkeeping.closed.flatMap { $0.lasts >= Self.patience ? $0.reason : nil }
    }

    private func isBusy(except silent: Set<String>) async throws -> Bool {
        if !beginning.missing.isEmpty { return true }
        let lanes = roster.lanes
        if !firstPasses.missing.isSubset(of: silent) || !unwatched.missing.isEmpty { return true }
        if await settler.unsettled(except: silent) > 0 { return true }
        for lane in lanes.values where !(await lane.isAtRest) { return true }
        for record in try await queue.waiting(limit: 1000) where record.state != .settling {
            guard let account = record.account, let lane = lanes[account] else { continue }
            // Taken by its lane since that was asked.
            if record.state == .uploading {
                if !(await lane.isAtRest) { return true }
                continue
            }
            if disks.hung.heldBack.holds(record.path) { continue }
            if record.attempts < RetryPolicy.triesAPass, !(await lane.waitsForLong) { return true }
        }
        if try await departures.isBusy(except: silent, accounts: await callableAccounts) { return true }
        return await settler.unsettled(except: silent) > 0
    }

    /// Accounts that are not blocked.
    private var callableAccounts: [String] {
        get async {
            var names: [String] = []
            for (name, lane) in roster.lanes where await lane.mayCall { names.append(name) }
            return names
        }
    }

    /// Brings the manifest's files up to date.
    package func flush() async throws {
        try await manifest.flush()
    }
}
