import Threads

/// What this host has met in its fleet since its start.
final class FleetCounts: Sendable {
    struct Counts: Sendable {
        var adopted: Int64 = 0
        var takeovers: Int64 = 0
        var duplicates: Int64 = 0
    }

    private let counts = Mutex(Counts())

    var now: Counts { counts.withLock { $0 } }

    func add(_ number: Int = 1, to count: any WritableKeyPath<Counts, Int64> & Sendable) {
        counts.withLock { $0[keyPath: count] += Int64(number) }
    }
}
