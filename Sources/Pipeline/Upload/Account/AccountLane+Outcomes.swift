import SystemPackage

extension AccountLane {
    /// Records a job's outcome, and reports it. Returns how the try ended; nil if it was cancelled.
    ///
    /// - Throws: `CancellationError`, or the error that ends the records for good. The file then stays `uploading` and
    ///   goes on after a restart.
    func settle(_ outcome: UploadJob<C>.Outcome, of queued: QueuedFile, begun: C.Instant) async throws -> TryOutcome? {
        let file = queued.file
        switch outcome {
        case .uploaded(let receipt):
            noteUpload(begun: begun)
            hooks.manifestChanged()
            observer(.uploaded(file, receipt))
            if receipt.status == .processing { hooks.processing() }
            hooks.uploaded(file)
            return .uploaded
        case .reused(let movedFrom):
            hooks.manifestChanged()
            observer(.reused(file, movedFrom: movedFrom))
            hooks.uploaded(file)
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
            try await services.durably { try await queue.noteGone([file.path], at: .now()) }
            hooks.manifestChanged()
            observer(.gone(file.path))
            return .gone
        case .unreadable(let error):
            try await reject(file, Rejection(.unreadable, error.reason))
            return .rejected
        case .failed(let error):
            return try await handle(error, of: queued, begun: begun)
        case .unanswered(let error):
            // The file is reported as hung, and held back until its file system answers.
            try await postpone(file, .fileSystem, reason: error.description, due: .atOnce, attempted: false)
            return .postponed
        case .waits(let reason):
            // The flights hold the file back until it may go.
            try await postpone(file, .sameBytes, reason: reason, due: .atOnce, attempted: false)
            return .postponed
        case .cancelled: return nil
        }
    }

    /// Dismisses a file that the present configuration does not let up.
    func dismiss(_ file: MediaFile, _ dismissal: Dismissal) async throws {
        try await services.durably { try await queue.dismiss([(WaitingFile(file), dismissal)], at: .now()) }
        hooks.manifestChanged()
        observer(dismissal.event(of: file.path))
    }

    private func handle(
        _ error: ProviderError,
        of queued: QueuedFile,
        begun: C.Instant
    ) async throws -> TryOutcome {
        let file = queued.file
        let isOfService = error.kind.saysNothingOfFile
        if beganWhileAlike(begun), isOfService || error.kind == .refusedFile {
            try await postpone(file, .refusedAlike, reason: error.description, due: .atOnce, attempted: false)
            observer(.postponed(file, reason: error.description, due: .now()))
            return .postponed
        }
        if try await isVerdict(error, of: queued) {
            noteVerdict(on: file)
            try await reject(file, Rejection(.refusedByProvider, "\(error)"))
            return .rejected
        }
        var error = error
        if let (cause, before) = alike(error, of: file, begun: begun) {
            error = cause
            for file in before { try await takeBack(file) }
        }
        switch error.kind {
        case .refusedFile:
            try await reject(file, Rejection(.refusedByProvider, "\(error)"))
            return .rejected
        case let kind where AccountGate<C.Instant>.blocks(kind):
            let reason = "account \(services.plan.name) waits, \(Self.cause(error))"
            let due = closedUntil ?? .now()
            try await postpone(
                file,
                kind.waitCause,
                reason: reason,
                due: .atOnce,
                attempted: false,
                isOfService: isOfService
            )
            observer(.postponed(file, reason: reason, due: due))
        case let kind:
            var generator = SystemRandomNumberGenerator()
            let delay = retry.delay(afterFailures: queued.attempts + 1, using: &generator)
            let due = Timestamp.steady().advanced(by: delay)
            try await postpone(
                file,
                kind.waitCause,
                reason: error.description,
                due: due,
                attempted: true,
                isOfService: isOfService
            )
            observer(.postponed(file, reason: error.description, due: .now().advanced(by: delay)))
        }
        return .postponed
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
    static func cause(_ error: ProviderError) -> String { "\(words(for: error.kind)): \(error)" }

    /// The kind of a blocked account's cause, in words.
    private static func words(for kind: ProviderError.Kind) -> String {
        switch kind {
        case .throttled: "it has made too many calls"
        case .refusedKey: "its key was refused"
        case .refusedHost: "its bytes may not go where the provider wants them"
        case .quota: "its storage is full"
        case .insecure: "the connection to it is not safe"
        case .outOfOrder: "its provider does not answer as it should"
        case .refusedAlike: "its files are refused one like the other"
        default: "it cannot be reached"
        }
    }

    /// `isOfService`: the file was refused in words that say nothing of it.
    private func postpone(
        _ file: MediaFile,
        _ cause: WaitCause,
        reason: String,
        due: Timestamp,
        attempted: Bool,
        isOfService: Bool = false
    ) async throws {
        try await services.durably {
            if isOfService {
                try await services.book.postponeRefused(
                    file,
                    cause: cause,
                    reason: reason,
                    due: due,
                    attempted: attempted
                )
            } else {
                try await queue.postpone(file, cause: cause, reason: reason, due: due, attempted: attempted)
            }
        }
        CrashPoint.postponed.reached()
    }

    /// Queues a file again that was refused before the account's own fault was known.
    ///
    /// It is queued at once. If its rejection is still being recorded, it is queued after that.
    private func takeBack(_ file: MediaFile) async throws {
        if isUnderWay(file.path) {
            takenBack[file.path] = file
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
        hooks.manifestChanged()
        observer(.queued(file))
    }

    private func reject(_ file: MediaFile, _ rejection: Rejection) async throws {
        try await services.durably { try await queue.reject(file, rejection, at: .now()) }
        CrashPoint.rejectionRecorded.reached()
        hooks.manifestChanged()
        observer(.rejected(file.path, rejection))
    }
}
