import Pipeline

/// Claims that the database has for this host, and that nobody here knows of: the answer to a statement was lost. Other
/// hosts would wait for them as long as this one lives.
///
/// A value without clock or database, so that each rule is tested by calling it. A claim is let go only if
///
/// - two looks have found it under the same fence, and its content not in use. Each claim has a higher fence than the
///   one before, so nobody has claimed the content between the looks,
/// - the fleet has by now all that this host had recorded by the first look. A content that this host has brought up
///   has its receipt then, and is no claim any more.
struct StrayClaims: Sendable {
    private struct Suspect: Hashable {
        let key: ContentKey
        let fence: Int64
    }

    /// By the revision of this host's ledger at the first look.
    private var suspects: [Suspect: Int64] = [:]

    /// Takes in a look, and returns the claims that may be let go.
    ///
    /// The order counts. `listed` is what the database has. `isUnused` is asked after that, of contents that the fleet
    /// shares. `revision` is this host's newest one after that, and `published` the one that the fleet has; nil if that
    /// is not known.
    mutating func note(
        _ listed: [ContentStatements.Claimed],
        unused isUnused: (ContentKey) -> Bool,
        revision: Int64,
        published: Int64?
    ) -> [ContentStatements.Claimed] {
        let unused = listed.filter { isUnused($0.key) }
        let before = suspects
        suspects = [:]
        return unused.filter { claim in
            let suspect = Suspect(key: claim.key, fence: claim.fence)
            let first = before[suspect]
            suspects[suspect] = first ?? revision
            guard let first, let published else { return false }
            return published >= first
        }
    }
}

/// Looks for stray claims now and then, and lets them go.
struct StrayClaimsWatch: Sendable {
    /// The time between two looks. Such a claim is rare, and files that wait for it are late at the worst.
    static let usualPause = Duration.seconds(60)

    let database: any PostgresDatabase
    let membership: Membership
    let desk: ContentDesk
    let book: any FleetBook
    /// The last revision of this host that the fleet has; nil if it is not known.
    let published: @Sendable () -> Int64?
    let pause: Duration

    /// Works until the task is cancelled, while this host is in the fleet.
    func run() async {
        let clock = ContinuousClock()
        var strays = StrayClaims()
        while (try? await clock.sleep(for: pause)) != nil {
            do {
                try await look(&strays)
            } catch {
                membership.note(error)
            }
        }
    }

    private func look(_ strays: inout StrayClaims) async throws {
        guard membership.isInside else { return }
        let (host, boot) = try membership.identity()
        let answers = try await database.run([
            ContentStatements.gate(host, boot: boot), ContentStatements.claims(of: host),
        ])
        let listed = try ContentStatements.claimed(in: answers.last)
        let unused = Set(listed.map(\.key).filter { membership.isShared($0.account) && !desk.inUse.contains($0) })
        let revision = try await book.revision()
        let free = strays.note(
            listed,
            unused: { unused.contains($0) },
            revision: revision,
            published: published()
        )
        for claim in free { desk.release(claim) }
    }
}
