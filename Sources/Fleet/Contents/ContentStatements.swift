import Pipeline

/// The statements of the protocol about contents. Each may be repeated as it is, and decides by its own conditions.
///
/// - A content has one row, one host that has the claim, one ticket, and one receipt.
/// - `fence` counts how often the claim has changed hands.
/// - `free` says that the holder has let the claim go. Anyone may take it then, with its ticket.
/// - The first receipt stays.
///
/// Rows are locked in the order of their keys, so that no two hosts wait for each other.
enum ContentStatements {
    /// Fails with `.gate` unless this is the host's only process: the one that registered last.
    static func gate(_ host: HostID, boot: Int64) -> Statement {
        Statement(
            """
            SELECT 1 / count(*) FROM outtray.hosts WHERE host = $1::uuid AND boot = $2::bigint AND forgotten IS NULL
            """,
            [.text(host.text), .integer(boot)]
        )
    }

    /// Claims contents that are new, that this host has claimed already, or whose claim is free. Returns those that
    /// this host has now: account, digest, fence, ticket.
    static func claim(_ wanted: [(key: ContentKey, size: Int64)], host: HostID) -> Statement {
        let keys = wanted.map(\.key)
        return Statement(
            """
            INSERT INTO outtray.contents AS c (account, sha256, size, host)
            SELECT w.account, w.sha256, w.size, $4::uuid
            FROM unnest($1::text[], $2::bytea[], $3::bigint[]) AS w (account, sha256, size)
            ORDER BY w.account, w.sha256
            ON CONFLICT (account, sha256) DO UPDATE
                SET host = excluded.host, fence = c.fence + 1, free = false, claimed = now()
                WHERE c.receipt IS NULL AND (c.host = excluded.host OR c.free)
            RETURNING c.account, c.sha256, c.fence, c.ticket
            """,
            keys.parameters + [.integers(wanted.map(\.size)), .text(host.text)]
        )
    }

    /// What has become of contents that are up, or that another host has claimed. Returns account, digest, receipt,
    /// status; the host's id and name; when it was claimed, in milliseconds; whether the claim is free.
    static func standing(_ keys: [ContentKey], host: HostID) -> Statement {
        Statement(
            """
            SELECT c.account, c.sha256, c.receipt::text, c.status, h.host::text, h.name,
                (extract(epoch FROM c.claimed) * 1000)::bigint, c.free
            FROM unnest($1::text[], $2::bytea[]) AS w (account, sha256)
            JOIN outtray.contents c USING (account, sha256) JOIN outtray.hosts h ON h.host = c.host
            WHERE c.receipt IS NOT NULL OR c.host <> $3::uuid
            """,
            keys.parameters + [.text(host.text)]
        )
    }

    /// Takes over the claims of a host whose beat stands still. The lock on the host's row puts this before or after
    /// its next heartbeat: after that heartbeat, nothing is taken. Returns what ``claim(_:host:)`` returns.
    static func takeOver(
        _ keys: [ContentKey],
        of silent: HostID,
        at standstill: (boot: Int64, beat: Int64),
        host: HostID
    ) -> Statement {
        Statement(
            """
            WITH dead AS (
                SELECT host FROM outtray.hosts
                WHERE host = $3::uuid AND boot = $4::bigint AND beat = $5::bigint FOR NO KEY UPDATE
            ),
            locked AS (\(locked("unnest($1::text[], $2::bytea[]) AS w (account, sha256)")))
            UPDATE outtray.contents c SET host = $6::uuid, fence = c.fence + 1, free = false, claimed = now()
            FROM dead, locked w
            WHERE c.account = w.account AND c.sha256 = w.sha256 AND c.host = dead.host AND c.receipt IS NULL
            RETURNING c.account, c.sha256, c.fence, c.ticket
            """,
            keys.parameters
                + [.text(silent.text), .integer(standstill.boot), .integer(standstill.beat), .text(host.text)]
        )
    }

    /// A claim of this host, as one of many.
    struct Claimed: Sendable {
        let key: ContentKey
        let fence: Int64
        /// Sealed.
        var ticket: [UInt8] = []
    }

    /// Reads the answer to ``claims(of:)``.
    static func claimed(in answer: Answer?) throws -> [Claimed] {
        try (answer?.rows ?? []).map { Claimed(key: try ContentKey($0), fence: try $0.integer(2) ?? 0) }
    }

    /// Puts tickets into claims. Returns account and digest of those that this host still has.
    static func hold(_ claims: [Claimed], host: HostID) -> Statement {
        Statement(
            """
            WITH locked AS (
                \(locked(
                    "unnest($1::text[], $2::bytea[], $3::bigint[], $4::bytea[]) AS w (account, sha256, fence, ticket)"
                ))
            )
            UPDATE outtray.contents c SET ticket = w.ticket, asked = now() FROM locked w
            WHERE c.account = w.account AND c.sha256 = w.sha256 AND c.fence = w.fence AND c.host = $5::uuid
                AND c.receipt IS NULL
            RETURNING c.account, c.sha256
            """,
            claims.map(\.key).parameters
                + [.integers(claims.map(\.fence)), .byteStrings(claims.map(\.ticket)), .text(host.text)]
        )
    }

    /// Lets claims go, and wakes the hosts that wait for them.
    static func release(_ claims: [Claimed], host: HostID) -> [Statement] {
        [
            Statement(
                """
                WITH locked AS (
                    \(locked("unnest($1::text[], $2::bytea[], $3::bigint[]) AS w (account, sha256, fence)"))
                )
                UPDATE outtray.contents c SET free = true FROM locked w
                WHERE c.account = w.account AND c.sha256 = w.sha256 AND c.fence = w.fence AND c.host = $4::uuid
                    AND c.receipt IS NULL
                """,
                claims.map(\.key).parameters + [.integers(claims.map(\.fence)), .text(host.text)]
            ),
            notify,
        ]
    }

    /// All claims that this host has: account, digest, fence.
    static func claims(of host: HostID) -> Statement {
        Statement(
            "SELECT account, sha256, fence FROM outtray.contents WHERE host = $1::uuid AND receipt IS NULL AND NOT free",
            [.text(host.text)]
        )
    }

    /// The wanted rows, locked in the order of their keys.
    private static func locked(_ wanted: String) -> String {
        """
        SELECT w.* FROM \(wanted) JOIN outtray.contents l ON l.account = w.account AND l.sha256 = w.sha256
        ORDER BY w.account, w.sha256 FOR NO KEY UPDATE OF l
        """
    }

    /// Wakes the hosts that wait for contents. They look by themselves as well.
    static let notify = Statement("SELECT pg_notify('\(channel)', '')")

    static let channel = "outtray_contents"
}
