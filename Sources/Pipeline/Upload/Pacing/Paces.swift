import Threads

/// One ``Pacer`` for each key and API address. Accounts that share both share the pacer, because providers count a
/// key's calls.
///
/// The pacers outlive the accounts' lanes, so a reload forgets no call.
final class Paces<C: Clock>: Sendable where C.Duration == Duration {
    private let clock: C
    private let pacers = Mutex<[String: Pacer<C>]>([:])

    init(clock: C) {
        self.clock = clock
    }

    /// The pacer of an account. Call ``keepRates(of:)`` afterwards.
    func pacer(of account: AccountPlan) -> Pacer<C> {
        pacers.withLock { pacers in
            let key = account.identity.pace
            let pacer = pacers[key] ?? Pacer(rates: account.rate, writeRates: account.writeRate, clock: clock)
            pacers[key] = pacer
            return pacer
        }
    }

    /// Sets the accounts of now. Accounts that share a pacer must hold to all their rates at once. Calls that were made
    /// stay counted.
    func keepRates(of accounts: [AccountPlan]) async {
        for sharing in Dictionary(grouping: accounts, by: \.identity.pace).values {
            guard let first = sharing.first else { continue }
            await pacer(of: first).keep(
                rates: Self.each(sharing.flatMap(\.rate)),
                writeRates: Self.each(sharing.flatMap(\.writeRate))
            )
        }
    }

    private static func each(_ rates: [CallRate]) -> [CallRate] {
        rates.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
