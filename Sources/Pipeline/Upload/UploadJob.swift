import SystemPackage
import Watch

/// One try at one file: from the claimed queue row to the receipt in the ledger.
///
/// 1. Open the file. Check that it is the version that settled, and that its folder does not ignore it.
/// 2. Look for known bytes. Hash first if an asset, a file under way or a fully sent ticket has the same size. The same
///    bytes take the asset.
///    In a fleet, every file is hashed first, and its content is claimed (``SharedIndex``). It may be up by another
///    host, or on its way.
/// 3. Ask, or go on with a ticket left by an earlier try or by another file with the same bytes. The intent is durable
///    before, the ticket after. In a fleet, the claim holds the ticket before a byte goes.
/// 4. Send what the storage lacks. The digest of the bytes is durable before the last of them goes, each answer after
///    it.
/// 5. Check that the file still has these bytes, and finish.
/// 6. Record asset, entry and file in one commit.
///
/// A job does not wait for another try, and decides nothing about the account. It reports how it ended, and
/// ``AccountLane`` acts.
struct UploadJob<C: Clock> where C.Duration == Duration {
    /// How a try ended.
    enum Outcome {
        case uploaded(Receipt)
        case reused(movedFrom: FilePath?)
        /// Another host of the fleet had brought the bytes up.
        case adopted(SharedAsset)
        /// The file changed, at the latest while it was sent. Nothing counts, and the file settles anew.
        case changed(reason: String)
        case gone
        case unreadable(SourceFileError)
        /// Nobody knows whether the file is there and can be read, nor any other beneath the directory.
        case undecided(FilePath, reason: String)
        case failed(ProviderError)
        /// The file's file system does not answer. Nothing else is to blame.
        case unanswered(Unanswered)
        /// The file waits for another file of its size, without a slot.
        case waits(reason: String)
        /// The file waits for its content in the fleet, without a slot.
        case waitsForFleet(WaitCause, reason: String)
        /// Nothing was begun, because all files of the account wait by now, or this one.
        case held
        case cancelled
        /// The file's folder ignores it by now, or nobody knows whether it does.
        case excluded(WatchedFolder.Exclusion)
    }

    let queued: QueuedFile
    let account: AccountServices<C>
    let provider: PacedProvider<C>
    /// The file among the flights of its account. The caller enters it, and takes it out in the end.
    let flight: Flights.Entry
    var progress = TryProgress<C.Instant>()

    var file: MediaFile { queued.file }

    func run() async -> Outcome {
        do {
            let source = try await UploadSource.open(file, of: account.watched(file), on: account.disks.disk(of: file))
            guard source.version == file.version else { return .changed(reason: "it changed after it had settled") }
            switch try await findKnownBytes(in: source) {
            case .ended(let outcome): return outcome
            case .goesUp(let digest, let content):
                return try await holding(digest, content) {
                    try await tellingDigest(of: source, isKnown: digest != nil) {
                        try await upload(source, digest, content)
                    }
                }
            }
        } catch let wait as ContentWait {
            return .waitsForFleet(wait.cause, reason: wait.reason)
        } catch let error as SourceFileError {
            switch error {
            case .missing, .notRegular, .outside, .denied, .tooLong: return await unopened(error)
            case .truncated, .changed: return await changed(error.reason)
            // Too many open files, an I/O error, a server that is gone: the file itself is not at fault.
            case .failed: return .failed(ProviderError(.transient, error.reason))
            }
        } catch let exclusion as WatchedFolder.Exclusion {
            return .excluded(exclusion)
        } catch let error as Unanswered {
            return .unanswered(error)
        } catch let error as ProviderError {
            return error.kind == .cancelled ? .cancelled : .failed(error)
        } catch is Wire.Closed {
            return .held
        } catch let error as any RecordingFailure where error.isOfOneCall {
            return .failed(ProviderError(.transient, "what came of it cannot be recorded: \(error)"))
        } catch {
            return .cancelled
        }
    }

    /// What became of a file that could not be opened.
    private func unopened(_ error: SourceFileError) async -> Outcome {
        let file = file
        let look: UnopenedFile
        do {
            look = try await account.disks.disk(of: file).look { UnopenedFile.look(at: file, after: error) }
        } catch let error as Unanswered {
            return .unanswered(error)
        } catch {
            return .cancelled
        }
        switch look {
        case .gone: return .gone
        case .changed: return await changed(SourceFileError.changed.reason)
        case .unreadable: return .unreadable(error)
        case .undecided(let directory, let reason): return .undecided(directory, reason: reason)
        }
    }

