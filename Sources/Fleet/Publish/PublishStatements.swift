import Pipeline
import SystemPackage

/// The statements that bring this host's changes to the fleet. All of one publication are one transaction.
///
/// The counter of revisions is locked from the first change on until the commit. So the order of revisions is that of
/// commits, and a reader that goes on from the last revision it saw misses none.
enum PublishStatements {
    /// Moves this host's mark from one revision to another. Fails with `.gate` if it stands elsewhere, or if this is
    /// not the host's only process: then all of it is published already, or another process publishes.
    ///
    /// `telling`: the accounts whose assets the changes tell (``PublishedAccounts/marks``). Of any other account, the
    /// fleet does not have all from now on.
    static func advance(_ host: HostID, boot: Int64, from: Int64, to: Int64, telling marks: Set<String>) -> Statement {
        Statement(
            """
            WITH moved AS (
                UPDATE outtray.hosts SET published = $4::bigint,
                    told = CASE WHEN told <@ $5::text[] THEN told
                        ELSE ARRAY(SELECT unnest(told) INTERSECT SELECT unnest($5::text[])) END
                WHERE host = $1::uuid AND boot = $2::bigint AND published = $3::bigint AND forgotten IS NULL
                RETURNING 1
            )
            SELECT 1 / count(*) FROM moved
            """,
            [.text(host.text), .integer(boot), .integer(from), .integer(to), .texts(marks.sorted())]
        )
    }

    /// Sets this host's mark after all its rows were compared. Changes that it told beyond the mark belong to a ledger
    /// that is no more: their numbers are free again. `telling` as in ``advance(_:boot:from:to:telling:)``.
    static func setMark(
        _ host: HostID,
        boot: Int64,
        to revision: Int64,
        telling marks: Set<String>
    ) -> [Statement] {
        [
            Statement(
                """
                WITH moved AS (
                    UPDATE outtray.hosts SET published = $3::bigint, told = $4::text[]
                    WHERE host = $1::uuid AND boot = $2::bigint AND forgotten IS NULL RETURNING 1
                )
                SELECT 1 / count(*) FROM moved
                """,
                [.text(host.text), .integer(boot), .integer(revision), .texts(marks.sorted())]
            ),
            Statement(
                """
                UPDATE outtray.changes SET local_revision = -revision
                WHERE host = $1::uuid AND local_revision > $2::bigint
                """,
                [.text(host.text), .integer(revision)]
            ),
        ]
    }

    /// Where this host's mark stands, and the accounts that were told, in one text with blanks. No row for another
    /// start of the host.
    static func standing(of host: HostID, boot: Int64) -> Statement {
        Statement(
            """
            SELECT published, array_to_string(told, ' ') FROM outtray.hosts
            WHERE host = $1::uuid AND boot = $2::bigint AND forgotten IS NULL
            """,
            [.text(host.text), .integer(boot)]
        )
    }

    // MARK: Changes

    /// Tells changes, in their order, and what the paths show now.
    static func tell(_ changes: [FleetChange], _ folded: FoldedChanges, host: HostID) -> [Statement] {
        let rows = changes.map(\.change)
        let told = Statement(
            """
            WITH counter AS (UPDATE outtray.fleet SET revision = revision + $7::bigint RETURNING revision)
            INSERT INTO outtray.changes (revision, host, local_revision, event, path, moved_from, content)
            SELECT counter.revision - $7::bigint + w.place, $1::uuid, w.local_revision, w.event, w.path, w.moved_from,
                w.content::jsonb
            FROM unnest($2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::text[])
                WITH ORDINALITY AS w (local_revision, event, path, moved_from, content, place), counter
            """,
            [
                .text(host.text), .integers(rows.map(\.revision)), .texts(rows.map(\.event.rawValue)),
                .byteStrings(rows.map { $0.row.path.bytes }), .byteStrings(rows.map { $0.movedFrom.map { $0.bytes } }),
                .texts(rows.map(\.row.content.exactJSON)), .integer(Int64(rows.count)),
            ]
        )
        let hidden = Statement(
            "DELETE FROM outtray.entries WHERE host = $1::uuid AND path = ANY ($2::bytea[])",
            [.text(host.text), .byteStrings(folded.hidden.map { $0.bytes })]
        )
        let shown = Statement(
            """
            INSERT INTO outtray.entries (host, path, folder, account, sha256, bytes, content, present, local_revision,
                revision)
            SELECT $1::uuid, w.path, w.folder, w.account, w.sha256, w.bytes, w.content::jsonb, w.present,
                w.local_revision, c.revision
            FROM \(entries) JOIN outtray.changes c ON c.host = $1::uuid AND c.local_revision = w.local_revision
            \(replacing)
            """,
            [.text(host.text)] + parameters(of: Array(folded.shown.values))
        )
        return [told] + (folded.hidden.isEmpty ? [] : [hidden]) + (folded.shown.isEmpty ? [] : [shown])
    }

