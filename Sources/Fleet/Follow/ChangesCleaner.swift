import Pipeline

/// Ends changes that no reader needs any more. Each host does so now and then.
struct ChangesCleaner: Sendable {
    /// How often a host does it.
    static let pause = Duration.seconds(3600)
    /// How long after its start a host does it first.
    static let first = Duration.seconds(60)

    let database: any PostgresDatabase
    /// So many changes are one transaction.
    var portion = 4000

    init(_ database: any PostgresDatabase) {
        self.database = database
    }

    /// Removes all changes that may go. Returns how many they were.
    @discardableResult
    func clean() async throws -> Int {
        guard let last = try await database.run([FollowStatements.lastPrunable]).first?.rows.first?.integer(0), last > 0
        else { return 0 }
        var removed = 0
        while true {
            let answers = try await database.run([FollowStatements.prune(through: last, limit: portion)])
            let count = answers.first?.affected ?? 0
            removed += count
            if count < portion { return removed }
        }
    }

    /// Works until the task is cancelled, while this host is in the fleet.
    func run(_ membership: Membership) async {
        let clock = ContinuousClock()
        var pause = Self.first
        while (try? await clock.sleep(for: pause)) != nil {
            pause = Self.pause
            guard membership.isInside else { continue }
            do {
                try await clean()
            } catch {
                membership.note(error)
            }
        }
    }
}
