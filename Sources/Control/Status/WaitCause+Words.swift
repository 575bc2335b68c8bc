import Pipeline

extension WaitCause {
    /// What a person reads behind "3 files wait:".
    package var words: String {
        switch self {
        case .settling: "not settled yet"
        case .heldOpen: "another process has them open for writing"
        case .slot: "their turn comes"
        case .pace: "the account's pace"
        case .retry: "another try"
        case .serviceRefusal: "a refusal that may be the service's fault"
        case .sameBytes: "another file with the same bytes is on its way"
        case .fileSystem: "their file system does not answer"
        case .recordsClosed: "nothing can be recorded"
        case .paused: "paused"
        case .keyRefused, .quota, .rateLimit, .unreachable, .insecure, .uploadHost, .outOfOrder, .refusedAlike,
            .noAccount, .fleetUnreachable:
            accountWords
        }
    }

    /// What a person does about it; nil if it passes by itself.
    package func fix(account: String?) -> String? {
        let retry = account.map { "outtray retry --account \($0)" } ?? "outtray retry --all"
        switch self {
        case .keyRefused: return "put a good key into the account's key file, then: \(retry)"
        case .quota: return "make room at the provider, then: \(retry)"
        case .uploadHost: return "see upload_hosts in the configuration, then: outtray reload"
        case .insecure: return "look at the certificate that the log names, then: \(retry)"
        case .outOfOrder, .refusedAlike: return "see the provider's status page; once it is well: \(retry)"
        case .unreachable: return "look at the network; once it is well: \(retry)"
        case .noAccount: return "add the account to the configuration, then: outtray reload"
        case .fleetUnreachable: return "see: outtray fleet status"
        case .recordsClosed: return "make room on the disk of the state directory, or give back the rights"
        case .heldOpen, .fileSystem, .paused, .settling, .slot, .pace, .retry, .serviceRefusal, .sameBytes, .rateLimit:
            return nil
        }
    }
}
