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
        /// The ledger has dealt with this version, another plan of the folder is in force, or the pipeline ends.
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
            // The file was opened for writing and closed again without a change, or the event is late.
            let unhandled = try await bookkeeping.durably { try await queue.unhandled(among: [settled.file]) }
            if unhandled.isEmpty { return .passedOver }
            guard isInForce() else { return .passedOver }
            switch Classifier(plan).classify(settled) {
            case .media(let file):
                CrashPoint.classified.reached()
                try await bookkeeping.durably { try await queue.enqueue(file, at: .now()) }
                CrashPoint.queued.reached()
                observer(.queued(file))
                return .queued(file)
            case .rejected(let rejection):
                try await bookkeeping.durably { try await queue.reject(settled.file, rejection, at: .now()) }
                CrashPoint.rejectionRecorded.reached()
                observer(.rejected(settled.path, rejection))
                return .rejected
            case .changed, .gone: return .changed
            case .unreadableNow(let cause, let reason):
                return .waits(cause, reason: reason)
            }
        } catch {
            return .passedOver
        }
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
