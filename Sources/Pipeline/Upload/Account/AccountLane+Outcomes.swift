import SystemPackage
import Threads
import Watch

extension AccountLane {
    /// Records a job's outcome, and reports it. Returns how the try ended; nil if it was cancelled.
    ///
    /// `ignoringCount`: how often the file's folder had changed what it ignores, before the file was judged.
    ///
    /// - Throws: `CancellationError`, or the error that ends the records for good. The file then stays `uploading` and
    ///   goes on after a restart.
    func conclude(
        _ outcome: UploadJob<C>.Outcome,
        of queued: QueuedFile,
        begun: C.Instant,
        _ ignoringCount: Int
    ) async throws -> TryOutcome? {
        let file = queued.file
        switch outcome {
        case .uploaded: underWay.note(isUp: true)
        case .failed, .unanswered, .held: underWay.note(isUp: false)
        case .reused, .adopted, .changed, .gone, .unreadable, .undecided, .waits, .waitsForFleet, .excluded, .cancelled:
            break
        }
        switch outcome {
        case .uploaded(let receipt):
            noteUpload(of: file, begun: begun)
            hooks.manifest.ring()
            observer(.uploaded(file, receipt))
            if receipt.status == .processing { hooks.processing.ring() }
            return .uploaded
        case .reused(let movedFrom):
            hooks.manifest.ring()
            observer(.reused(file, movedFrom: movedFrom))
            return .reused
        case .adopted(let asset):
            hooks.manifest.ring()
            observer(.adopted(file, asset))
            if asset.receipt.status == .processing { hooks.processing.ring() }
            return .reused
        case .changed(let reason):
            try await services.durably {
                try await queue.returnToSettling(file, reason: reason, at: .now())
            }
            CrashPoint.returnedToSettling.reached()
            observer(.changed(file.path, reason: reason))
            await hooks.changed(file)
            return .changed
        case .gone:
            try await services.durably { try await queue.recordGone(file, at: .now()) }
            hooks.manifest.ring()
            observer(.gone(file.path))
            return .gone
        case .unreadable(let error):
            try await reject(file, Rejection(.unreadable, error.reason))
            return .rejected
        case .failed(let error):
            return try await handle(error, of: queued, begun: begun)
        case .unanswered(let error):
            // The file is reported as hung, and held back until its file system answers.
            try await postpone(file, Postponement(.fileSystem, reason: error.description))
            return .postponed
        case .waits(let reason):
            // The flights hold the file back until it may go.
            try await postpone(file, Postponement(.sameBytes, reason: reason))
            return .postponed
        case .waitsForFleet(let cause, let reason):
            // The fleet lets it go on earlier.
            let due = Timestamp.steady().advanced(by: Schedules.sharedContent)
            try await postpone(file, Postponement(cause, reason: reason, due: due))
            services.index?.wait(for: file)
            return .postponed
        case .held:
            let reason = block == nil ? "" : "account \(services.name) waits"
            try await postpone(file, Postponement(block?.cause ?? .slot, reason: reason))
            return .postponed
        case .excluded(.undecided(let path, _, let reason)), .undecided(let path, let reason):
            // Held back first, so that no lane takes the file at once.
            let isHeld = services.disks.undecided.add(path)
            let due = isHeld ? .atOnce : Timestamp.steady().advanced(by: Schedules.undecided)
            try await postpone(file, Postponement(.fileSystem, reason: reason, due: due))
            observer(.postponed(file, reason: reason, due: .now().advanced(by: Schedules.undecided)))
            return .postponed
        case .excluded(let exclusion):
            if let dismissal = WaitingRules.dismissal(by: exclusion) {
                try await dismiss(file, dismissal)
                hooks.ignoring.noteLetGo(of: file.folder, since: ignoringCount)
            }
            return nil
        case .cancelled: return nil
        }
    }

    /// Dismisses a file that the present configuration does not let up.
    func dismiss(_ file: MediaFile, _ dismissal: Dismissal) async throws {
        try await services.durably { try await queue.dismiss([(WaitingFile(file), dismissal)], at: .now()) }
        hooks.manifest.ring()
        observer(dismissal.event(of: file.path))
    }

