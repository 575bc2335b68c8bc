/// Takes a settled file into the durable queue: classifies the file, then queues or rejects it.
///
/// Does one file at a time, and returns what the other stages have to do about it.
struct Intake<C: Clock>: Sendable where C.Duration == Duration {
    /// What became of a settled file.
    enum Decision: Hashable {
        /// The file waits for its account's lane.
        case queued(MediaFile)
        /// The manifest shows why the file cannot go up.
        case rejected
        /// The file is a sidecar, and the ledger has it.
        case noted
        /// The file is gone, or no regular file by now: Settle looks at the path again.
        case changed
        /// The file cannot be read now: it settles once more.
        case waits(WaitCause, reason: String)
        /// The ledger has dealt with this version or skips it, another plan of the folder is in force, or the pipeline
        /// ends.
        ///
        /// In the last two cases nothing was recorded, and a scan finds the file.
        case passedOver
    }

    let queue: any FileQueue
    let bookkeeping: Bookkeeping<C>
    let observer: PipelineObserver

    /// Queues or rejects one file of a folder. `isInForce` tells whether the folder's plan still holds once the ledger
    /// was asked.
    func admit(_ settled: SettledFile, by plan: FolderPlan, isInForce: () -> Bool) async -> Decision {
        if plan.isSidecar(settled.path) { return await note(settled.file, isInForce: isInForce) }
        do {
            guard isInForce() else { return .passedOver }
            if try await isSkippedAgain(settled.file, by: plan) { return .passedOver }
            let classified = Classifier(plan).classify(settled)
            switch classified {
            case .media(let file):
                CrashPoint.classified.reached()
                let isNew = try await bookkeeping.durably { try await queue.admit(file, at: .now()) }
                guard isNew else { return .passedOver }
                CrashPoint.queued.reached()
                observer(.queued(file))
                return .queued(file)
            case .rejected(let rejection):
                let isNew = try await bookkeeping.durably {
                    try await queue.admit(settled.file, rejected: rejection, at: .now())
                }
                guard isNew else { return .passedOver }
                CrashPoint.rejectionRecorded.reached()
                observer(.rejected(settled.path, rejection))
                return .rejected
            case .changed, .gone, .unreadableNow:
                let unhandled = try await bookkeeping.durably { try await queue.unhandled(among: [settled.file]) }
                if unhandled.isEmpty { return .passedOver }
                guard case .unreadableNow(let cause, let reason) = classified else { return .changed }
                return .waits(cause, reason: reason)
            }
        } catch {
            return .passedOver
        }
    }

    /// Whether a file was skipped before, maybe under another name. If so, the ledger has it.
    private func isSkippedAgain(_ file: FoundFile, by plan: FolderPlan) async throws -> Bool {
        guard plan.existing == .skip else { return false }
        let isSkipped = try await bookkeeping.durably {
            try await queue.skipAgain(file, beneath: plan.path, at: .now())
        }
        if isSkipped { observer(.skipped(file.path)) }
        return isSkipped
    }

    private func note(_ sidecar: FoundFile, isInForce: () -> Bool) async -> Decision {
        guard isInForce() else { return .passedOver }
        do {
            try await bookkeeping.durably { try await queue.noteSidecar(sidecar, at: .now()) }
        } catch {
            return .passedOver
        }
        CrashPoint.sidecarNoted.reached()
        observer(.sidecar(sidecar.path))
        return .noted
    }
}
