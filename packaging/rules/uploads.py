"""Rules about one try at a file, in the pipeline, the ledger and the account's index."""

from rule import rule

JOB, TRY = "Pipeline/Upload/UploadJob.swift", "Pipeline/Upload/UploadJob+Fleet.swift"
KNOWN, INDEX = "Pipeline/Upload/UploadJob+KnownBytes.swift", "Fleet/Contents/AccountIndex.swift"
SEAL = "Pipeline/Model/TicketSeal.swift"
JOBS = "PipelineTests.UploadJobFleetTests"
# Others of these tests would wait for what never comes.
SENT = f"{JOBS}/a content that another host sends"

HOLD = "let inUse = try await record(ticket, bytes, askedAt: .steady())\n"
LOST = 'throw ContentWait(cause: .sameBytes, reason: "another host has taken its bytes over")'

rules = [
    rule(
        "hash-first", "1", "In a fleet every file is hashed before it is asked for.",
        KNOWN, "if flight.hasCompany || account.index != nil {", "if flight.hasCompany {", SENT,
    ),
    rule(
        "claim-first", "2", "A content is claimed before its provider is asked.",
        KNOWN, "return try await claim(digest)", "return .goesUp(digest)", SENT,
    ),
    rule(
        "waits", "2", "A content that another host sends is not sent.",
        TRY, "case .waits(let cause, let reason): return .ended(.waitsForFleet(cause, reason: reason))",
        "case .waits: return .goesUp(digest)", SENT,
    ),
    rule(
        "ticket-in-row", "3", "A ticket stands in the claim before a byte goes with it.",
        JOB, HOLD + "        try await hold(ticket, for: content)\n", HOLD, JOBS,
    ),
    rule(
        "ticket-after-restart", "3", "A ticket of the own ledger stands in the claim before a byte goes with it.",
        JOB, "if shared == nil { try await hold(ticket, for: content) }", "", JOBS,
    ),
    rule(
        "claim-lost", "3", "Not a byte goes for a claim that is lost.", TRY, LOST, "return", JOBS,
    ),
    rule(
        "lost-ticket", "3", "A ticket of a claim that is lost is never used.",
        TRY, "try await account.durably { try await account.book.dropUpload(of: file) }\n", "\n", JOBS,
    ),
    rule(
        "claim-unknown", "3", "Not a byte goes while it is not known whether the claim holds the ticket.",
        TRY, "case .unknown(let reason): throw ContentWait(cause: .fleetUnreachable, reason: reason)",
        "case .unknown: return", JOBS,
    ),
    rule(
        "claim's-ticket", "3", "The claim's ticket goes before one of the own ledger.",
        JOB, "shared == nil || shared == ticket", "shared == nil || shared != nil", JOBS,
    ),
    rule(
        "refused-ticket", "3", "A ticket that the storage has refused gives way to a new one.",
        JOB, "content = content?.withoutTicket", "content = content.map { $0 }", JOBS,
    ),
    rule(
        "tickets-sealed", "3", "The database holds no ticket that can be read.",
        INDEX, "try account.seal.seal(ticket, for: content.sha256)", 'Array("\\(ticket)".utf8)',
        "FleetTests.AccountIndexTests",
    ),
    rule(
        "seal-of-content", "3", "A sealed ticket is one for its own content alone.",
        SEAL, "AES.GCM.seal(JSONEncoder().encode(ticket), using: key, authenticating: sha256.bytes)",
        "AES.GCM.seal(JSONEncoder().encode(ticket), using: key)", "PipelineTests.TicketSealTests",
        more=[(SEAL, "AES.GCM.open(box, using: key, authenticating: sha256.bytes)", "AES.GCM.open(box, using: key)")],
    ),
    rule(
        "digest-checked", "4", "Bytes that are not the claimed ones are no receipt of the content.",
        JOB, "guard await account.flights.publish(digest, of: flight.number), await !isKnown(digest) else {",
        "guard await !isKnown(digest) else {", JOBS,
        more=[(
            JOB, "if expected ?? digest == digest, await account.flights.publish(digest, of: flight.number) {",
            "if digest.bytes.count == 32 {",
        )],
    ),
    rule(
        "ledger-first", "5", "The ledger has an asset before the fleet is told.",
        JOB, "    private func complete(_ receipt: Receipt, _ digest: SHA256Digest) async throws {\n",
        "    private func complete(_ receipt: Receipt, _ digest: SHA256Digest) async throws {\n"
        "        let content = HeldContent(sha256: digest, fence: 0, ticket: nil)\n"
        "        account.index?.finish(content, size: file.size, receipt: receipt, at: .now())\n",
        JOBS,
    ),
    rule(
        "release-after-failure", "6", "A try that fails lets its claim go.",
        TRY, "of: file) }\n            index.release(content)\n", "of: file) }\n", JOBS,
    ),
    rule(
        "release-without-result", "6", "A try that ends without an asset lets its claim go.",
        TRY, "} else {\n                index.release(content)\n", "} else {\n                _ = index.sharers\n",
        JOBS,
    ),
    rule(
        "tickets-first", "7", "After a restart, files with a ticket come first.",
        "Ledger/Tables/FilesTable+Claim.swift", "f.entered, u.ticket IS NOT NULL FROM files f",
        "f.entered, 0 FROM files f", "LedgerTests.FleetBookTests",
    ),
]
