import Threads

/// Bounds the memory of all parts that are held while they are sent, across accounts, and divides it by ``PieceShares``.
///
/// Nobody waits for it: a piece that gets no room is streamed, while others of its file may be on their way. So an account
/// whose storage takes nothing, and which keeps what it has for as long, holds up no other.
package final class PieceMemory: Sendable {
    /// A piece up to this length is held in memory and sent beside others; a longer one is streamed on its own. Parts are
    /// 4 MiB with ConnectSafely.
    package static let largestHeld: Int64 = 8 << 20

    private let shares: Mutex<PieceShares>

    /// `capacity` in bytes; at least ``largestHeld``, so that each piece fits.
    package init(capacity: Int64 = 12 << 20) {
        shares = Mutex(PieceShares(capacity: max(capacity, Self.largestHeld)))
    }

    /// In bytes: what all accounts hold now.
    var held: Int64 { shares.withLock { $0.held.values.reduce(0, +) } }

    /// The account's part in it while `body` sends one of its files. A file that goes in one piece needs none, and leaves
    /// the others theirs.
    func withShare<Value>(
        of account: String,
        inParts: Bool,
        _ body: (PieceShare) async throws -> Value
    ) async rethrows -> Value {
        if inParts { shares.withLock { $0.begin(account) } }
        defer { if inParts { shares.withLock { $0.end(account) } } }
        return try await body(PieceShare(account: account, memory: self))
    }

    /// Takes room for a piece; false where there is none for this account.
    fileprivate func take(_ bytes: Int64, for account: String) -> Bool {
        shares.withLock { $0.take(bytes, for: account) }
    }

    fileprivate func giveBack(_ bytes: Int64, of account: String) {
        shares.withLock { $0.giveBack(bytes, of: account) }
    }
}

/// What one account has of the ``PieceMemory``.
struct PieceShare: Sendable {
    fileprivate let account: String
    fileprivate let memory: PieceMemory

    /// Takes room for a piece; false where there is none.
    func take(_ bytes: Int64) -> Bool { memory.take(bytes, for: account) }

    func giveBack(_ bytes: Int64) { memory.giveBack(bytes, of: account) }
}
