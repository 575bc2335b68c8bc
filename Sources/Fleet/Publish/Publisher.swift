import Logging
import Pipeline
import SystemPackage
import Threads

/// Brings this host's changes to the fleet, in their order, each once. It is the second reader of the ledger's changes,
/// beside the journal.
///
/// This host's mark in the database (`hosts.published`) moves in the transaction of the changes. So after a lost
/// answer, the mark tells whether they are there.
///
/// Beside the mark stand the accounts whose assets were all told up to there (``PublishedAccounts/marks``). If one is
/// shared that is not among them, all entries are compared first: it is new, or has another name.
final class Publisher: Sendable {
    /// So many changes are one transaction: others wait for its end before they publish.
    private static let most = 256

    private let database: any PostgresDatabase
    private let membership: Membership
    private let book: any FleetBook
    private let counts: FleetCounts
    private let accounts: @Sendable () -> PublishedAccounts
    private let logger: Logger
    private let bell = Doorbell()
    private let clock = ContinuousClock()
    /// The mark as the database has it; nil if it has to be asked, or all rows have to be compared.
    private let mark = Mutex(Mark())

    private struct Mark {
        var value: Int64?
        /// The accounts that were told up to there, as the database has them.
        var told: Set<String> = []
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
        accounts: @escaping @Sendable () -> PublishedAccounts,
        logger: Logger
    ) {
        self.database = database
        self.membership = membership
        self.book = book
        self.counts = counts
        self.accounts = accounts
        self.logger = logger
    }

    /// The last revision of this host that the fleet has; nil if it is not known, or if all rows have to be compared.
    var published: Int64? {
        let accounts = accounts().marks
        return mark.withLock { accounts.isSubset(of: $0.told) ? $0.value : nil }
    }

    /// Whether the fleet has all changes that the ledger has now.
    var isCaughtUp: Bool {
        get async {
            let newest = try? await book.revision()
            return published == newest
        }
    }

    /// There may be changes to publish.
    func wake() { bell.ring() }

    /// Takes in where the database's mark stands at an entry of this start into the fleet.
    func begin(_ host: HostID, boot: Int64) async throws {
        let standing = try await standing(host, boot)
        try await begin(at: standing.published, told: standing.told)
    }

    private func standing(_ host: HostID, _ boot: Int64) async throws -> (published: Int64, told: Set<String>) {
        let statement = PublishStatements.standing(of: host, boot: boot)
        guard let row = try await database.run([statement]).first?.rows.first, let published = try row.integer(0) else {
            throw HostTrouble.twin(name: membership.name)
        }
        return (published, Set(try (row.text(1) ?? "").split(separator: " ").map(String.init)))
    }

    private func begin(at published: Int64, told: Set<String>) async throws {
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
            return set(nil, told)
        }
        if published < known {
            logger.notice(
                "fleet has lost changes of this host, as after a restore; they are published again",
                metadata: ["fleet.published": "\(published)", "fleet.before": "\(known)"]
            )
        }
        try await book.noteRevisionOfFleet(published)
        set(published, told)
    }

    private func set(_ value: Int64?, _ told: Set<String>) {
        mark.withLock { mark in
            mark.value = value
            mark.told = told
            mark.settings += 1
        }
    }

    /// Takes in what a heartbeat told of the mark. Twice in a row less than it should be, without a change between: the
    /// database was put back from an older copy. Once says nothing: a publication may have been under way.
    func note(_ told: Int64) async throws {
        let now = mark.withLock { $0.value }
        guard let now, told < now else { return doubt.withLock { $0 = nil } }
        let isLost = doubt.withLock { doubt in
            defer { doubt = (now, told) }
            return doubt.map { $0 == (now, told) } ?? false
        }
        guard isLost else { return }
        let (host, boot) = try membership.identity()
        try await begin(host, boot: boot)
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
        guard let from = start.value, shared.marks.isSubset(of: start.told),
            let changes = try await book.changesForFleet(after: from, limit: Self.most, shared.configured)
        else {
            try await compareAll(host, boot, shared)
            return true
        }
        guard let last = changes.last else { return false }
        let to = last.change.revision
        let folded = FoldedChanges(changes, accounts: shared.names)
        do throws(PostgresError) {
            let contents = ContentStatements.tell(folded.contents, host: host)
            let answers = try await database.run(
                [PublishStatements.advance(host, boot: boot, from: from, to: to, telling: shared.marks)] + contents
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
        try await end(start, at: to, telling: start.told.intersection(shared.marks))
        return changes.count == Self.most
    }

    /// Takes the mark of a publication for the present one, unless it was set meanwhile.
    private func end(_ start: Mark, at revision: Int64, telling told: Set<String>) async throws {
        let counts = mark.withLock { mark in
            guard mark.settings == start.settings else { return false }
            mark.value = revision
            mark.told = told
            return true
        }
        if counts { try await book.noteRevisionOfFleet(revision) }
    }

    /// `wanted`: the mark of the publication that was refused.
    private func askForMark(_ host: HostID, _ boot: Int64, wanted: Int64) async throws {
        let standing = try await standing(host, boot)
        guard standing.published != wanted else {
            try await book.noteRevisionOfFleet(standing.published)
            return set(standing.published, standing.told)
        }
        try await begin(at: standing.published, told: standing.told)
    }

    /// Compares all rows of this host with what the fleet shows of it, and goes on with the changes from there.
    private func compareAll(_ host: HostID, _ boot: Int64, _ shared: PublishedAccounts) async throws {
        let start = mark.withLock { $0 }
        var after: FilePath?
        var revision: Int64?
        while true {
            let page = try await book.rowsForFleet(after: after, limit: Self.most, shared.configured)
            // Changes since the first page are published behind the mark. They are kept from now on.
            if revision == nil { try await book.keepChangesForFleet(after: page.revision) }
            revision = revision ?? page.revision
            let isLast = page.rows.count < Self.most
            let last = page.rows.last?.row.path
            let contents = page.rows.compactMap {
                PublishedContent($0.row.content, isOfAccount: $0.isOfAccount, accounts: shared.names)
            }
            let newest = Dictionary(contents.map { ($0.key, $0) }) { $1 }
            _ = try await database.run(
                [ContentStatements.gate(host, boot: boot)]
                    + ContentStatements.tell(Array(newest.values), host: host)
                    + [
                        PublishStatements.compare(
                            page.rows.map { PublishedEntry($0.row, $0.row.standing, accounts: shared.names) },
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
        _ = try await database.run(PublishStatements.setMark(host, boot: boot, to: revision, telling: shared.marks))
        try await end(start, at: revision, telling: shared.marks)
    }
}
