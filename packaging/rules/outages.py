"""Rules about accounts, their pace, and what files do while nobody can ask the fleet."""

from rule import rule

PACE, DESK = "Fleet/Pace/PaceStatements.swift", "Fleet/Pace/PaceDesk.swift"
PACED, TAKEN = "Pipeline/Upload/PacedProvider.swift", "FleetTests.PaceStatementsTests"
REACH, MEMBER = "Fleet/Member/FleetReach.swift", "Fleet/Member/Membership.swift"
REACHED, MEMBERS = "FleetTests.FleetReachTests", "FleetTests.MembershipTests"
INDEX, INDICES = "Fleet/Contents/AccountIndex.swift", "FleetTests.AccountIndexTests"
TARGETS, AGREED = "Fleet/Hosts/AccountTargets.swift", "FleetTests.AccountTargetsTests"
JOBS = "PipelineTests.UploadJobFleetTests"

rules = [
    rule(
        "pace-sum", "pace", "A window counts all calls that hosts have taken.",
        PACE, "coalesce(sum(c.n), 0) AS n", "coalesce(max(c.n), 0)::bigint AS n", TAKEN,
    ),
    rule(
        "pace-lock", "pace", "One host at a time takes calls of an account.",
        PACE, "WHERE account = $1::text FOR NO KEY UPDATE", "WHERE account = $1::text", TAKEN,
    ),
    rule(
        "pace-window", "pace", "A window is longer by the time within which taken calls are made.",
        PACE, "AND c.at > now.at - (b.ms + $7::bigint) * interval", "AND c.at > now.at - b.ms * interval", TAKEN,
    ),
    rule(
        "pace-writes", "pace", "Reads do not count for the rates of writes.",
        PACE, "                        AND (c.side = 1 OR NOT b.writes)\n", "", TAKEN,
    ),
    rule(
        "pace-hold", "pace", "While a provider has told one host to wait, no host gets a call.",
        PACE, "WHERE room.n > 0 AND coalesce(hold.ms, 0) = 0", "WHERE room.n > 0", TAKEN,
    ),
    rule(
        "pace-longer-hold", "pace", "A shorter hold does not end a longer one.",
        PACE, "AND (held_until IS NULL OR held_until <", "AND (held_until IS NOT NULL OR clock_timestamp() <", TAKEN,
    ),
    rule(
        "pace-asked", "pace", "Each call takes one that the fleet gave out.",
        DESK, "if !membership.isInside { return }", "if membership.isInside { return }", "FleetTests.PaceDeskTests",
    ),
    rule(
        "pace-configured", "pace", "The fleet's pace of an account goes by the account's rates.",
        "Fleet/FleetHost.swift", "rates: account.rate,", "rates: [],", scenario=("--scenarios", "paced"),
    ),
    rule(
        "pace-calls", "pace", "Each call to the API waits for the pace of all hosts.",
        PACED, "try await index?.waitForPace(isWrite: call == .write)", "", JOBS,
    ),
    rule(
        "pace-told", "pace", "A provider that tells one host to wait has all hosts wait.",
        "Pipeline/Upload/Account/AccountLane.swift",
        "if let hold { services.index?.holdPace(for: clock.now.duration(to: hold), reason: error.reason) }", "", JOBS,
    ),
    rule(
        "pace-alone", "pace", "While the fleet cannot be asked, a host leaves room for the others.",
        PACED, "sharers: index?.sharers ?? 1", "sharers: 1", JOBS,
    ),
    rule(
        "pace-sharers", "pace", "These others are the hosts that were seen last.",
        MEMBER, "max(1, state.hosts.count { !$0.isForgotten })", "max(1, state.hosts.isEmpty ? 0 : 1)", MEMBERS,
    ),
    rule(
        "pace-validity", "pace", "A call that was taken is made within two seconds, or not at all.",
        DESK, "own.calls > 0, clock.now < own.end else { return false }", "own.calls > 0 else { return false }",
        unshown="calls are left only if who asked for them was cancelled, and then two seconds would have to pass",
    ),
    rule(
        "wait", "outage", "With `wait`, no file goes while the fleet cannot be asked.",
        REACH, "guard let trouble, rule.then == .wait || now <", "guard let trouble, now <", REACHED,
    ),
    rule(
        "upload-alone", "outage", "With `upload` alone, files go up unclaimed.",
        REACH, "guard let trouble, rule.then == .upload else { return false }",
        "guard let trouble else { return false }", REACHED,
    ),
    rule(
        "stagger", "outage", "Each further host waits longer before it sends a content unclaimed.",
        REACH, "rule.wait * (1 + rank)", "rule.wait", REACHED,
    ),
    rule(
        "stagger-rank", "outage", "Its rank is the one among all hosts for this content.",
        MEMBER, "ContentRank.rank(of: $0, among: others, for: sha256)",
        "ContentRank.rank(of: $0, among: others.prefix(0), for: sha256)", MEMBERS,
    ),
    rule(
        "copy-proven", "outage", "The copy counts only for an account that the fleet has called its own.",
        INDEX, "let isProven = membership.isProven(account.name)", "let isProven = !membership.name.isEmpty", INDICES,
    ),
    rule(
        "copy-failed", "outage", "An asset that one host knows to have failed is not adopted.",
        "Ledger/SQLiteLedger+FleetCopy.swift", "!failed.contains { $0.names(sameAssetAs: row.entry.receipt) }",
        "failed.count < 0 || !row.host.isEmpty", "LedgerTests.FleetCopyTests",
    ),
    rule(
        "unproven", "0", "A file of an account that may be another owner's goes up as if its host were alone.",
        INDEX, "if membership.isUnproven(account.name) { return .alone }", "", INDICES,
    ),
    rule(
        "conflict", "0", "No file goes of an account that means another target to the fleet.",
        MEMBER, "if let conflict = state.conflicts[account] {",
        "if let conflict = state.conflicts[account], conflict.isEmpty {", INDICES,
    ),
    rule(
        "target", "0", "Hosts that mean different targets do not share an account.",
        TARGETS, "if known.target != own.target {", "if known.target.isEmpty {", AGREED,
    ),
    rule(
        "keys", "0", "Hosts with different keys share an account once both know the same owner.",
        TARGETS, "mark == nil || known.mark == nil || mark == known.mark ||",
        "mark == nil || known.mark == nil || known.mark != nil ||", AGREED,
    ),
    rule(
        "owners", "0", "Keys of different owners are different accounts.",
        TARGETS, "if let knownOwner = known.owner, let owner, knownOwner != owner {",
        "if let knownOwner = known.owner, let owner, knownOwner.isEmpty {", AGREED,
    ),
]
