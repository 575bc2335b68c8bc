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
    private let counts: FleetCounts
    private let accounts: @Sendable () -> [ConfiguredAccount: FleetAccount]
    private let logger: Logger
    private let bell = Doorbell()
    private let clock = ContinuousClock()
    /// The mark as the database has it; nil if it has to be asked, or all rows have to be compared.
    private let mark = Mutex(Mark())

    private struct Mark {
        var value: Int64?
        /// Counts how often the mark was set from outside of a publication, which then does not count.
        var settings = 0
    }
    /// The mark and what the database told of it, if it told less at the last heartbeat.
    private let doubt = Mutex<(mark: Int64, told: Int64)?>(nil)

    init(
        _ database: any PostgresDatabase,
        _ membership: Membership,
        _ book: any FleetBook,
        _ counts: FleetCounts,
        accounts: @escaping @Sendable () -> [ConfiguredAccount: FleetAccount],
        logger: Logger
    ) {
        self.database = database
        self.membership = membership
        self.book = book
        self.counts = counts
        self.accounts = accounts
        self.logger = logger
    }

    /// The last revision of this host that the fleet has; nil if it is not known.
    var published: Int64? { mark.withLock { $0.value } }

    /// Whether the fleet has all changes that the ledger has now.
    var isCaughtUp: Bool {
        get async {
            let newest = try? await book.revision()
            return published == newest
        }
    }

    /// There may be changes to publish.
    func wake() { bell.ring() }

    /// Takes in where the database's mark stands at an entry into the fleet.
    func begin(at published: Int64) async throws {
        let known = try await book.revisionOfFleet()
        let newest = try await book.revision()
        // More than this host knows of: the ledger is older than the fleet, or an answer was lost at the end.
        guard let known, published <= known else {
            if published > newest {
                logger.notice(
                    "fleet has changes of a ledger that is no more; all entries are compared",
                    metadata: ["fleet.published": "\(published)", "revision": "\(newest)"]
                )
            }
            return set(nil)
        }
        if published < known {
            logger.notice(
                "fleet has lost changes of this host, as after a restore; they are published again",
                metadata: ["fleet.published": "\(published)", "fleet.before": "\(known)"]
            )
        }
        try await book.noteRevisionOfFleet(published)
        set(published)
    }

    private func set(_ value: Int64?) {
        mark.withLock { mark in
            mark.value = value
            mark.settings += 1
        }
    }

    /// Takes in what a heartbeat told of the mark. Twice in a row less than it should be, without a change between: the
    /// database was put back from an older copy. Once says nothing: a publication may have been under way.
    func note(_ told: Int64) async throws {
        let now = published
        guard let now, told < now else { return doubt.withLock { $0 = nil } }
        let isLost = doubt.withLock { doubt in
            defer { doubt = (now, told) }
            return doubt.map { $0 == (now, told) } ?? false
        }
        guard isLost else { return }
        try await begin(at: told)
        wake()
    }

    /// Compares all entries: an account is shared from now on that was not before.
    func compareAnew() async throws {
        try await book.noteRevisionOfFleet(nil)
        set(nil)
        wake()
    }

    /// So many failures in a row, and nobody waits any longer for this host to catch up.
    private static let mostFailures = 15

    /// Works until the task is cancelled. `caughtUp` is called once, when the fleet has all that there was, or when
    /// that cannot be had.
    func run(caughtUp: () -> Void) async {
        var isBehind = true
        var failures = 0
        while !Task.isCancelled {
            do {
                while membership.isInside {
                    if try await publishNext() { continue }
                    if isBehind { caughtUp() }
                    (isBehind, failures) = (false, 0)
                    break
                }
            } catch is CancellationError {
                return
            } catch {
                membership.note(error)
                failures += membership.isInside ? 1 : 0
                if isBehind, failures > Self.mostFailures {
                    caughtUp()
                    isBehind = false
                }
            }
            await bell.wait(until: clock.now.advanced(by: .seconds(2)), clock: clock)
        }
    }

    /// Publishes the next changes. Returns whether there may be more.
    private func publishNext() async throws -> Bool {
        let (host, boot) = try membership.identity()
        let shared = accounts()
        let start = mark.withLock { $0 }
        guard let from = start.value,
            let changes = try await book.changesForFleet(after: from, limit: Self.most, Array(shared.keys))
        else {
            try await compareAll(host, boot, shared)
            return true
        }
        guard let last = changes.last else { return false }
        let to = last.change.revision
        let folded = FoldedChanges(changes, accounts: names(shared))
        do throws(PostgresError) {
            let contents = ContentStatements.tell(folded.contents, host: host)
            let answers = try await database.run(
                [PublishStatements.advance(host, boot: boot, from: from, to: to)] + contents
                    + PublishStatements.tell(changes, folded, host: host) + [ContentStatements.notify]
            )
            // The last statement about contents lists the duplicates.
            if !contents.isEmpty { counts.add(answers[contents.count].affected, to: \.duplicates) }
        } catch {
            guard error.kind == .gate else { throw error }
            // The answer to an earlier try was lost, or another process has this host's identity.
            try await askForMark(host, boot, wanted: to)
            return true
        }
        try await end(start, at: to)
        return changes.count == Self.most
    }

    /// Takes the mark of a publication for the present one, unless it was set meanwhile.
    private func end(_ start: Mark, at revision: Int64) async throws {
        let counts = mark.withLock { mark in
            guard mark.settings == start.settings else { return false }
            mark.value = revision
            return true
        }
        if counts { try await book.noteRevisionOfFleet(revision) }
    }

    /// `wanted`: the mark of the publication that was refused.
    private func askForMark(_ host: HostID, _ boot: Int64, wanted: Int64) async throws {
        let statement = Statement(
            "SELECT published FROM outtray.hosts WHERE host = $1::uuid AND boot = $2::bigint AND forgotten IS NULL",
            [.text(host.text), .integer(boot)]
        )
        guard let published = try await database.run([statement]).first?.rows.first?.integer(0) else {
            throw HostTrouble.twin(name: membership.name)
        }
        guard published != wanted else {
            try await book.noteRevisionOfFleet(published)
            return set(published)
        }
        try await begin(at: published)
    }

    /// Compares all rows of this host with what the fleet shows of it, and goes on with the changes from there.
    private func compareAll(_ host: HostID, _ boot: Int64, _ shared: [ConfiguredAccount: FleetAccount]) async throws {
        let names = names(shared)
        let start = mark.withLock { $0 }
        var after: FilePath?
        var revision: Int64?
        while true {
            let page = try await book.rowsForFleet(after: after, limit: Self.most, Array(shared.keys))
            // Changes since the first page are published behind the mark. They are kept from now on.
            if revision == nil { try await book.keepChangesForFleet(after: page.revision) }
            revision = revision ?? page.revision
            let isLast = page.rows.count < Self.most
            let last = page.rows.last?.row.path
            let contents = page.rows.compactMap {
                PublishedContent($0.row.content, isOfAccount: $0.isOfAccount, accounts: names)
            }
            let newest = Dictionary(contents.map { ($0.key, $0) }) { $1 }
            _ = try await database.run(
                [ContentStatements.gate(host, boot: boot)]
                    + ContentStatements.tell(Array(newest.values), host: host)
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
        try await end(start, at: revision)
    }

    /// The fleet's names of accounts by the configuration's.
    private func names(_ shared: [ConfiguredAccount: FleetAccount]) -> [String: String] {
        Dictionary(shared.map { ($0.key.name, $0.value.name) }) { first, _ in first }
    }
}
