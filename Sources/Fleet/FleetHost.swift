import Logging
import Pipeline
import SystemPackage
import Threads

/// This host among the hosts of its fleet, by their database.
///
/// 1. ``Membership`` enters this host and shows that it lives.
/// 2. ``ContentDesk`` claims contents, for the lanes of the shared accounts (``AccountIndex``).
/// 3. ``Publisher`` tells what went up, and what paths show.
/// 4. ``Follower`` reads what all hosts show into the ledger, from where the fleet's manifest is written.
///
/// While the database cannot be reached, nothing here waits for it: the index of an account says whether its files wait
/// or go up all the same (``FleetReach``).
package final class FleetHost: FleetMember {
    private let plan: FleetPlan
    private let book: any FleetBook & FleetCopy
    private let connection: PostgresConnection
    private let membership: Membership
    private let desk: ContentDesk
    private let publisher: Publisher
    private let counts = FleetCounts()
    /// The claims of earlier processes; nil as long as they were not read.
    private let left = Mutex<[ContentStatements.Claimed]?>(nil)
    private let follower: Follower
    private let shared: SharedAccounts
    /// The time between two looks for stray claims.
    private let strayPause: Duration
    private let logger: Logger
    /// Rings when files that wait for a content may go on.
    private let news: Doorbell
    private let clock = ContinuousClock()

    /// - Throws: ``PostgresError``, if the settings do not allow a connection.
    package convenience init(_ plan: FleetPlan, book: any FleetBook & FleetCopy, logger: Logger) throws(PostgresError) {
        try self.init(plan, book: book, strayPause: StrayClaimsWatch.usualPause, logger: logger)
    }

    /// `strayPause`: the time between two looks for claims that nobody knows of.
    init(
        _ plan: FleetPlan,
        book: any FleetBook & FleetCopy,
        strayPause: Duration,
        logger: Logger
    ) throws(PostgresError) {
        let news = Doorbell()
        let told = Doorbell()
        let connection = try PostgresConnection(
            try PostgresSettings(plan.database, name: plan.host, library: PostgresLibrary.load()),
            channels: [ContentStatements.channel],
            logger: logger
        ) { _ in
            news.ring()
            told.ring()
        }
        let shared = SharedAccounts()
        self.plan = plan
        self.book = book
        self.connection = connection
        self.news = news
        self.shared = shared
        self.strayPause = strayPause
        self.logger = logger
        membership = Membership(plan, connection, logger: logger)
        desk = ContentDesk(connection, membership, counts)
        let membership = membership
        publisher = Publisher(
            connection,
            membership,
            book,
            counts,
            accounts: { shared.published(if: membership.isShared) },
            logger: logger
        )
        follower = Follower(connection, membership, book, bell: told, logger: logger)
    }

    package func index(of account: AccountPlan) -> (any SharedIndex)? {
        guard let fleet = account.fleet else { return nil }
        let pace = PaceDesk(
            fleet,
            connection,
            membership,
            rates: account.rate,
            writeRates: account.writeRate
        )
        let index = AccountIndex(fleet, desk, membership, pace: pace, counts: counts, copy: book, news: news)
        shared.put(account.configured, fleet, index)
        membership.expect(fleet.name)
        return index
    }

    package func keep(_ accounts: [AccountPlan]) {
        membership.keep(shared.keep(Set(accounts.filter { $0.fleet != nil }.map(\.configured))))
    }

    /// Whether some account is not shared now, and is asked for at each heartbeat.
    var hasOthers: Bool { membership.hasOthers }

    package func wake() { publisher.wake() }

    /// How long the end of the process waits for what is left to publish.
    private static let lastPublication = Duration.seconds(1)

    package func drain() async {
        let end = clock.now.advanced(by: Self.lastPublication)
        publisher.wake()
        while !Task.isCancelled, membership.isInside, clock.now < end {
            if await publisher.isCaughtUp { return }
            try? await clock.sleep(for: .milliseconds(20))
        }
    }

    package var condition: FleetCondition {
        var condition = membership.condition
        condition.published = publisher.published
        let counts = counts.now
        condition.adopted = counts.adopted
        condition.takeovers = counts.takeovers
        condition.duplicates = counts.duplicates
        return condition
    }

    package func run(
        release: @escaping @Sendable ([FilePath]) async -> Void,
        opened: @escaping @Sendable () -> Void,
        copied: @escaping @Sendable () -> Void
    ) async {
        guard let host = await host() else { return }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.connection.run() }
            group.addTask { await self.desk.run() }
            group.addTask {
                // Claims of earlier processes are let go, but first the fleet has all that they brought up.
                await self.publisher.run {
                    for claim in self.left.withLock({ $0 ?? [] }) { self.desk.release(claim) }
                    self.left.withLock { $0 = [] }
                }
            }
            group.addTask { await self.follower.run(changed: copied) }
            group.addTask { await ChangesCleaner(self.connection).run(self.membership) }
            group.addTask { await self.strays.run() }
            group.addTask { await self.letGoOn(release) }
            group.addTask {
                await self.membership.run(as: host) { boot in
                    try await self.enter(host, boot: boot)
                } seen: {
                    try await self.publisher.note($0)
                    let owners = await self.newOwners()
                    if owners || self.hasOthers { try await self.enterAccounts(host) }
                } changed: {
                    self.desk.wake()
                    self.publisher.wake()
                    self.follower.wake()
                    self.news.ring()
                    opened()
                }
            }
        }
    }

    private var strays: StrayClaimsWatch {
        StrayClaimsWatch(
            database: connection,
            membership: membership,
            desk: desk,
            book: book,
            published: { [publisher] in publisher.published },
            pause: strayPause
        )
    }

    /// This host's identity, as soon as the ledger tells it; nil after a cancellation.
    private func host() async -> HostID? {
        while !Task.isCancelled {
            if let host = try? await book.host() { return host }
            try? await clock.sleep(for: .seconds(2))
        }
        return nil
    }

    /// What an entry into the fleet needs: the accounts agree, and the publisher knows where the mark stands.
    private func enter(_ host: HostID, boot: Int64) async throws {
        try await readLeft(host)
        try await enterAccounts(host)
        try await publisher.begin(host, boot: boot)
    }

    /// Reads the claims of earlier processes once, before this process claims anything.
    private func readLeft(_ host: HostID) async throws {
        guard left.withLock({ $0 == nil }) else { return }
        let answers = try await connection.run([ContentStatements.claims(of: host)])
        let claims = try ContentStatements.claimed(in: answers.first)
        left.withLock { $0 = claims }
    }

    /// Whether answers of a provider have named an owner that the fleet was not told yet.
    private func newOwners() async -> Bool {
        for configured in shared.accounts.keys where configured.identity.proof != .target {
            guard let owner = try? await book.owner(of: configured) else { continue }
            if shared.owner(of: configured) != owner { return true }
        }
        return false
    }

    /// Enters the shared accounts, each by itself: one that is another here holds up no other.
    private func enterAccounts(_ host: HostID) async throws {
        let targets = AccountTargets(connection, host: host, name: plan.host)
        let numbers = membership.accounts
        for (configured, account) in shared.accounts {
            let isProven = configured.identity.proof == .target
            let owner = isProven ? nil : try await book.owner(of: configured)
            let proof: AccountTargets.Proof = isProven ? .target : .key(mark: account.seal.mark, owner: owner)
            let target = AccountTargets.Target(account: account.name, target: account.target, proof: proof)
            let standing = try await targets.enter(target)
            shared.note(owner: owner, of: configured)
            // It may be new to the fleet.
            if membership.note(standing, of: account.name, number: numbers[account.name]) { publisher.wake() }
        }
    }

    // MARK: Files that wait for a content

    /// Files are looked at so often, at least.
    private static let look = Duration.seconds(2)
    /// The shortest time between two looks. A busy fleet rings all the time.
    private static let rest = Duration.milliseconds(100)
    /// The longest one. A look that hung in a lost connection tells nothing of the next.
    private static let longestRest = Duration.seconds(5)

    /// Lets files go on whose content is up or free, until the task is cancelled.
    private func letGoOn(_ release: @Sendable ([FilePath]) async -> Void) async {
        while !Task.isCancelled {
            await news.wait(until: clock.now.advanced(by: Self.look), clock: clock)
            let begun = clock.now
            for index in shared.indexes {
                let paths = await index.ready()
                if !paths.isEmpty { await release(paths) }
            }
            // A look that takes long is followed by a longer rest.
            let took = begun.duration(to: clock.now)
            try? await clock.sleep(for: min(max(Self.rest, took * 4), Self.longestRest))
        }
    }
}