    private func handle(
        _ error: ProviderError,
        of queued: QueuedFile,
        begun: C.Instant
    ) async throws -> TryOutcome {
        let file = queued.file
        let isOfService = error.kind.saysNothingOfFile
        if standing.beganWhileRefusedAlike(begun), isOfService || error.kind == .refusedFile {
            try await postpone(file, Postponement(.refusedAlike, reason: error.description))
            observer(.postponed(file, reason: error.description, due: .now()))
            return .postponed
        }
        if try await isVerdict(error, of: queued) {
            noteVerdict(on: file)
            try await reject(file, Rejection(.refusedByProvider, "\(error)"))
            return .rejected
        }
        var error = error
        if let (cause, before) = noteRefusal(error, of: file, begun: begun) {
            error = cause
            for file in before { try await takeBack(file) }
        }
        // For a file that waits as its account does.
        let reason = "account \(services.name) waits, \(Self.cause(error))"
        switch error.kind {
        case .refusedFile:
            try await reject(file, Rejection(.refusedByProvider, "\(error)"))
            return .rejected
        case .quota:
            // A smaller file may fit, and opens the account again. Others then go before this one.
            let patience = RetryPolicy(first: min(Schedules.quota, retry.longest), longest: retry.longest)
            try await postpone(queued, .quota, reason, for: patience.bound(afterFailures: queued.attempts + 1))
        case let kind where isBlocking(kind):
            if AccountGate<C.Instant>.mayBeOfOneFile(kind) { suspect(file) }
            let due = closedUntil ?? .now()
            try await postpone(file, Postponement(kind.waitCause, reason: reason), isOfService: isOfService)
            observer(.postponed(file, reason: reason, due: due))
        case let kind:
            var generator = SystemRandomNumberGenerator()
            let delay = retry.delay(afterFailures: queued.attempts + 1, using: &generator)
            try await postpone(queued, kind.waitCause, error.description, for: delay, isOfService: isOfService)
        }
        return .postponed
    }

    /// Whether the file waits as its account does. Where requests that were made later show that the account works, a
    /// cause concerns this file alone.
    private func isBlocking(_ kind: ProviderError.Kind) -> Bool {
        guard AccountGate<C.Instant>.blocks(kind) else { return false }
        return closedUntil != nil || !AccountGate<C.Instant>.isDisproved(kind)
    }

    /// Lets a file wait for its next try.
    private func postpone(
        _ queued: QueuedFile,
        _ cause: WaitCause,
        _ reason: String,
        for delay: Duration,
        isOfService: Bool = false
    ) async throws {
        let due = Timestamp.steady().advanced(by: delay)
        let postponement = Postponement(cause, reason: reason, due: due, attempted: true)
        try await postpone(queued.file, postponement, isOfService: isOfService)
        observer(.postponed(queued.file, reason: reason, due: .now().advanced(by: delay)))
    }

    /// Whether a refusal that says nothing of the file is a verdict on it all the same. Asks the ledger.
    private func isVerdict(_ error: ProviderError, of queued: QueuedFile) async throws -> Bool {
        guard error.kind.saysNothingOfFile else { return false }
        let isContradicted = try await services.durably {
            try await services.book.isRefusalContradicted(of: queued.file)
        }
        let refusal = ServiceRefusal(kind: error.kind, tries: queued.attempts + 1, isContradicted: isContradicted)
        return refusal.isVerdict
    }

    /// A blocked account's cause, as it is reported.
    static func cause(_ error: ProviderError) -> String { "\(error.kind.waitCause.accountWords): \(error)" }

    /// `isOfService`: the file was refused in words that say nothing of it.
    private func postpone(_ file: MediaFile, _ postponement: Postponement, isOfService: Bool = false) async throws {
        try await services.durably {
            if isOfService {
                try await services.book.postponeRefused(file, postponement)
            } else {
                try await queue.postpone(file, postponement)
            }
        }
        CrashPoint.postponed.reached()
    }

    /// Queues a file again that was refused before the account's own fault was known.
    ///
    /// It is queued at once. If its rejection is still being recorded, it is queued after that.
    private func takeBack(_ file: MediaFile) async throws {
        if underWay.holds(file.path) {
            underWay.takeBack(file)
        } else {
            try await queueAgain(file)
        }
    }

    /// Queues a file again if it is rejected in this version.
    func queueAgain(_ file: MediaFile) async throws {
        let isQueued = try await services.durably {
            guard let record = try await queue.record(of: file.path), record.version == file.version,
                record.state == .rejected
            else { return false }
            try await queue.enqueue(file, at: .now())
            return true
        }
        guard isQueued else { return }
        hooks.manifest.ring()
        observer(.queued(file))
    }

    private func reject(_ file: MediaFile, _ rejection: Rejection) async throws {
        try await services.durably { try await queue.reject(file, rejection, at: .now()) }
        CrashPoint.rejectionRecorded.reached()
        hooks.manifest.ring()
        observer(.rejected(file.path, rejection))
    }
}
