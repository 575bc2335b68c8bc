/// How the memory of held pieces is divided among the accounts that send several pieces now.
///
/// - The accounts together never hold more than the capacity.
/// - Each account may hold one piece of any length, if there is room. It may hold more up to its share.
/// - A share is the capacity divided by the number of sending accounts. One account alone has all of it.
/// - When others join, an account keeps what it holds beyond its share. Until that has gone, it gets no more.
///
/// A value without waiting. An account that gets no memory streams the piece instead.
struct PieceShares: Hashable, Sendable {
    /// In bytes.
    let capacity: Int64
    /// By account, in bytes. Only accounts that hold some.
    private(set) var held: [String: Int64] = [:]
    /// By account: how many of its files are being sent in pieces.
    private var files: [String: Int] = [:]

    init(capacity: Int64) {
        self.capacity = capacity
    }

    private var free: Int64 { capacity - held.values.reduce(0, +) }

    /// A file of the account is sent in pieces from now on.
    mutating func begin(_ account: String) {
        files[account, default: 0] += 1
    }

    /// A file of the account is no longer sent in pieces.
    mutating func end(_ account: String) {
        let rest = files[account, default: 0] - 1
        files[account] = rest > 0 ? rest : nil
    }

    /// Takes room for a piece. Returns false if this account gets none.
    mutating func reserve(_ bytes: Int64, for account: String) -> Bool {
        let own = held[account] ?? 0
        let share = capacity / Int64(max(1, files.count))
        guard bytes <= free, own == 0 || own + bytes <= share else { return false }
        held[account] = own + bytes
        return true
    }

    mutating func giveBack(_ bytes: Int64, of account: String) {
        let rest = held[account, default: 0] - bytes
        held[account] = rest > 0 ? rest : nil
    }
}
