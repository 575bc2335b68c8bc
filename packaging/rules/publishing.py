"""Rules about changes: what a host tells the fleet, each once and in order, and what readers make of it."""

from rule import rule

PUBLISH, PUBLISHER = "Fleet/Publish/PublishStatements.swift", "Fleet/Publish/Publisher.swift"
SCHEMA, LOOK = "Fleet/Schema/Migration+First.swift", "Fleet/Follow/FleetLook.swift"
TOLD, PUBLISHED = "FleetTests.PublishedChangesTests", "FleetTests.PublisherTests"
STEPS, BOOK = "FleetTests.FollowStepTests", "LedgerTests.FleetBookTests"

RUN = "            let answers = try await database.run(\n"
MARK = "[PublishStatements.advance(host, boot: boot, from: from, to: to, telling: shared.marks)]"

rules = [
    rule(
        "revision-order", "P5", "The order of revisions is that of commits.",
        PUBLISH, "(UPDATE outtray.fleet SET revision = revision + $7::bigint RETURNING revision)",
        "(SELECT max(n) AS revision FROM (\n"
        "                SELECT nextval('outtray.numbers') AS n FROM generate_series(1, $7::bigint)) AS numbers)",
        (f"{TOLD}/a reader that goes on", f"{TOLD}/a change is not seen"),
        more=[(SCHEMA, '"CREATE SCHEMA outtray",', '"CREATE SCHEMA outtray", "CREATE SEQUENCE outtray.numbers",')],
    ),
    rule(
        "mark-with-changes", "P5", "A host's mark moves in the transaction of its changes.",
        PUBLISHER, RUN + "                " + MARK + " + contents\n                    +",
        f"            _ = try await database.run({MARK})\n" + RUN + "                contents +", PUBLISHED,
    ),
    rule(
        "mark-gate", "P5", "Changes are told only from where the mark stands.",
        PUBLISH, "AND boot = $2::bigint AND published = $3::bigint", "AND boot = $2::bigint AND $3::bigint IS NOT NULL",
        TOLD,
    ),
    rule(
        "local-revision", "P5", "The fleet has each revision of a host's ledger once.",
        SCHEMA, "content jsonb NOT NULL,\n                UNIQUE (host, local_revision)", "content jsonb NOT NULL",
        TOLD,
    ),
    rule(
        "told-before-release", "5", "Claims of earlier processes go when the fleet has all that they brought up.",
        PUBLISHER, "if try await publishNext() { continue }\n                    if isBehind { caughtUp() }",
        "if isBehind { caughtUp() }\n                    if try await publishNext() { continue }",
        PUBLISHED,
    ),
    rule(
        "contents-with-changes", "5", "The fleet learns of each asset with its change, also of one that went up alone.",
        PUBLISHER, "ContentStatements.tell(folded.contents, host: host)", "ContentStatements.tell([], host: host)",
        PUBLISHED,
    ),
    rule(
        "contents-compared", "5", "A comparison tells of assets, too.",
        PUBLISHER, "ContentStatements.tell(Array(newest.values), host: host)",
        "ContentStatements.tell(Array(newest.values.prefix(0)), host: host)", PUBLISHED,
    ),
    rule(
        "own-assets", "5", "An asset of another account that had the same name is no receipt.",
        "Fleet/Contents/PublishedContent.swift", "guard isOfAccount, case", "guard case", TOLD,
    ),
    rule(
        "older-ledger", "P3", "A ledger that is older than the mark has its rows compared.",
        PUBLISHER, "guard let known, published <= known else {", "guard let known else {", PUBLISHED,
    ),
    rule(
        "lost-changes", "P3", "Changes that the database has lost are told again.",
        PUBLISHER, "guard let now, told < now else", "guard let now, told < 0 else", PUBLISHED,
    ),
    rule(
        "resync", "P3", "A host whose changes are no longer kept compares its rows.",
        "Ledger/SQLiteLedger+FleetBook.swift", "guard oldest <= revision + 1 else", "guard oldest >= 0 else",
        BOOK,
    ),
    rule(
        "kept-for-fleet", "P3", "Changes that the fleet lacks are not pruned.",
        "Ledger/Tables/ManifestTable+Changes.swift",
        "let revision = try FleetTable.lastPrunable(through: revision, in: db)", "", BOOK,
    ),
    rule(
        "kept-while-comparing", "P3", "Changes are kept while rows are compared.",
        "Ledger/Tables/FleetTable.swift", "stored < 0 ? -stored - 1 : stored", "stored < 0 ? revision : stored", BOOK,
    ),
    rule(
        "reader-restored", "P5", "A reader whose last change is another one by now begins anew.",
        LOOK, "place.mark == nil || last.mark == place.mark", "place.mark == nil || !last.mark.isEmpty", STEPS,
    ),
    rule(
        "reader-gap", "P5", "A reader that lacks a change begins anew.",
        LOOK, "allSatisfy({ $0.revision == $1 })", "allSatisfy({ $0.revision >= $1 })", STEPS,
    ),
    rule(
        "reader-fleet", "P5", "A reader begins anew at another fleet.",
        LOOK, "guard place.fleet == look.fleet else", "guard !place.fleet.isEmpty else", STEPS,
    ),
    rule(
        "changes-kept", "P5", "The newest changes stay for readers.",
        "Fleet/Follow/FollowStatements.swift", " - 4 * (SELECT count(*) FROM outtray.entries) - 10000", "",
        "FleetTests.FollowerTests",
    ),
]
