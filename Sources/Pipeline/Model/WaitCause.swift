/// Why a file waits: a value for code, from a closed list. ``FileRecord/reason`` holds the words for people.
///
/// The raw values are stored in the ledger. A released one never changes.
package enum WaitCause: String, Sendable, Codable, CaseIterable {
    /// The file is still changing, too young, or without its marker.
    case settling
    /// Another process holds the file open for writing.
    case heldOpen = "held-open"
    /// The file waits for a free slot of its account.
    case slot
    /// The file waits for its account's pace.
    case pace
    /// A try failed; the file waits for the next one.
    case retry
    /// The provider or its storage refused the file, in words that say nothing of it
    /// (``ProviderError/Kind/saysNothingOfFile``). The file waits until another file shows who is at fault.
    case serviceRefusal = "service-refusal"
    /// Another file with the same bytes is on its way, here or at another host of the fleet.
    case sameBytes = "same-bytes"
    /// The file's file system does not answer, or could not be read.
    case fileSystem = "file-system"
    /// Nothing can be recorded, so nothing is begun.
    case recordsClosed = "records-closed"

    /// A person paused the file's folder or account, or everything (``Pause``).
    case paused

    /// The account's key was refused.
    case keyRefused = "key-refused"
    /// The account's storage at the provider is full.
    case quota
    /// The account has made too many API calls.
    case rateLimit = "rate-limit"
    /// The account's server cannot be reached.
    case unreachable
    /// The connection to the account's server is not safe (TLS).
    case insecure
    /// The provider wants the bytes at a host that is not allowed.
    case uploadHost = "upload-host"
    /// Something else answers in the provider's place, or the provider is broken whatever the file.
    case outOfOrder = "out-of-order"
    /// The account's files are refused one like the other.
    case refusedAlike = "refused-alike"
    /// The configuration in force does not have the account.
    case noAccount = "no-account"
    /// Nobody can ask the fleet what has become of the account's files.
    case fleetUnreachable = "fleet-unreachable"

    /// Whether all files of the account wait for it.
    package var isOfAccount: Bool {
        switch self {
        case .keyRefused, .quota, .rateLimit, .unreachable, .insecure, .uploadHost, .outOfOrder, .refusedAlike,
            .noAccount, .fleetUnreachable:
            true
        case .settling, .heldOpen, .slot, .pace, .retry, .serviceRefusal, .sameBytes, .fileSystem, .recordsClosed,
            .paused:
            false
        }
    }
}

extension WaitCause {
    /// Why all files of an account wait, as the end of a sentence that began with the account.
    package var accountWords: String {
        switch self {
        case .rateLimit: "it has made too many calls"
        case .keyRefused: "its key was refused"
        case .uploadHost: "its bytes may not go where the provider wants them"
        case .quota: "its storage is full"
        case .insecure: "the connection to it is not safe"
        case .outOfOrder: "its provider does not answer as it should"
        case .refusedAlike: "its files are refused one like the other"
        case .noAccount: "it is not in the configuration"
        case .fleetUnreachable: "its fleet cannot be reached"
        default: "it cannot be reached"
        }
    }
}

extension ProviderError.Kind {
    /// What a file waits for after a step that failed so.
    var waitCause: WaitCause {
        switch self {
        case .throttled: .rateLimit
        case .refusedKey: .keyRefused
        case .refusedHost: .uploadHost
        case .quota: .quota
        case .unreachable: .unreachable
        case .insecure: .insecure
        case .outOfOrder: .outOfOrder
        case .refusedAlike: .refusedAlike
        case .expiredTicket, .refusedTicket, .unexpectedAnswer: .serviceRefusal
        case .transient, .refusedFile, .interruptedBody, .cancelled: .retry
        }
    }
}
