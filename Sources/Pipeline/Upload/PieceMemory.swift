/// Bounds the memory of all parts that are held while they are sent, across accounts: first come, first served.
package actor PieceMemory {
    /// A piece up to this length is held in memory and sent beside others; a longer one is streamed on its own. Parts are
    /// 4 MiB with ConnectSafely.
    package static let largestHeld: Int64 = 8 << 20

    private var free: Int64
    private var waiters: [(bytes: Int64, continuation: CheckedContinuation<Void, Never>)] = []

    /// `capacity` in bytes; at least ``largestHeld``, so that each piece fits.
    package init(capacity: Int64 = 12 << 20) {
        free = max(capacity, Self.largestHeld)
    }

    /// Waits until there is room for `bytes`, and takes it. Whoever holds some gives it back sooner or later: sends end.
    func take(_ bytes: Int64) async {
        if waiters.isEmpty, free >= bytes {
            free -= bytes
            return
        }
        await withCheckedContinuation { waiters.append((bytes, $0)) }
    }

    func giveBack(_ bytes: Int64) {
        free += bytes
        while let next = waiters.first, free >= next.bytes {
            waiters.removeFirst()
            free -= next.bytes
            next.continuation.resume()
        }
    }
}
