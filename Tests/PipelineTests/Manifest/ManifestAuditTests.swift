import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct ManifestAuditTests {
    private typealias Difference = ManifestAudit.Difference

    private func change(_ row: ManifestRow) -> ManifestChange { ManifestChange(event: row.standing, row: row) }

    /// Compares files of these rows with a ledger of these rows.
    private func differences(
        snapshot: [ManifestRow],
        at snapshotRevision: Int64,
        journal: [ManifestRow],
        ledger: [ManifestRow],
        at revision: Int64
    ) -> [Difference] {
        var audit = ManifestAudit(
            snapshot: ManifestSnapshot(revision: snapshotRevision, rows: snapshot),
            journal: journal.map(change)
        )
        audit.begin(ledgerAt: revision)
        for row in ledger { audit.take(row) }
        audit.end()
        return audit.differences
    }

    private let rows: [ManifestRow] = [.entry("/a", 1), .rejected("/b", 2), .entry("/c", 3, present: false)]

    @Test func `what agrees has no difference, and is counted`() {
        var audit = ManifestAudit(snapshot: ManifestSnapshot(revision: 3, rows: rows), journal: rows.map(change))
        audit.begin(ledgerAt: 3)
        for row in rows + [.entry("/left", 3, present: false, shown: false)] { audit.take(row) }
        audit.end()

        #expect(audit.differences == [])
        #expect(audit.entries == 2 && audit.rejected == 1)
    }

    @Test func `what the ledger alone knows is newer, and no difference`() {
        let now: [ManifestRow] = [.entry("/a", 5), .rejected("/b", 2), .entry("/new", 4)]

        #expect(differences(snapshot: rows, at: 3, journal: rows, ledger: now, at: 6) == [])
    }

    @Test func `a file that lacks a path, or has another revision of it, is told`() {
        let found = differences(
            snapshot: [.entry("/a", 1), .entry("/c", 3, present: false)],
            at: 3,
            journal: [.entry("/a", 1), .rejected("/b", 1), .entry("/c", 3, present: false)],
            ledger: rows,
            at: 3
        )

        #expect(
            found == [
                Difference(.snapshot, "it lacks the path", at: "/b"),
                Difference(.journal, "it has revision 1, and the ledger 2", at: "/b"),
            ]
        )
    }

    @Test func `other content under one revision is told`() {
        let other: [ManifestRow] = [.entry("/a", 1, present: false), .entry("/b", 2), .entry("/c", 3, present: false)]
        let found = differences(snapshot: other, at: 3, journal: rows, ledger: rows, at: 3)

        #expect(found.map(\.path) == ["/a", "/b"] && found.allSatisfy { $0.place == .snapshot })
        #expect(found.first?.reason == "it says otherwise than the ledger at revision 1")
    }

    @Test func `a path that the ledger does not show is told, unless it was forgotten since`() {
        let known: [ManifestRow] = [.entry("/a", 1), .rejected("/b", 2)]
        let reason = "it shows the path, and the ledger does not"

        #expect(
            differences(snapshot: rows, at: 3, journal: rows, ledger: known, at: 3)
                == [Difference(.snapshot, reason, at: "/c")]
        )
        #expect(differences(snapshot: rows, at: 3, journal: rows, ledger: known, at: 4) == [])
        let hidden: [ManifestRow] = [.entry("/a", 1, present: false, shown: false), .rejected("/b", 2), rows[2]]
        #expect(
            differences(snapshot: rows, at: 3, journal: rows, ledger: hidden, at: 3)
                == [Difference(.snapshot, reason, at: "/a"), Difference(.journal, reason, at: "/a")]
        )
    }

    @Test func `a ledger that is older than the manifest is told once`() {
        let found = differences(snapshot: rows, at: 3, journal: rows, ledger: Array(rows.prefix(2)), at: 2)

        #expect(
            found == [Difference(.ledger, "it is older than the manifest: it knows revision 2, and not 3")]
        )
    }

    @Test func `lines of others and revisions that do not ascend are told`() {
        let audit = ManifestAudit(
            snapshot: ManifestSnapshot(revision: 3, rows: [], unreadable: 1),
            journal: [change(.entry("/a", 2)), change(.entry("/b", 1))],
            unreadableLines: 2
        )

        #expect(audit.differences.map(\.place) == [.snapshot, .journal, .journal])
        #expect(audit.differences.last?.reason == "its revisions do not ascend")
    }

    // MARK: Reading

    @Test func `files are read with what may be wrong with them`() throws {
        let directory = try TemporaryDirectory()
        let plan = ManifestPlan(
            snapshot: directory.at("m.json"),
            journal: directory.at("m.ndjson"),
            interval: .zero,
            mode: [.ownerReadWrite]
        )
        #expect(try ManifestAudit(reading: plan)?.differences == nil)

        try directory.write("m.ndjson", ManifestFormat.line(change(.entry("/a", 1))) + "x\n" + #"{"revision":2,"ev"#)
        let alone = try #require(try ManifestAudit(reading: plan))
        #expect(alone.differences.map(\.reason) == ["it has 1 lines that Outtray does not write", "it is missing"])

        try directory.write("m.json", #"{"schema":1,"revision":1,"entries":{"#)
        #expect(throws: SnapshotDamage.self) { _ = try ManifestAudit(reading: plan) }
    }
}
