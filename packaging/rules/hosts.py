"""Rules about hosts: who they are, that one process works for each, and which of them are silent."""

from rule import rule

ROLL, MEMBER = "Fleet/Hosts/HostRoll.swift", "Fleet/Member/Membership.swift"
CONTENTS, DESK = "Fleet/Contents/ContentStatements.swift", "Fleet/Contents/ContentDesk.swift"
PUBLISH, WATCH = "Fleet/Publish/PublishStatements.swift", "Fleet/Hosts/HostWatch.swift"

GATE = "SELECT 1 / count(*) FROM outtray.hosts WHERE host = $1::uuid AND boot = $2::bigint AND forgotten IS NULL"

rules = [
    rule(
        "start-number", "0", "Each start of a host has a higher number than the one before.",
        ROLL, "SET boot = greatest(h.boot, $3::bigint) + 1", "SET boot = greatest(h.boot, $3::bigint)",
        "FleetTests.HostRollTests",
    ),
    rule(
        "start-above", "0", "A start gets a number above one that the database has lost.",
        ROLL, "SET boot = greatest(h.boot, $3::bigint) + 1", "SET boot = h.boot + 1", "FleetTests.HostRollTests",
    ),
    rule(
        "twin-told", "0", "The heartbeat of an earlier start is refused.",
        ROLL, "WHERE host = $1::uuid AND boot = $2::bigint AND forgotten IS NULL",
        "WHERE host = $1::uuid AND $2::bigint IS NOT NULL AND forgotten IS NULL", "FleetTests.HostRollTests",
    ),
    rule(
        "twin-stays-out", "0", "A process whose identity another one took does not take it back.",
        MEMBER, "catch HostTrouble.unknown {", "catch is HostTrouble {", "FleetTests.MembershipTests",
    ),
    rule(
        "gate-leads-out", "0", "A process that meets a closed gate stops its work with the fleet.",
        MEMBER, ".gate: leave(HostTrouble.twin(name: name).description, isAnswer: true)", ".gate: tell(error.reason)",
        ("FleetTests.MembershipTests", "FleetTests.AccountIndexTests"),
    ),
    rule(
        "gate-start", "0", "The gate is closed to an earlier start.",
        CONTENTS, GATE, GATE.replace("boot = $2::bigint", "$2::bigint IS NOT NULL"),
        ("FleetTests.ContentStatementsTests", "FleetTests.ContentDeskTests"),
    ),
    rule(
        "gate-forgotten", "0", "The gate is closed to a host that was taken out.",
        CONTENTS, GATE, GATE.removesuffix(" AND forgotten IS NULL"), "FleetTests.ContentStatementsTests",
    ),
    rule(
        "gate-claims", "0", "Claims stand behind the gate.",
        DESK, "ContentStatements.gate(host, boot: boot),\n            ContentStatements.claim(",
        'Statement("SELECT $1::bigint", [.integer(boot)]),\n            ContentStatements.claim(',
        "FleetTests.ContentDeskTests",
    ),
    rule(
        "gate-holds", "0", "Tickets come into claims behind the gate.",
        DESK, "ContentStatements.gate(host, boot: boot), ContentStatements.hold(",
        'Statement("SELECT $1::bigint", [.integer(boot)]), ContentStatements.hold(', "FleetTests.ContentDeskTests",
    ),
    rule(
        "gate-takeovers", "0", "Takeovers stand behind the gate.",
        DESK, "ContentStatements.gate(host, boot: boot),\n                ContentStatements.takeOver(",
        'Statement("SELECT $1::bigint", [.integer(boot)]),\n                ContentStatements.takeOver(',
        "FleetTests.ContentDeskTests",
    ),
    rule(
        "gate-publishing", "0", "An earlier start publishes nothing.",
        PUBLISH, "WHERE host = $1::uuid AND boot = $2::bigint AND published = $3::bigint AND forgotten IS NULL",
        "WHERE host = $1::uuid AND $2::bigint IS NOT NULL AND published = $3::bigint AND forgotten IS NULL",
        "FleetTests.PublishedChangesTests",
    ),
    rule(
        "gate-forgotten-publishing", "0", "A host that was taken out publishes nothing.",
        PUBLISH, "AND published = $3::bigint AND forgotten IS NULL", "AND published = $3::bigint",
        "FleetTests.PublishedChangesTests",
    ),
    rule(
        "gate-mark", "0", "An earlier start sets no mark.",
        PUBLISH, "WHERE host = $1::uuid AND boot = $2::bigint AND forgotten IS NULL RETURNING 1",
        "WHERE host = $1::uuid AND $2::bigint IS NOT NULL AND forgotten IS NULL RETURNING 1",
        "FleetTests.PublishedChangesTests",
    ),
    rule(
        "gate-comparing", "0", "An earlier start compares nothing.",
        "Fleet/Publish/Publisher.swift", "[ContentStatements.gate(host, boot: boot)]", '[Statement("SELECT 1")]',
        "FleetTests.PublisherTests",
    ),
    rule(
        "claims-left", "7", "A start lets go of claims that earlier processes have left.",
        "Fleet/FleetHost.swift", "for claim in self.left.withLock({ $0 ?? [] }) { self.desk.release(claim) }", "",
        "FleetTests.LeftClaimsTests",
    ),
    rule(
        "patience", "6", "A host is silent after the whole of take_over_after.",
        WATCH, "silence >= patience", "silence >= .zero", "FleetTests.HostWatchTests",
    ),
    rule(
        "patience-configured", "6", "How long that is says take_over_after of the configuration.",
        MEMBER, "HostWatch(patience: plan.takeOverAfter)", "HostWatch(patience: .zero)",
        ("FleetTests.MembershipTests", "FleetTests.ContentDeskTests"),
    ),
    rule(
        "silence-beats", "6", "A heartbeat begins the time anew.",
        WATCH, "known.boot == sight.boot, known.beat == sight.beat", "known.boot == sight.boot",
        "FleetTests.HostWatchTests",
    ),
    rule(
        "silence-starts", "6", "A start begins the time anew.",
        WATCH, "known.boot == sight.boot, known.beat == sight.beat", "known.beat == sight.beat",
        "FleetTests.HostWatchTests",
    ),
    rule(
        "silence-looks", "6", "Time in which this host has not looked does not count.",
        WATCH, "$0.duration(to: now) > longestGap", "$0.duration(to: now) > longestGap * 1000",
        "FleetTests.HostWatchTests",
    ),
    rule(
        "farewell-silent", "6", "A host that has shown a heartbeat meanwhile is not taken out.",
        "Fleet/Hosts/HostFarewell.swift", "beat = $3::bigint AND forgotten IS NULL FOR UPDATE",
        "$3::bigint IS NOT NULL AND forgotten IS NULL FOR UPDATE", "FleetTests.HostFarewellTests",
    ),
]
