import SystemPackage
import Watch

/// One try at one file: from the claimed queue row to the receipt in the ledger.
///
/// 1. Open the file and see that it is the version that settled.
/// 2. Known bytes? Where an asset, a file under way, or a ticket whose bytes have gone, has the same size, hash first; the
///    same bytes take the asset.
/// 3. Ask, or go on with the ticket that an earlier try left, or another file with the same bytes. The intent is durable
///    before, the ticket after.
/// 4. Send what the storage does not have: which bytes these are is durable before the last one goes, each answer after.
/// 5. See that the file still has these bytes, and finish.
/// 6. Record asset, entry and file in one commit.
///
/// It neither waits for another try nor decides about the account: it says how it ended, and ``AccountLane`` acts.
struct UploadJob<C: Clock> where C.Duration == Duration {
    /// How a try ended.
    enum Outcome {
        case uploaded(Receipt)
        case reused(movedFrom: FilePath?)
        /// It changed, at the latest while it was sent: nothing counts, it settles anew.
        case changed(reason: String)
        case gone
        case unreadable(SourceFileError)
        case failed(ProviderError)
        /// Its file system does not answer; nobody else is to blame.
        case unanswered(Unanswered)
        /// For another file of its size, without a slot.
        case waits(reason: String)
        case cancelled
    }

    let file: MediaFile
    let account: AccountServices<C>
    /// The account's, with whoever listens to how its requests end.
    let provider: any Provider
    /// Tries of the file that went before.
    var attempts = 0

    func run() async -> Outcome {
        let (number, hasCompany) = await account.flights.enter(file.path, size: file.size)
        let outcome = await attempt(number, hasCompany: hasCompany)
        await account.flights.leave(number)
        return outcome
    }

    private func attempt(_ number: Flights.Number, hasCompany: Bool) async -> Outcome {
        do {
            let source = try await UploadSource.open(file, on: account.disks.disk(of: file))
            guard source.version == file.version else { return .changed(reason: "it changed after it had settled") }
            switch try await look(at: source, number, hasCompany: hasCompany) {
            case .ended(let outcome): return outcome
            case .goesUp(let digest):
                return try await tellingDigest(of: source, number, isKnown: digest != nil) {
                    try await upload(source, number, digest)
                }
            }
        } catch let error as SourceFileError {
            switch error {
            case .missing, .notRegular, .outside: return .gone
            case .truncated, .changed: return await changed(error.reason)
            case .denied, .tooLong: return .unreadable(error)
            // Too many open files, an I/O error, a server that is gone: nothing that the file itself is guilty of.
            case .failed: return .failed(ProviderError(.transient, error.reason))
            }
        } catch let error as Unanswered {
            return .unanswered(error)
        } catch let error as ProviderError {
            return error.kind == .cancelled ? .cancelled : .failed(error)
        } catch let error as any RecordingFailure where error.isOfOneCall {
            return .failed(ProviderError(.transient, "what came of it cannot be recorded: \(error)"))
        } catch {
            return .cancelled
        }
    }

    /// Steps 3 to 6; asks again where the storage says that the ticket is no good (any more).
    private func upload(
        _ source: UploadSource,
        _ number: Flights.Number,
        _ digest: SHA256Digest?
    ) async throws -> Outcome {
        var rule = AskingRule(attempts: attempts)
        while true {
            do {
                return try await sendAndFinish(source, number, digest, &rule)
            } catch SourceFileError.changed {
                return await changed("it changed while it was sent", source)
            } catch let error as ProviderError {
                if error.kind == .interruptedBody, try await !isUnchanged(source) {
                    return await changed("it changed while it was sent", source)
                }
                switch error.kind {
                case .expiredTicket, .refusedTicket, .refusedFile, .refusedHost: break
                default: throw error
                }
                let asksAgain = rule.asksAgain(after: error.kind)
                // The last time as well: the next try is not to begin with a ticket that is known to be no good.
                try await account.durably { try await account.book.dropUpload(of: file) }
                CrashPoint.ticketDropped.reached()
                guard asksAgain else { throw error }
            }
        }
    }

