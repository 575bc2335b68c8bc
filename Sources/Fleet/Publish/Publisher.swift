import Logging
import Pipeline
import SystemPackage
import Threads

/// Brings this host's changes to the fleet, in their order, each once. It is the second reader of the ledger's changes,
/// beside the journal.
///
/// This host's mark in the database (`hosts.published`) moves in the transaction of the changes. So after a lost
/// answer, the mark tells whether they are there.
final class Publisher: Sendable {
    /// So many changes are one transaction: others wait for its end before they publish.
    private static let most = 256

    private let database: any PostgresDatabase
    private let membership: Membership
    private let book: any FleetBook
    private let accounts: @Sendable () -> [ConfiguredAccount: FleetAccount]
    private let logger: Logger
    private let bell = Doorbell()
    private let clock = ContinuousClock()
    /// The mark as the database has it; nil if it has to be asked, or all rows have to be compared.
    private let mark = Mutex<Int64?>(nil)
    /// The mark and what the database told of it, if it told less at the last heartbeat.
    private let doubt = Mutex<(mark: Int64, told: Int64)?>(nil)

    init(
        _ database: any PostgresDatabase,
        _ membership: Membership,
        _ book: any FleetBook,
        accounts: @escaping @Sendable () -> [ConfiguredAccount: FleetAccount],
        logger: Logger
    ) {
        self.database = database
        self.membership = membership
        self.book = book
        self.accounts = accounts
        self.logger = logger
    }

    /// There may be changes to publish.
    func wake() { bell.ring() }

    /// Takes in where the database's mark stands at an entry into the fleet.
    func begin(at published: Int64) async throws {
        let known = try await book.revisionOfFleet()
        let newest = try await book.rowsForFleet(after: nil, limit: 0, []).revision
        guard let known, published <= newest else {
            if known != nil {
                logger.notice(
                    "fleet has changes of a ledger that is no more; all entries are compared",
                    metadata: ["fleet.published": "\(published)", "revision": "\(newest)"]
                )
                try await book.noteRevisionOfFleet(nil)
            }
            return mark.withLock { $0 = nil }
        }
        if published < known {
            logger.notice(
                "fleet has lost changes of this host, as after a restore; they are published again",
                metadata: ["fleet.published": "\(published)", "fleet.before": "\(known)"]
            )
        }
        try await book.noteRevisionOfFleet(published)
        mark.withLock { $0 = published }
    }

    /// Takes in what a heartbeat told of the mark. Twice in a row less than it should be, without a change between: the
    /// database was put back from an older copy. Once says nothing: a publication may have been under way.
    func note(_ told: Int64) async throws {
        let now = mark.withLock { $0 }
        guard let now, told < now else { return doubt.withLock { $0 = nil } }
        let isLost = doubt.withLock { doubt in
            defer { doubt = (now, told) }
            return doubt.map { $0 == (now, told) } ?? false
        }
        guard isLost else { return }
        try await begin(at: told)
        wake()
    }

    /// Works until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                while membership.isInside, try await publishNext() {}
            } catch is CancellationError {
                return
            } catch {
                membership.note(error)
            }
            await bell.wait(until: clock.now.advanced(by: .seconds(2)), clock: clock)
        }
    }

    /// Publishes the next changes. Returns whether there may be more.
    private func publishNext() async throws -> Bool {
        let (host, boot) = try membership.identity()
        let shared = accounts()
        guard let from = mark.withLock({ $0 }),
            let changes = try await book.changesForFleet(after: from, limit: Self.most, Array(shared.keys))
        else {
            try await compareAll(host, boot, shared)
            return true
        }
        guard let last = changes.last else { return false }
        let to = last.change.revision
        let folded = FoldedChanges(changes, accounts: names(shared))
        do throws(PostgresError) {
            _ = try await database.run(
                [PublishStatements.advance(host, boot: boot, from: from, to: to)]
                    + PublishStatements.tell(folded.contents, host: host)
                    + PublishStatements.tell(changes, folded, host: host) + [ContentStatements.notify]
            )
        } catch {
            guard error.kind == .gate else { throw error }
            // The answer to an earlier try was lost, or another process has this host's identity.
            try await askForMark(host, boot)
            return true
        }
        mark.withLock { $0 = to }
        try await book.noteRevisionOfFleet(to)
        return changes.count == Self.most
    }

    private func askForMark(_ host: HostID, _ boot: Int64) async throws {
        let statement = Statement(
            "SELECT published FROM outtray.hosts WHERE host = $1::uuid AND boot = $2::bigint",
            [.text(host.text), .integer(boot)]
        )
        guard let published = try await database.run([statement]).first?.rows.first?.integer(0) else {
            throw HostTrouble.twin(name: membership.name)
        }
        try await begin(at: published)
    }

    /// Compares all rows of this host with what the fleet shows of it, and goes on with the changes from there.
    private func compareAll(_ host: HostID, _ boot: Int64, _ shared: [ConfiguredAccount: FleetAccount]) async throws {
        let names = names(shared)
        var after: FilePath?
        var revision: Int64?
        while true {
            let page = try await book.rowsForFleet(after: after, limit: Self.most, Array(shared.keys))
            // Changes since the first page are published once more behind the mark.
            revision = revision ?? page.revision
            let isLast = page.rows.count < Self.most
            let last = page.rows.last?.row.path
            let contents = page.rows.compactMap {
                PublishedContent($0.row.content, isOfAccount: $0.isOfAccount, accounts: names)
            }
            let newest = Dictionary(contents.map { ($0.key, $0) }) { $1 }
            _ = try await database.run(
                [ContentStatements.gate(host, boot: boot)]
                    + PublishStatements.tell(Array(newest.values), host: host)
                    + [
                        PublishStatements.compare(
                            page.rows.map { PublishedEntry($0.row, $0.row.standing, accounts: names) },
                            after: after,
                            last: isLast ? nil : last,
                            host: host
                        ), ContentStatements.notify,
                    ]
            )
            if isLast { break }
            after = last
        }
        guard let revision else { return }
        _ = try await database.run(PublishStatements.setMark(host, boot: boot, to: revision))
        try await book.noteRevisionOfFleet(revision)
        mark.withLock { $0 = revision }
    }

    /// The fleet's names of accounts by the configuration's.
    private func names(_ shared: [ConfiguredAccount: FleetAccount]) -> [String: String] {
        Dictionary(shared.map { ($0.key.name, $0.value.name) }) { first, _ in first }
    }
}
