/// How the memory of held parts is divided among the accounts that send parts now.
///
/// - All that is out is never more than the capacity.
/// - An account has one piece, whatever its length, where there is room; more of them up to its share: the capacity divided
///   by the accounts that send. So one account alone has all of it.
/// - What an account has beyond its share, since others came later, it keeps until that has gone, and gets no more meanwhile.
///
/// A value without waiting: who gets nothing streams the piece, which needs no memory.
struct PieceShares: Hashable, Sendable {
    /// In bytes.
    let capacity: Int64
    /// By account, in bytes; those that have some.
    private(set) var held: [String: Int64] = [:]
    /// By account, how many of its files are being sent in parts.
    private var files: [String: Int] = [:]

    init(capacity: Int64) {
        self.capacity = capacity
    }

    private var free: Int64 { capacity - held.values.reduce(0, +) }

    /// A file of the account is being sent in parts from now on.
    mutating func begin(_ account: String) {
        files[account, default: 0] += 1
    }

    /// It is not any more.
    mutating func end(_ account: String) {
        let rest = files[account, default: 0] - 1
        files[account] = rest > 0 ? rest : nil
    }

    /// Takes room for a piece; false where there is none for this account.
    mutating func take(_ bytes: Int64, for account: String) -> Bool {
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