    private func sendAndFinish(
        _ source: UploadSource,
        _ number: Flights.Number,
        _ expected: SHA256Digest?,
        _ rule: inout AskingRule
    ) async throws -> Outcome {
        let (ticket, askedAt, known) = try await ticket(expected, &rule)
        let sender = PieceSender(
            file: file,
            source: source,
            provider: provider,
            memory: account.memory,
            observer: account.observer,
            announce: { digest in
                // Others than those that were looked at, or another file's that has come up meanwhile.
                guard await account.flights.publish(digest, of: number), await !isKnown(digest) else {
                    throw SourceFileError.changed
                }
                // Where it cannot be recorded now, the bytes go all the same: the answer waits for the ledger anyway.
                try? await account.book.recordBytes(digest, of: file, with: ticket, askedAt: askedAt)
                CrashPoint.bytesRecorded.reached()
            },
            record: { answer in
                try await account.durably {
                    try await account.book.recordAnswer(answer, of: file)
                }
            }
        )
        let (answers, digest) = try await sender.send(ticket, known: known)
        guard expected ?? digest == digest, await account.flights.publish(digest, of: number),
            try await isStill(source, digest)
        else {
            return await changed("it changed while it was sent", source)
        }
        if ticket.completion != nil {
            try await account.pace(.write)
            // The pace may have taken a while.
            guard try await isStill(source, digest) else {
                return await changed("it changed before it was finished", source)
            }
        }
        CrashPoint.allSent.reached()
        let receipt = try await provider.finish(ticket, answers: answers)
        CrashPoint.finished.reached()
        try await account.durably {
            try await account.book.complete(
                file,
                provider: account.plan.providerName,
                sha256: digest,
                receipt: receipt,
                leaving: account.afterUpload(file),
                at: .now()
            )
        }
        CrashPoint.uploadRecorded.reached()
        return .uploaded(receipt)
    }

    /// Whether the file has the bytes that were sent, and nobody can have changed them between two reads of ours. Where a
    /// time is another one (a rename, other rights, a touch, or a writer that was quick), reading it again tells.
    private func isStill(_ source: UploadSource, _ digest: SHA256Digest) async throws -> Bool {
        let state = try await source.currentState()
        guard state.version.mayHaveSameBytes(as: file.version), state.isHeldForWriting != true else { return false }
        if state.version == file.version { return true }
        let reader = FileReader(source, as: state.version)
        try await reader.skip(to: file.size)
        guard await reader.digest() == digest else { return false }
        let now = try await source.currentState()
        return now.version == state.version && now.isHeldForWriting != true
    }

    /// Whether the file can be looked at and is as it was.
    private func isUnchanged(_ source: UploadSource) async throws -> Bool {
        do {
            return try await source.isUnchanged()
        } catch is SourceFileError {
            return false
        }
    }

    /// Step 3.
    private func ticket(
        _ digest: SHA256Digest?,
        _ rule: inout AskingRule
    ) async throws -> (Ticket, askedAt: Timestamp, [PieceAnswer]) {
        let left = try await account.durably { try await account.book.upload(of: file, sha256: digest) }
        if let left, let ticket = left.ticket, left.mayBeAlive(at: .steady(), since: .steadyStart) {
            return (ticket, left.askedAt, left.answers)
        }
        let begun = Timestamp.steady()
        try await account.durably {
            try await account.book.beginUpload(of: file, at: begun)
        }
        CrashPoint.intentRecorded.reached()
        try await account.pace(.write)
        rule.noteAsk()
        let ticket = try await provider.ask(for: file)
        CrashPoint.asked.reached()
        let change = try await account.durably {
            try await account.book.recordTicket(ticket, of: file, at: .steady())
        }
        CrashPoint.ticketRecorded.reached()
        if let change { account.changed(change) }
        return (ticket, begun, [])
    }

    /// Nothing of it counts any more; but a file that was only renamed, or given other rights, goes on with the ticket under
    /// its new name or version, and so does any with the same bytes once the last of them had gone
    /// (``AssetBook/upload(of:sha256:)``).
    func changed(_ reason: String, _ source: UploadSource? = nil) async -> Outcome {
        if let now = try? await source?.currentState(), now.version != file.version,
            now.version.hasSameBytes(as: file.version), now.isHeldForWriting != true
        {
            return .changed(reason: reason)
        }
        do {
            try await account.durably { try await account.book.leaveUpload(of: file) }
            return .changed(reason: reason)
        } catch {
            return .cancelled
        }
    }
}

extension UploadUnderWay {
    /// False only where the URLs have surely run out: by the time that has passed since they were asked for, as far as this
    /// process, which began at `start`, knows it. What an earlier one asked for is tried: the storage has the last word, and
    /// says it before it takes the body.
    func mayBeAlive(at time: Timestamp, since start: Timestamp) -> Bool {
        guard let ticket, let lifetime = ticket.lifetime, askedAt >= start else { return true }
        // What is all there goes nowhere any more.
        if answers.count == ticket.pieces.count { return true }
        return time < askedAt.advanced(by: .seconds(lifetime))
    }
}
