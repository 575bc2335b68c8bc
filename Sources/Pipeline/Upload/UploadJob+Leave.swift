/// Whether a file whose bytes are known may leave its folder.
extension UploadJob {
    enum Leave {
        /// As `after_upload` says.
        case leaves(AfterUpload)
        case stays(reason: String)
        /// The bytes go up anew.
        case assetIsGone

        /// What is recorded with the file.
        var action: AfterUpload { if case .leaves(let action) = self { action } else { .keep } }
    }

    /// Decides for a file with the bytes of an asset that was there before it.
    ///
    /// The file may be the last copy of its bytes. Before it is deleted, the provider is asked whether it still has the
    /// asset, if a call tells. An asset that is being processed is looked at anyway before the file leaves.
    ///
    /// An API that never answers the question keeps no file from its entry: after some tries the file stays.
    ///
    /// - Throws: `ProviderError`, if a later try may learn more, and what ``PacedProvider`` throws.
    func leave(for known: KnownAsset) async throws -> Leave {
        let leaving = account.afterUpload(file)
        if leaving == .keep { return .leaves(.keep) }
        guard known.isProven else { return .stays(reason: Self.claimed) }
        return try await leave(leaving, for: known.receipt)
    }

    /// The same for an asset that another host of the fleet has brought up.
    func leave(for shared: SharedAsset) async throws -> Leave {
        try await leave(account.afterUpload(file), for: shared.receipt)
    }

    private func leave(_ leaving: AfterUpload, for receipt: Receipt) async throws -> Leave {
        guard leaving == .delete, receipt.status != .processing, provider.hindrance(toLookFor: receipt) == nil else {
            return .leaves(leaving)
        }
        do {
            switch try await provider.presence(of: receipt) {
            case .there(.failed), .gone:
                // The fleet has the content as up, and gives it to all hosts.
                return account.index == nil
                    ? .assetIsGone : .stays(reason: "the account does not have its asset any more")
            case .there: return .leaves(leaving)
            case .untold(let reason): return .stays(reason: Self.unsure(reason))
            }
        } catch let error as ProviderError
            where error.deniesLooks || error.kind == .transient && queued.attempts >= Schedules.triesInDoubt
        {
            return .stays(reason: Self.unsure(error.description))
        }
    }

    /// Lets the file leave once that is recorded, or says why it stays.
    func carryOut(_ leave: Leave) {
        if leave.action != .keep { account.departing(file) }
        if case .stays(let reason) = leave { account.observer(.stays(file.path, reason: reason)) }
    }

    /// Nobody is to use the asset, whose entries say so from now on.
    func recordGone(_ known: KnownAsset) async throws {
        let recorded = try await account.durably { try await account.book.recordGone(known, at: .now()) }
        for path in recorded.paths { account.observer(.status(path, .failed)) }
    }

    private static var claimed: String {
        "its bytes are known from a repaired or older ledger, and nothing shows that the account has them"
    }

    private static func unsure(_ reason: String) -> String {
        "its bytes went up earlier, and nobody can tell whether the account still has them: \(reason)"
    }
}

extension ProviderError {
    /// Whether later looks may end like this one, while the account works well otherwise: the API may lack the call,
    /// or the key may not ask.
    fileprivate var deniesLooks: Bool {
        switch kind {
        case .refusedKey, .outOfOrder, .expiredTicket, .refusedTicket, .refusedFile, .interruptedBody,
            .unexpectedAnswer:
            true
        case .transient, .throttled, .refusedHost, .quota, .unreachable, .insecure, .refusedAlike, .cancelled: false
        }
    }
}