    /// Steps 3 to 6. Asks again if the storage refuses the ticket.
    private func upload(
        _ source: UploadSource,
        _ digest: SHA256Digest?,
        _ content: HeldContent?
    ) async throws -> Outcome {
        var rule = AskingRule(attempts: queued.attempts)
        // The intent that the claim recorded counts once.
        var begun = flight.hasCompany ? nil : queued.begun
        var content = content
        while true {
            do {
                let ticket = try await ticket(digest, recording: source.whole?.digest, begun: begun, content, &rule)
                return try await sendAndFinish(source, ticket, digest)
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
                // Drop the ticket the last time, too: the next try must not begin with a refused ticket.
                try await account.durably { try await account.book.dropUpload(of: file) }
                CrashPoint.ticketDropped.reached()
                begun = nil
                content = content?.withoutTicket
                guard asksAgain else { throw error }
            }
        }
    }

    private func sendAndFinish(
        _ source: UploadSource,
        _ upload: TicketInUse,
        _ expected: SHA256Digest?
    ) async throws -> Outcome {
        let (ticket, known) = (upload.ticket, upload.answers)
        // The answer of a provider that needs no further call is recorded with the result.
        let isRecordedLast = source.whole != nil && ticket.pieces.count == 1 && ticket.completion == nil
        let there = Set(known.map(\.index))
        let missing = ticket.pieces.filter { !there.contains($0.index) }.reduce(0) { $0 + $1.length }
        let sender = PieceSender(
            file: file,
            source: source,
            memory: account.memory,
            observer: account.observer,
            put: { [progress, account] piece, body in
                let body = progress.counting(body.limited(by: account.turns, of: account.name))
                return try await provider.send(piece, of: file, body: body)
            },
            announce: { digest in
                if upload.recorded == digest { return }
                // Stop if the bytes differ from those of step 2, or if another file has brought the same bytes up
                // meanwhile.
                guard await account.flights.publish(digest, of: flight.number), await !isKnown(digest) else {
                    throw SourceFileError.changed
                }
                // If the digest cannot be recorded now, the bytes still go. The answer waits for the ledger anyway.
                try? await account.book.recordBytes(digest, of: file, with: ticket, askedAt: upload.askedAt)
                CrashPoint.bytesRecorded.reached()
            },
            record: { answer in
                if !isRecordedLast { try await record([answer]) }
                account.board.notePieceDone(file.path)
            }
        )
        let (answers, digest) = try await provider.atPlace {
            // The try may have waited long, and what was read with the opening may have been taken back.
            if let whole = source.whole, try await !isUnchanged(source), try await !isStill(source, whole.digest) {
                throw SourceFileError.changed
            }
            progress.enter(.sending(sent: 0, of: missing, begun: account.clock.now))
            account.board.send(file.path, ticket, known: known)
            return try await sender.send(ticket, known: known)
        }
        account.board.note(file.path, .finishing)
        progress.enter(.finishing)
        var receipt: Receipt?
        do {
            if expected ?? digest == digest, await account.flights.publish(digest, of: flight.number) {
                receipt = try await finish(source, ticket, answers, digest)
            }
            if let receipt {
                CrashPoint.finished.reached()
                try await complete(receipt, digest)
            } else if isRecordedLast {
                try await record(answers)
            }
        } catch {
            // What cannot be recorded now is sent once more.
            if isRecordedLast { try? await record(answers) }
            throw error
        }
        if let receipt { return .uploaded(receipt) }
        return await changed("it changed while it was sent", source)
    }

    /// Step 6.
    private func complete(_ receipt: Receipt, _ digest: SHA256Digest) async throws {
        let leaving = account.afterUpload(file)
        try await account.durably {
            try await account.book.complete(
                file,
                provider: account.providerName,
                sha256: digest,
                receipt: receipt,
                leaving: leaving,
                at: .now()
            )
        }
        CrashPoint.uploadRecorded.reached()
        if leaving != .keep { account.departing(file) }
    }

    private func record(_ answers: [PieceAnswer]) async throws {
        for answer in answers {
            try await account.durably {
                try await account.book.recordAnswer(answer, of: file)
            }
            CrashPoint.pieceRecorded.reached()
        }
    }

