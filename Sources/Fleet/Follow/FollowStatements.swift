import Pipeline
import SystemPackage

/// The statements that read what all hosts show, and the one that ends changes that nobody needs any more.
enum FollowStatements {
    // MARK: Changes

    /// Which fleet this is, its newest revision, and that change's mark.
    static let place = Statement(
        """
        SELECT f.fleet::text, f.revision, (SELECT c.mark::text FROM outtray.changes c WHERE c.revision = f.revision)
        FROM outtray.fleet f
        """
    )

    /// Changes from a revision on, that one included. Asked for behind ``place``: none is missing up to its revision.
    static func changes(from revision: Int64, limit: Int) -> Statement {
        Statement(
            """
            SELECT c.revision, c.mark::text, c.event, c.host::text, c.path, c.moved_from, c.content::text, \(account)
            FROM outtray.changes c
            LEFT JOIN outtray.entries e ON e.host = c.host AND e.path = c.path AND e.revision = c.revision
            LEFT JOIN outtray.contents t ON t.account = e.account AND t.sha256 = e.sha256
            WHERE c.revision >= $1::bigint ORDER BY c.revision LIMIT $2::bigint
            """,
            [.integer(revision), .integer(Int64(limit))]
        )
    }

    /// All hosts, those that were taken out too. Asked for last, so it has the host of each change.
    static let hosts = Statement("SELECT host::text, name, forgotten IS NOT NULL FROM outtray.hosts ORDER BY host")

    /// The fleet's name of an entry's account, if its asset is the one that all hosts know of its content.
    private static let account =
        "CASE WHEN \(StoredReceipt.areOfOneAsset("t.receipt", "e.content"))"
        + " AND t.receipt IS NOT NULL THEN e.account END"

    // MARK: Entries

    /// The entries behind a path of a host, in their order.
    static func entries(after last: (host: String, path: [UInt8])?, limit: Int) -> Statement {
        Statement(
            """
            SELECT e.host::text, e.path, e.revision, e.content::text, \(account)
            FROM outtray.entries e
            LEFT JOIN outtray.contents t ON t.account = e.account AND t.sha256 = e.sha256
            WHERE (e.host, e.path) > ($1::uuid, $2::bytea) ORDER BY e.host, e.path LIMIT $3::bigint
            """,
            [
                .text(last?.host ?? "00000000-0000-0000-0000-000000000000"), .bytes(last?.path ?? []),
                .integer(Int64(limit)),
            ]
        )
    }

    // MARK: Cleaning

    /// The last revision whose change nobody needs: beyond four changes an entry and ten thousand. A reader that is
    /// further behind makes its copy anew.
    static let lastPrunable = Statement(
        "SELECT f.revision - 4 * (SELECT count(*) FROM outtray.entries) - 10000 FROM outtray.fleet f"
    )

    /// Removes the oldest changes up to a revision.
    static func prune(through revision: Int64, limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM outtray.changes WHERE revision IN (
                SELECT revision FROM outtray.changes WHERE revision <= $1::bigint ORDER BY revision LIMIT $2::bigint
            )
            """,
            [.integer(revision), .integer(Int64(limit))]
        )
    }
}

// MARK: Answers

extension FleetLook {
    /// Reads the answers to ``FollowStatements/place``, the changes and the hosts.
    init(_ answers: [Answer]) throws(PostgresError) {
        guard answers.count == 3, let head = answers[0].rows.first, let fleet = try head.text(0) else {
            throw PostgresError(.other, "the database told only a part")
        }
        var changes: [Told] = []
        for row in answers[1].rows { changes.append(try Told(row)) }
        self.init(
            fleet: fleet,
            revision: try head.integer(1) ?? 0,
            changes: changes,
            hosts: try SharedHost.hosts(answers[2])
        )
    }
}

extension FleetLook.Told {
    fileprivate init(_ row: Row) throws(PostgresError) {
        revision = try row.integer(0) ?? 0
        mark = try row.text(1) ?? ""
        let content = try row.text(6) ?? "{}"
        let shown = ManifestRow.Content(exactJSON: content)?.renumbered(revision)
        guard let event = ManifestChange.Event(rawValue: try row.text(2) ?? ""),
            let host = HostID(try row.text(3) ?? ""),
            let path = try row.bytes(4), shown != nil || event == .forgotten
        else {
            change = nil
            return
        }
        change = SharedChange(
            revision: revision,
            event: event,
            host: host,
            path: FilePath(bytes: path),
            movedFrom: try row.bytes(5).map { FilePath(bytes: $0) },
            content: shown,
            account: try row.text(7)
        )
    }
}

extension SharedHost {
    static func hosts(_ answer: Answer) throws(PostgresError) -> [SharedHost] {
        var hosts: [SharedHost] = []
        for row in answer.rows {
            guard let host = HostID(try row.text(0) ?? "") else { continue }
            hosts.append(SharedHost(host, name: try row.text(1) ?? "", isForgotten: try row.boolean(2) ?? false))
        }
        return hosts
    }
}

extension SharedRow {
    /// Nil for content that this version cannot read. A change that came behind `newest` is read again.
    init?(_ row: Row, upTo newest: Int64) throws(PostgresError) {
        guard let host = HostID(try row.text(0) ?? ""), let path = try row.bytes(1),
            let content = ManifestRow.Content(exactJSON: try row.text(3) ?? "")
        else { return nil }
        let revision = min(try row.integer(2) ?? 0, newest)
        self.init(
            host: host,
            path: FilePath(bytes: path),
            content: content.renumbered(revision),
            account: try row.text(4)
        )
    }
}
