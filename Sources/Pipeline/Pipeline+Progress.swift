/// What a pass still has to do.
package struct Outstanding: Hashable, Sendable {
    /// Files that are being waited for in their first quiet time, are on their way, or are due.
    package var isBusy: Bool
    /// Files in each state.
    package var counts: [FileState: Int]
    /// Why nothing can be recorded, where that is so: then there may be files that no count has.
    package var recordsClosed: String?

    package init(isBusy: Bool, counts: [FileState: Int], recordsClosed: String? = nil) {
        self.isBusy = isBusy
        self.counts = counts
        self.recordsClosed = recordsClosed
    }

    /// Files that neither went up nor were rejected.
    package var waiting: Int {
        (counts[.settling] ?? 0) + (counts[.queued] ?? 0) + (counts[.uploading] ?? 0)
    }
}

extension Pipeline {
    /// How often a failing file is tried within one pass before the pass ends without it.
    package static var triesAPass: Int { 3 }
    /// How long a pass waits for a ledger or manifest that cannot be written.
    private static var patience: Duration { .seconds(10) }

    /// What is left to do. A pass is over when it is not busy: what still waits then waits for something else than time
    /// that passes soon (a writer that goes on, a blocked account, a provider that failed several times).
    package func outstanding() async throws -> Outstanding {
        if bookkeeping.closed != nil {
            let reason = recordsClosed
            return Outstanding(isBusy: reason == nil, counts: try await queue.counts(), recordsClosed: reason)
        }
        let isBusy = try await isBusy()
        // Last: what was still going on while one looked would be counted as it was before.
        return Outstanding(isBusy: isBusy, counts: try await queue.counts())
    }

    /// Why nothing can be recorded, once that has lasted for as long as a pass waits for it. Asks no ledger.
    package var recordsClosed: String? {
        bookkeeping.closed.flatMap { $0.lasts >= Self.patience ? $0.reason : nil }
    }

    private func isBusy() async throws -> Bool {
        if await settler.unsettled > 0 { return true }
        for lane in lanes.values where !(await lane.isAtRest) { return true }
        for record in try await queue.waiting(limit: 1000) where record.state != .settling {
            guard let account = record.account, let lane = lanes[account] else { continue }
            // Taken by its lane since that was asked.
            if record.state == .uploading { return true }
            if record.attempts < Self.triesAPass, !(await lane.isBlocked) { return true }
        }
        return await settler.unsettled > 0
    }

    /// Brings the manifest's files up to date.
    package func flush() async throws {
        try await manifest.flush()
    }
}
