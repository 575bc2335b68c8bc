import Pipeline

/// Takes calls of an account's pace for this host, out of what all hosts may make together.
///
/// `outtray.calls` has what was taken. A window counts all that was taken within its length and ``validity``: so long a
/// host may take to make the calls. So no window at the provider has more calls than its rate allows.
enum PaceStatements {
    /// How long after it was taken a call may be made, in seconds.
    static let validity = 2

    /// Which rates a call counts for. Reads count for the rates of all calls alone.
    enum Side: Int64, Sendable, CaseIterable {
        case read = 0
        case write = 1
    }

    /// Takes up to `count` calls. Two statements of one run. The first locks the account, as long as the run lasts. The
    /// second returns how many were taken, and if none, after how many milliseconds there may be room.
    ///
    /// `rates` bound all calls, `writeRates` the writes alone.
    static func take(
        _ count: Int,
        _ side: Side,
        of account: String,
        rates: [CallRate],
        writeRates: [CallRate],
        host: HostID
    ) -> [Statement] {
        let bounds = rates.map { ($0, false) } + (side == .write ? writeRates.map { ($0, true) } : [])
        let longest = bounds.map(\.0.window).max() ?? .zero
        return [
            Statement("SELECT 1 FROM outtray.accounts WHERE account = $1::text FOR NO KEY UPDATE", [.text(account)]),
            Statement(
                """
                DELETE FROM outtray.calls
                WHERE account = $1::text AND at < clock_timestamp() - $2::bigint * interval '1 millisecond'
                """,
                [.text(account), .integer((longest + .seconds(validity + 1)).milliseconds)]
            ),
            Statement(
                """
                WITH now AS (SELECT clock_timestamp() AS at),
                hold AS (
                    SELECT greatest(0, extract(epoch FROM a.held_until - now.at) * 1000)::bigint AS ms
                    FROM outtray.accounts a, now WHERE a.account = $1::text
                ),
                bounds AS (
                    SELECT * FROM unnest($4::bigint[], $5::bigint[], $6::boolean[]) AS b (calls, ms, writes)
                ),
                used AS (
                    SELECT b.calls, coalesce(sum(c.n), 0) AS n,
                        (extract(epoch FROM min(c.at) - now.at) * 1000)::bigint + b.ms + $7::bigint AS rest
                    FROM now CROSS JOIN bounds b LEFT JOIN outtray.calls c ON c.account = $1::text
                        AND (c.side = 1 OR NOT b.writes)
                        AND c.at > now.at - (b.ms + $7::bigint) * interval '1 millisecond'
                    GROUP BY b.calls, b.ms, b.writes, now.at
                ),
                room AS (SELECT greatest(0, least($3::bigint, min(calls - n))) AS n FROM used),
                taken AS (
                    INSERT INTO outtray.calls (account, side, at, n, host)
                    SELECT $1::text, $2::bigint, now.at, room.n, $8::uuid FROM room, hold, now
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
                    .integer(Int64(validity) * 1000), .text(host.text),
                ]
            ),
        ]
    }

    /// Lets no host take a call for a while: the provider has told one of them to wait. A longer hold stays.
    static func hold(_ account: String, for time: Duration, reason: String) -> Statement {
        Statement(
            """
            UPDATE outtray.accounts
            SET held_until = clock_timestamp() + $2::bigint * interval '1 millisecond', held_reason = $3::text
            WHERE account = $1::text
                AND (held_until IS NULL OR held_until < clock_timestamp() + $2::bigint * interval '1 millisecond')
            """,
            [.text(account), .integer(time.milliseconds), .text(reason)]
        )
    }
}