    /// Step 5. Nil if the file has other bytes by now.
    private func finish(
        _ source: UploadSource,
        _ ticket: Ticket,
        _ answers: [PieceAnswer],
        _ digest: SHA256Digest
    ) async throws -> Receipt? {
        guard try await isStill(source, digest) else { return nil }
        return try await provider.finish(ticket, answers: answers) {
            // A call has waited for the pace since the check above.
            if ticket.completion != nil, try await !isStill(source, digest) { return false }
            CrashPoint.allSent.reached()
            return true
        }
    }

    /// Whether the file has the bytes that were sent. Nobody may have changed them between two reads.
    ///
    /// If one of the file's times differs, the file is read again. The causes may be a rename, other rights, a touch or
    /// a quick writer.
    private func isStill(_ source: UploadSource, _ digest: SHA256Digest) async throws -> Bool {
        let state = try await source.currentState()
        guard state.version.mayHaveSameBytes(as: file.version), state.isHeldForWriting != true else { return false }
        if state.version == file.version { return true }
        let reader = FileReader(source, as: state.version)
        try await reader.hash(to: file.size)
        guard reader.digest() == digest else { return false }
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

    /// A ticket, and what the ledger has of it.
    private struct TicketInUse {
        let ticket: Ticket
        let askedAt: Timestamp
        var answers: [PieceAnswer] = []
        /// The digest that is recorded with the ticket, if it was recorded by this try.
        var recorded: SHA256Digest?
    }

    /// Step 3. `digest` is that of step 2.
    ///
    /// `bytes` is recorded with a new ticket: the digest of a file whose bytes were read with its opening. `begun` is
    /// when the intent was recorded, if it was. Nothing is known of the file then.
    private func ticket(
        _ digest: SHA256Digest?,
        recording bytes: SHA256Digest?,
        begun: Timestamp?,
        _ content: HeldContent?,
        _ rule: inout AskingRule
    ) async throws -> TicketInUse {
        progress.enter(.preparing)
        let shared = content?.ticket
        if begun == nil || shared != nil {
            let left = try await account.durably { try await account.book.upload(of: file, sha256: digest) }
            if let left, let ticket = left.ticket, left.mayBeAlive(at: .steady(), since: .steadyStart),
                shared == nil || shared == ticket
            {
                if shared == nil { try await hold(ticket, for: content) }
                return TicketInUse(ticket: ticket, askedAt: left.askedAt, answers: left.answers)
            }
            // The claim's ticket goes before ours. The storage says whether it lives still: nobody knows its age here.
            if let shared { return try await record(shared, bytes, askedAt: .atOnce) }
            let now = Timestamp.steady()
            try await account.durably {
                try await account.book.beginUpload(of: file, at: now)
            }
            CrashPoint.intentRecorded.reached()
        }
        let ticket = try await provider.ask(for: file) {
            rule.noteAsk()
            progress.enter(.asking)
        }
        CrashPoint.asked.reached()
        let inUse = try await record(ticket, bytes, askedAt: .steady())
        try await hold(ticket, for: content)
        return inUse
    }

    /// Records a ticket that is new to this host.
    private func record(_ ticket: Ticket, _ bytes: SHA256Digest?, askedAt: Timestamp) async throws -> TicketInUse {
        let recorded = try await account.durably {
            try await account.book.recordTicket(ticket, of: file, sha256: bytes, at: askedAt)
        }
        CrashPoint.ticketRecorded.reached()
        if let change = recorded.change { account.changed(change) }
        // Another file has brought the same bytes up since step 2.
        if recorded.isKnown { throw SourceFileError.changed }
        if bytes != nil { CrashPoint.bytesRecorded.reached() }
        return TicketInUse(ticket: ticket, askedAt: askedAt, recorded: bytes)
    }

    /// Ends a try whose file changed: nothing of the try counts any more.
    ///
    /// A file that was only renamed or given other rights goes on with the ticket under its new name or version. So
    /// does any file with the same bytes, if the last of them had gone (``AssetBook/upload(of:sha256:)``).
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
    /// False only if the ticket's URLs have surely expired, by the time since they were asked for.
    ///
    /// This process began at `start`, and can judge only tickets asked for since then. Older tickets are tried. The
    /// storage decides, and answers before it takes the body.
    func mayBeAlive(at time: Timestamp, since start: Timestamp) -> Bool {
        guard let ticket, let lifetime = ticket.lifetime, askedAt >= start else { return true }
        // With all pieces at the storage, no URL is used any more.
        if answers.count == ticket.pieces.count { return true }
        return time < askedAt.advanced(by: .seconds(lifetime))
    }
}
