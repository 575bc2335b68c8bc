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
    private let follower: Follower
    /// By the configuration's names.
    private let shared: SharedAccounts
    private let logger: Logger
    /// Rings when files that wait for a content may go on.
    private let news: Doorbell
    private let clock = ContinuousClock()

    /// - Throws: ``PostgresError``, if the settings do not allow a connection.
    package init(_ plan: FleetPlan, book: any FleetBook & FleetCopy, logger: Logger) throws(PostgresError) {
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
        self.logger = logger
        membership = Membership(plan, connection, logger: logger)
        desk = ContentDesk(connection, membership)
        publisher = Publisher(connection, membership, book, accounts: { shared.accounts }, logger: logger)
        follower = Follower(connection, membership, book, bell: told, logger: logger)
    }

    package func index(of account: AccountPlan) -> (any SharedIndex)? {
        guard let fleet = account.fleet else { return nil }
        let index = AccountIndex(fleet, desk, membership, copy: book, news: news)
        shared.put(account.configured, fleet, index)
        return index
    }

    package func wake() { publisher.wake() }

    package func run(
        release: @escaping @Sendable ([FilePath]) async -> Void,
        opened: @escaping @Sendable () -> Void,
        copied: @escaping @Sendable () -> Void
    ) async {
        guard let host = await host() else { return }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.connection.run() }
            group.addTask { await self.desk.run() }
            group.addTask { await self.publisher.run() }
            group.addTask { await self.follower.run(changed: copied) }
            group.addTask { await ChangesCleaner(self.connection).run(self.membership) }
            group.addTask { await self.letGoOn(release) }
            group.addTask {
                await self.membership.run(as: host) { published, isFirst in
                    try await self.enter(published, isFirst: isFirst, host)
                } seen: {
                    try await self.publisher.note($0)
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

    /// This host's identity, as soon as the ledger tells it; nil after a cancellation.
    private func host() async -> HostID? {
        while !Task.isCancelled {
            if let host = try? await book.host() { return host }
            try? await clock.sleep(for: .seconds(2))
        }
        return nil
    }

    /// What an entry into the fleet needs: the accounts agree, claims of earlier processes are let go, and the
    /// publisher knows where the mark stands.
    private func enter(_ published: Int64, isFirst: Bool, _ host: HostID) async throws {
        let targets = AccountTargets(connection, host: host, name: plan.host)
        for account in shared.accounts.values {
            let target = AccountTargets.Target(account: account.name, target: account.target)
            do {
                try await targets.enter([target])
                membership.note(nil, of: account.name)
            } catch let conflict as TargetConflict {
                membership.note(conflict.description, of: account.name)
            }
        }
        if isFirst { _ = try await connection.run(ContentStatements.releaseAll(host: host)) }
        try await publisher.begin(at: published)
    }

    // MARK: Files that wait for a content

    /// Files are looked at so often, at least.
    private static let look = Duration.seconds(2)
    /// The shortest time between two looks. A busy fleet rings all the time.
    private static let rest = Duration.milliseconds(100)

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
            try? await clock.sleep(for: max(Self.rest, took * 4))
        }
    }
}

/// The accounts that the fleet shares, as the configuration has them now.
private final class SharedAccounts: Sendable {
    private struct Member: Sendable {
        let configured: ConfiguredAccount
        let account: FleetAccount
        let index: AccountIndex
    }

    /// By the configuration's names.
    private let members = Mutex<[String: Member]>([:])

    func put(_ configured: ConfiguredAccount, _ account: FleetAccount, _ index: AccountIndex) {
        members.withLock { $0[configured.name] = Member(configured: configured, account: account, index: index) }
    }

    var accounts: [ConfiguredAccount: FleetAccount] {
        members.withLock { Dictionary($0.values.map { ($0.configured, $0.account) }) { first, _ in first } }
    }

    var indexes: [AccountIndex] { members.withLock { $0.values.map(\.index) } }
}
