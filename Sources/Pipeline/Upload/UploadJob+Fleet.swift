/// A try in a fleet: what other hosts do with the same bytes.
extension UploadJob {
    /// Claims the file's content, if a fleet shares the account. Nothing is known of it on this host.
    func claim(_ digest: SHA256Digest) async throws -> KnownBytes {
        guard let index = account.index else { return .goesUp(digest) }
        switch try await index.claim(digest, of: file) {
        case .mine(let content): return .goesUp(digest, content)
        case .alone: return .goesUp(digest)
        case .waits(let cause, let reason): return .ended(.waitsForFleet(cause, reason: reason))
        case .up(let asset):
            let leave = try await leave(for: asset)
            try await account.durably {
                try await account.book.adopt(
                    asset,
                    sha256: digest,
                    for: file,
                    provider: account.providerName,
                    leaving: leave.action,
                    at: .now()
                )
            }
            CrashPoint.knownBytesRecorded.reached()
            carryOut(leave)
            return .ended(.adopted(asset))
        }
    }

    /// Runs a try that may bring the content up. If the content is not up at its end, any host may take it over.
    ///
    /// `digest` is what was claimed; nil without a fleet. `content` is nil for a file that goes up alone.
    func holding(
        _ digest: SHA256Digest?,
        _ content: HeldContent?,
        _ work: () async throws -> Outcome
    ) async throws -> Outcome {
        guard let index = account.index, let digest else { return try await work() }
        defer { index.leave(digest) }
        guard let content else { return try await work() }
        do {
            let outcome = try await work()
            if case .uploaded(let receipt) = outcome {
                index.finish(content, size: file.size, receipt: receipt, at: .now())
            } else {
                index.release(content)
            }
            return outcome
        } catch {
            if error is ContentWait { index.keep(digest, of: file) }
            index.release(content)
            throw error
        }
    }

    /// Puts a ticket into the claim, so that its bytes may go.
    ///
    /// - Throws: ``ContentWait``, if they may not: nothing was sent.
    func hold(_ ticket: Ticket, for content: HeldContent?) async throws {
        guard let content, let index = account.index else { return }
        switch try await index.hold(ticket, for: content) {
        case .held: return
        case .lost:
            // Another ticket is in force. This one must never be used.
            try await account.durably { try await account.book.dropUpload(of: file) }
            throw ContentWait(cause: .sameBytes, reason: "another host has taken its bytes over")
        case .unknown(let reason): throw ContentWait(cause: .fleetUnreachable, reason: reason)
        }
    }
}

/// The end of a try whose content another host may bring up.
struct ContentWait: Error {
    let cause: WaitCause
    let reason: String
}

extension HeldContent {
    /// The same claim, after the storage has refused its ticket.
    var withoutTicket: HeldContent { HeldContent(sha256: sha256, fence: fence, ticket: nil) }
}
