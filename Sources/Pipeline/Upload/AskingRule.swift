/// How often one try asks for an upload: each time makes an asset at the provider, which stays without bytes where its ticket
/// is refused.
///
/// A file's first try may ask three times more when URLs are refused as too old, as one that was slow in coming would be;
/// later tries ask once. A refused signature is asked for anew once.
struct AskingRule: Sendable {
    /// Of the first try, beside the first ask.
    private static let repeats = 3

    /// How many tries went before.
    let attempts: Int
    private var asked = 0
    private var signatures = 0

    init(attempts: Int) {
        self.attempts = attempts
    }

    /// A ticket was asked for.
    mutating func noteAsk() {
        asked += 1
    }

    /// Whether the try asks again after this refusal of a ticket.
    mutating func asksAgain(after kind: ProviderError.Kind) -> Bool {
        switch kind {
        case .expiredTicket: return asked < (attempts == 0 ? 1 + Self.repeats : 1)
        case .refusedTicket:
            signatures += 1
            return signatures <= 1
        // A file that is refused needs no ticket. A host that is: the next answer may name another place, and with this one
        // the file would wait for good.
        default: return false
        }
    }
}