    /// Compares a part of this host's rows with what the fleet shows of it, and tells what differs.
    ///
    /// `rows`: all that this host shows behind `after` up to `last`, in byte order. If `last` is nil, to the end.
    ///
    /// Such a change has no revision of the ledger. It gets the negative of the fleet's.
    static func compare(_ rows: [PublishedEntry], after: FilePath?, last: FilePath?, host: HostID) -> Statement {
        Statement(
            """
            WITH w AS (SELECT * FROM \(entries)),
            differing AS (
                SELECT w.* FROM w LEFT JOIN outtray.entries e ON e.host = $1::uuid AND e.path = w.path
                WHERE e.path IS NULL OR e.content IS DISTINCT FROM w.content::jsonb OR e.present <> w.present
                    OR e.local_revision IS DISTINCT FROM w.local_revision
            ),
            gone AS (
                DELETE FROM outtray.entries e
                WHERE e.host = $1::uuid AND e.path > $11::bytea AND ($12::bytea IS NULL OR e.path <= $12::bytea)
                    AND NOT EXISTS (SELECT FROM w WHERE w.path = e.path)
                RETURNING e.path, e.content
            ),
            told AS (
                SELECT t.*, row_number() OVER (ORDER BY t.path) - count(*) OVER () AS place FROM (
                    SELECT path, event, content::jsonb AS content FROM differing
                    UNION ALL SELECT path, 'forgotten', content FROM gone
                ) AS t
            ),
            counter AS (
                UPDATE outtray.fleet SET revision = revision + (SELECT count(*) FROM told)
                WHERE EXISTS (SELECT FROM told) RETURNING revision
            ),
            numbered AS (
                INSERT INTO outtray.changes (revision, host, local_revision, event, path, content)
                SELECT counter.revision + told.place, $1::uuid, -(counter.revision + told.place), told.event, told.path,
                    told.content
                FROM told, counter
                RETURNING path, revision
            )
            INSERT INTO outtray.entries (host, path, folder, account, sha256, bytes, content, present, local_revision,
                revision)
            SELECT $1::uuid, d.path, d.folder, d.account, d.sha256, d.bytes, d.content::jsonb, d.present,
                d.local_revision, n.revision
            FROM differing d JOIN numbered n ON n.path = d.path
            \(replacing)
            """,
            [.text(host.text)] + parameters(of: rows)
                + [.bytes(after.map { $0.bytes } ?? []), last.map { .bytes($0.bytes) } ?? .null]
        )
    }

    private static let entries = """
        unnest($2::bytea[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::text[], $8::boolean[], $9::bigint[],
            $10::text[]) AS w (path, folder, account, sha256, bytes, content, present, local_revision, event)
        """

    private static func parameters(of rows: [PublishedEntry]) -> [Parameter] {
        [
            .byteStrings(rows.map { $0.path.bytes }), .texts(rows.map(\.folder)), .texts(rows.map(\.account)),
            .byteStrings(rows.map { $0.sha256?.bytes }), .integers(rows.map(\.bytes)), .texts(rows.map(\.content)),
            .booleans(rows.map(\.isPresent)), .integers(rows.map(\.localRevision)), .texts(rows.map(\.event.rawValue)),
        ]
    }

    private static let replacing = """
        ON CONFLICT (host, path) DO UPDATE SET folder = excluded.folder, account = excluded.account,
            sha256 = excluded.sha256, bytes = excluded.bytes, content = excluded.content, present = excluded.present,
            local_revision = excluded.local_revision, revision = excluded.revision
        """
}
