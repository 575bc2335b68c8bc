/// How often one try asks for an upload.
///
/// Each ask makes an asset at the provider. If the ticket is refused, its asset stays without bytes.
///
/// A file's first try may ask three times more when the storage refuses URLs as too old. An answer that was slow to
/// arrive carries such URLs. After a refused signature the first try asks once more. Later tries ask once, whatever the
/// refusal: they may go on for days.
struct AskingRule: Sendable {
    /// Earlier tries of the file.
    let attempts: Int
    private var asked = 0
    private var signatures = 0

    init(attempts: Int) {
        self.attempts = attempts
    }

    /// Counts one ask.
    mutating func noteAsk() {
        asked += 1
    }

    /// Whether the try asks again after this refusal of a ticket.
    mutating func asksAgain(after kind: ProviderError.Kind) -> Bool {
        switch kind {
        case _ where kind.saysNothingOfFile && attempts > 0: return asked < 1
        case .expiredTicket: return asked < 1 + Schedules.renewals
        case .refusedTicket:
            signatures += 1
            return signatures <= Schedules.signatureRenewals
        // A refused file needs no ticket. After a refused host the next try asks again: the answer may name another
        // host. Without a new ticket the file would wait for good.
        default: return false
        }
    }
}
