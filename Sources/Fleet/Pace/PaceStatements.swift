import Pipeline

/// Takes calls of a pace for this host, out of what all hosts may make together.
///
/// A pace is one key at one address, as on a single host: providers count a key's calls, whatever accounts it is used
/// for. Writes count for the account as well: ConnectSafely allows so many of them a LinkedIn account, by whatever key
/// (`docs/providers.md`).
///
/// `outtray.calls` has what was taken. A window counts all that was taken within its length and ``validity``: so long a
/// host may take to make the calls. So no window at the provider has more calls than its rate allows.
///
/// A step of the server's clock does little harm. After one back, calls that lie ahead count as taken now, and a hold
/// lasts no longer than it was told to. After one ahead, earlier calls seem old: once, a window may have the calls of
/// two.
enum PaceStatements {
    /// How long after it was taken a call may be made, in seconds.
    static let validity = 2
    /// So long a call stays in the table at least. Another account of the pace may have a longer window.
    private static let kept = Duration.seconds(3600)

    /// Which rates a call counts for. Reads count for the rates of all calls alone.
    enum Side: Int64, Sendable, CaseIterable {
        case read = 0
        case write = 1
    }

    /// Takes up to `count` calls. All statements of one run. The first ones lock the account and then the pace, as long
    /// as the run lasts. The last one returns how many were taken, and if none, after how many milliseconds there may
    /// be room.
    ///
    /// `rates` bound all calls of the pace. `writeRates` bound its writes, together with those of the account.
    static func take(
        _ count: Int,
        _ side: Side,
        of account: String,
        pace: String,
        rates: [CallRate],
        writeRates: [CallRate],
        host: HostID
    ) -> [Statement] {
        let bounds = rates.map { ($0, false) } + (side == .write ? writeRates.map { ($0, true) } : [])
        let longest = bounds.map(\.0.window).max() ?? .zero
        return [
            Statement("SELECT 1 FROM outtray.accounts WHERE account = $1::text FOR NO KEY UPDATE", [.text(account)]),
            Statement("INSERT INTO outtray.paces (pace) VALUES ($1::text) ON CONFLICT DO NOTHING", [.text(pace)]),
            Statement("SELECT 1 FROM outtray.paces WHERE pace = $1::text FOR NO KEY UPDATE", [.text(pace)]),
            steppedBack("accounts", "account", account),
            steppedBack("paces", "pace", pace),
            Statement(
                """
                UPDATE outtray.calls SET at = clock_timestamp()
                WHERE (pace = $1::text OR account = $2::text) AND at > clock_timestamp() + interval '1 second'
                """,
                [.text(pace), .text(account)]
            ),
            Statement(
                """
                DELETE FROM outtray.calls
                WHERE pace = $1::text AND at < clock_timestamp() - $2::bigint * interval '1 millisecond'
                """,
                [.text(pace), .integer(max(longest + .seconds(validity + 1), kept).milliseconds)]
            ),
            Statement(
                """
                WITH now AS (SELECT clock_timestamp() AS at),
                hold AS (
                    SELECT greatest(0, extract(epoch FROM greatest(a.held_until, p.held_until) - now.at) * 1000)::bigint
                        AS ms
                    FROM outtray.accounts a, outtray.paces p, now WHERE a.account = $1::text AND p.pace = $9::text
                ),
                bounds AS (
                    SELECT * FROM unnest($4::bigint[], $5::bigint[], $6::boolean[]) AS b (calls, ms, writes)
                ),
                counted AS (
                    SELECT c.side, c.at, c.n, true AS of_pace FROM outtray.calls c WHERE c.pace = $9::text
                    UNION ALL
                    SELECT c.side, c.at, c.n, false FROM outtray.calls c
                    WHERE c.account = $1::text AND c.pace <> $9::text
                ),
                used AS (
                    SELECT b.calls, coalesce(sum(c.n), 0) AS n,
                        (extract(epoch FROM min(c.at) - now.at) * 1000)::bigint + b.ms + $7::bigint AS rest
                    FROM now CROSS JOIN bounds b LEFT JOIN counted c ON (c.of_pace OR b.writes)
                        AND (c.side = 1 OR NOT b.writes)
                        AND c.at > now.at - (b.ms + $7::bigint) * interval '1 millisecond'
                    GROUP BY b.calls, b.ms, b.writes, now.at
                ),
                room AS (SELECT greatest(0, least($3::bigint, min(calls - n))) AS n FROM used),
                taken AS (
                    INSERT INTO outtray.calls (pace, account, side, at, n, host)
                    SELECT $9::text, $1::text, $2::bigint, now.at, room.n, $8::uuid FROM room, hold, now
                    WHERE room.n > 0 AND coalesce(hold.ms, 0) = 0
                    RETURNING n
                )
                SELECT coalesce((SELECT n FROM taken), 0)::bigint,
                    greatest(
                        coalesce((SELECT ms FROM hold), 0),
                        coalesce((SELECT max(rest) FROM used WHERE n >= calls), 0)
                    )::bigint
                """,
                [
                    .text(account), .integer(side.rawValue), .integer(Int64(count)),
                    .integers(bounds.map { Int64($0.0.calls) }),
                    .integers(bounds.map(\.0.window.milliseconds)), .booleans(bounds.map(\.1)),
                    .integer(Int64(validity) * 1000), .text(host.text), .text(pace),
                ]
            ),
        ]
    }

    /// Lets a hold that ends too late, as after a step of the clock, end as if it had begun now.
    private static func steppedBack(_ table: String, _ column: String, _ name: String) -> Statement {
        let end = "clock_timestamp() + held_for * interval '1 millisecond'"
        return Statement(
            "UPDATE outtray.\(table) SET held_until = \(end) WHERE \(column) = $1::text AND held_until > \(end)",
            [.text(name)]
        )
    }

    /// Lets no host take a call for a while, of the account or of the pace: the provider has told one of them to wait,
    /// and does not say what it counts. A longer hold stays.
    static func hold(_ account: String, pace: String, for time: Duration, reason: String) -> [Statement] {
        let end = "clock_timestamp() + $2::bigint * interval '1 millisecond'"
        let hold: [Parameter] = [.integer(time.milliseconds), .text(reason)]
        return [
            Statement(
                """
                UPDATE outtray.accounts SET held_until = \(end), held_for = $2::bigint, held_reason = $3::text
                WHERE account = $1::text AND (held_until IS NULL OR held_until < \(end))
                """,
                [.text(account)] + hold
            ),
            Statement(
                """
                INSERT INTO outtray.paces AS p (pace, held_until, held_for, held_reason)
                VALUES ($1::text, \(end), $2::bigint, $3::text)
                ON CONFLICT (pace) DO UPDATE SET held_until = excluded.held_until, held_for = excluded.held_for,
                    held_reason = excluded.held_reason
                WHERE p.held_until IS NULL OR p.held_until < excluded.held_until
                """,
                [.text(pace)] + hold
            ),
        ]
    }
}
