import Threads

/// Bounds the memory of all pieces held while they are sent, across accounts. ``PieceShares`` divides it.
///
/// Nobody waits for this memory. A piece that gets no room is streamed, while other pieces of its file may be under
/// way. So an account with a stuck storage holds up no other account, however long it keeps its memory.
package final class PieceMemory: Sendable {
    /// In bytes. A piece up to this length is held in memory and sent beside others. A longer one is streamed on its
    /// own.
    ///
    /// Parts are 4 MiB with ConnectSafely.
    package static let largestHeld: Int64 = 8 << 20

    private let shares: Mutex<PieceShares>

    /// `capacity` is in bytes. It is raised to ``largestHeld`` if it is less, so that each piece fits.
    package init(capacity: Int64 = 12 << 20) {
        shares = Mutex(PieceShares(capacity: max(capacity, Self.largestHeld)))
    }

    /// In bytes: what all accounts hold now.
    var held: Int64 { shares.withLock { $0.held.values.reduce(0, +) } }

    /// Runs `body`, which sends a file of the account, with the account's share of the memory.
    ///
    /// A file that goes in one piece needs no memory, and so takes no share from other accounts.
    func withShare<Value>(
        of account: String,
        inParts: Bool,
        _ body: (PieceShare) async throws -> Value
    ) async rethrows -> Value {
        if inParts { shares.withLock { $0.begin(account) } }
        defer { if inParts { shares.withLock { $0.end(account) } } }
        return try await body(PieceShare(account: account, memory: self))
    }

    /// Takes room for a piece. Returns false if this account gets none.
    fileprivate func reserve(_ bytes: Int64, for account: String) -> Bool {
        shares.withLock { $0.reserve(bytes, for: account) }
    }

    fileprivate func giveBack(_ bytes: Int64, of account: String) {
        shares.withLock { $0.giveBack(bytes, of: account) }
    }
}

/// One account's share of the ``PieceMemory``.
struct PieceShare: Sendable {
    fileprivate let account: String
    fileprivate let memory: PieceMemory

    /// Takes room for a piece. Returns false if there is none.
    func reserve(_ bytes: Int64) -> Bool { memory.reserve(bytes, for: account) }

    func giveBack(_ bytes: Int64) { memory.giveBack(bytes, of: account) }
}
