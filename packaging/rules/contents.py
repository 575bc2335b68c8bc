"""Rules about claims, tickets in claims, takeovers and receipts: the statements about contents."""

from rule import rule

STATEMENTS, RECEIPTS = "Fleet/Contents/ContentStatements.swift", "Fleet/Contents/ContentStatements+Receipts.swift"
CLAIMS, RECEIVED = "FleetTests.ContentStatementsTests", "FleetTests.PublishedContentTests"
ORDER = "FleetTests.LockOrderTests"

MINE = "WHERE c.receipt IS NULL AND (c.host = excluded.host OR c.free)"
CLAIM = "SET host = excluded.host, fence = c.fence + 1, free = false, claimed = now()"
TAKE = "SET host = $6::uuid, fence = c.fence + 1, free = false, claimed = now()"
SILENT = "boot = $4::bigint AND beat = $5::bigint FOR NO KEY UPDATE"
HELD = "AND c.fence = w.fence AND c.host = $5::uuid"

rules = [
    rule(
        "claim-own", "2", "A host claims what is new, its own or free, and no claim of another host.",
        STATEMENTS, MINE, "WHERE c.receipt IS NULL", CLAIMS,
    ),
    rule(
        "claim-not-up", "2", "Nobody claims a content that is up.",
        STATEMENTS, MINE, "WHERE c.host = excluded.host OR c.free", CLAIMS,
    ),
    rule(
        "claim-ends-freedom", "2", "A free claim that was taken is free no more.",
        STATEMENTS, CLAIM, CLAIM.replace("free = false", "free = c.free"), CLAIMS,
    ),
    rule(
        "claim-fence", "2", "Each claim has a higher fence.",
        STATEMENTS, CLAIM, CLAIM.replace("fence = c.fence + 1", "fence = c.fence"), CLAIMS,
    ),
    rule(
        "claim-ticket", "3", "A claim keeps the ticket of the one before.",
        STATEMENTS, CLAIM, CLAIM + ", ticket = NULL", CLAIMS,
    ),
    rule(
        "claim-order", "2", "Claims lock rows in the order of their keys.",
        STATEMENTS, "ORDER BY w.account, w.sha256\n            ON CONFLICT", "ON CONFLICT", (CLAIMS, ORDER),
    ),
    rule(
        "lock-order", "2", "Holds, releases and takeovers lock rows in the order of their keys.",
        STATEMENTS, "ORDER BY w.account, w.sha256 FOR NO KEY UPDATE OF l", "FOR NO KEY UPDATE OF l", (CLAIMS, ORDER),
    ),
    rule(
        "receipt-order", "2", "Receipts lock rows in the order of their keys.",
        RECEIPTS, "WHERE w.status <> 'failed' ORDER BY w.account, w.sha256", "WHERE w.status <> 'failed'",
        (RECEIVED, ORDER),
    ),
    rule(
        "hold-fence", "3", "A ticket comes only into the claim of its own fence.",
        STATEMENTS, HELD, HELD.replace("c.fence = w.fence", "w.fence IS NOT NULL"), CLAIMS,
    ),
    rule(
        "hold-host", "3", "A ticket comes only into a claim of its own host.",
        STATEMENTS, HELD, HELD.replace("c.host = $5::uuid", "$5::uuid IS NOT NULL"), CLAIMS,
    ),
    rule(
        "hold-not-up", "3", "A content that is up takes no ticket.",
        STATEMENTS, HELD + "\n                AND c.receipt IS NULL", HELD, CLAIMS,
    ),
    rule(
        "release-fence", "3", "A host lets go only of the claim of its own fence.",
        STATEMENTS, "AND c.fence = w.fence AND c.host = $4::uuid", "AND w.fence IS NOT NULL AND c.host = $4::uuid",
        CLAIMS,
    ),
    rule(
        "takeover-beat", "6", "After a heartbeat nothing is taken over.",
        STATEMENTS, SILENT, SILENT.replace("beat = $5::bigint", "$5::bigint IS NOT NULL"), CLAIMS,
    ),
    rule(
        "takeover-start", "6", "After another start nothing is taken over.",
        STATEMENTS, SILENT, SILENT.replace("boot = $4::bigint", "$4::bigint IS NOT NULL"), CLAIMS,
    ),
    rule(
        "takeover-lock", "6", "The lock on the silent host's row puts a takeover before or after the next heartbeat.",
        STATEMENTS, SILENT, SILENT.removesuffix(" FOR NO KEY UPDATE"), CLAIMS,
    ),
    rule(
        "takeover-owner", "6", "A claim that is another host's by now is not taken over.",
        STATEMENTS, "c.host = dead.host AND c.receipt IS NULL", "dead.host IS NOT NULL AND c.receipt IS NULL", CLAIMS,
    ),
    rule(
        "takeover-not-up", "6", "A content that is up is not taken over.",
        STATEMENTS, "c.host = dead.host AND c.receipt IS NULL", "c.host = dead.host", CLAIMS,
    ),
    rule(
        "takeover-ticket", "6", "Whoever takes a claim over goes on with its ticket.",
        STATEMENTS, TAKE, TAKE + ", ticket = NULL", (CLAIMS, "FleetTests.ContentDeskTests"),
    ),
    rule(
        "takeover-fence", "6", "A takeover has a higher fence.",
        STATEMENTS, TAKE, TAKE.replace("fence = c.fence + 1", "fence = c.fence"),
        (CLAIMS, "FleetTests.ContentDeskTests"),
    ),
    rule(
        "first-wins", "5", "The first receipt of a content stays.",
        RECEIPTS, "looker = NULL\n                    WHERE c.receipt IS NULL", "looker = NULL", RECEIVED,
    ),
    rule(
        "surplus-listed", "5", "Any other asset of a content is listed.",
        RECEIPTS, "WHERE c.receipt IS NOT NULL AND NOT (\\(isSame)) AND",
        "WHERE c.receipt IS NULL AND NOT (\\(isSame)) AND", RECEIVED,
    ),
    rule(
        "ready-stays", "8", "A status does not go back from ready.",
        RECEIPTS, " AND c.status IS DISTINCT FROM 'ready'", "", RECEIVED,
    ),
    rule(
        "failed-free", "8", "A content whose asset failed may go up anew.",
        RECEIPTS, "SET receipt = NULL, status = NULL, free = true,", "SET status = NULL, free = true,", RECEIVED,
    ),
    rule(
        "failed-listed", "8", "An asset that failed is listed.",
        RECEIPTS, "FROM failed ON CONFLICT DO NOTHING", "FROM failed WHERE false ON CONFLICT DO NOTHING", RECEIVED,
    ),
    rule(
        "failed-itself", "8", "The failure of another asset leaves a content alone.",
        RECEIPTS, "AND \\(isSame) AND w.status = 'failed'", "AND w.status = 'failed'", RECEIVED,
    ),
]
