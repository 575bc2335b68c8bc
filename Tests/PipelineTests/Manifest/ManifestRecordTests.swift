import SystemPackage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct ManifestRecordTests {
    // MARK: Folding

    @Test func `the last change of a path is what it says`() {
        let record = ManifestRecord(journal: [
            change(.uploaded, .entry("/a", 1)), change(.uploaded, .entry("/b", 2)),
            change(.removed, .entry("/a", 3, present: false)), change(.rejected, .rejected("/b", 4)),
        ])

        #expect(record.rows == ["/a": .entry("/a", 3, present: false), "/b": .rejected("/b", 4)])
        #expect(record.revision == 4)
    }

    @Test func `lines count in the order of their revisions, not of their places`() {
        let record = ManifestRecord(journal: [
            change(.removed, .entry("/a", 3, present: false)), change(.uploaded, .entry("/a", 1)),
        ])

        #expect(record.rows["/a"]?.revision == 3)
    }

    @Test func `a path that an entry moved away from is not shown, also once the journal was replaced`() {
        let told = ManifestRecord(journal: [
            change(.uploaded, .entry("/a", 1)), change(.renamed, .entry("/b", 2), movedFrom: "/a"),
        ])
        let replaced = ManifestRecord(journal: [
            change(.removed, .entry("/a", 2, present: false)), change(.uploaded, .entry("/b", 2)),
        ])

        #expect(told.rows == ["/a": .entry("/a", 2, present: false, shown: false), "/b": .entry("/b", 2)])
        #expect(replaced.rows == told.rows)
    }

    @Test func `of journal and snapshot, the one with the higher revision counts for a path`() {
        let record = ManifestRecord(
            journal: [change(.uploaded, .entry("/a", 5)), change(.uploaded, .entry("/b", 2))],
            snapshot: ManifestSnapshot(
                revision: 4,
                rows: [.rejected("/a", 1), .entry("/b", 4, present: false), .entry("/c", 3)]
            )
        )

        #expect(
            record.rows == ["/a": .entry("/a", 5), "/b": .entry("/b", 4, present: false), "/c": .entry("/c", 3)]
        )
        #expect(record.revision == 5)
    }

    @Test func `what a whole snapshot does not show is not shown, unless it came later`() {
        let journal = [
            change(.removed, .entry("/a", 1, present: false)), change(.uploaded, .entry("/late", 9)),
        ]

        let whole = ManifestRecord(journal: journal, snapshot: ManifestSnapshot(revision: 8, rows: []))
        let torn = ManifestRecord(journal: journal, snapshot: ManifestSnapshot(revision: 8, rows: [], unreadable: 1))

        #expect(whole.rows["/a"]?.shown == false && whole.rows["/late"]?.shown == true)
        #expect(torn.rows["/a"]?.shown == true)
    }

    @Test func `assets that a path showed are kept, each as it was last`() {
        let record = ManifestRecord(journal: [
            change(.uploaded, .entry("/a", 1)), change(.updated, .entry("/a", 2)),
            change(.rejected, .rejected("/a", 3)), change(.uploaded, .other("/a", 4)),
        ])

        #expect(record.assets.map(\.revision) == [2, 4])
    }

    // MARK: Reading

    @Test func `what was written is read back, whatever the path`() throws {
        let odd = FilePath(bytes: Array("/in/100%".utf8) + [0xE9, 0x0A])
        for row in [
            ManifestRow.entry("/in/100%/ü\"", 7), .entry("/in/x%FF.mp4", 7), .entry(odd, 8, present: false),
            .rejected(odd, 9),
        ] {
            let event: ManifestChange.Event = if case .entry = row.content { .renamed } else { .rejected }
            let change = ManifestChange(event: event, row: row, movedFrom: event == .renamed ? odd : nil)

            #expect(read(ManifestFormat.line(change)) == change)
        }
    }

    @Test func `a rejection that left is not shown`() {
        let line = ManifestFormat.line(change(.removed, .rejected("/a", 1, shown: false)))

        #expect(read(line)?.row == .rejected("/a", 1, shown: false))
    }

    @Test func `two paths that a person reads alike are two rows, in either file`() throws {
        let (composed, decomposed) = (FilePath("/in/caf\u{E9}.png"), FilePath("/in/cafe\u{301}.png"))
        let rows = [ManifestRow.entry(composed, 1), .entry(decomposed, 2)]
        let members = rows.map(ManifestFormat.member).joined(separator: ",")
        let text = "{\"schema\":1,\"revision\":2,\"entries\":{\(members)},\"rejected\":{}}"

        let snapshot = try #require(ManifestFormat.snapshot(Array(text.utf8)))
        let fromSnapshot = ManifestRecord(journal: [], snapshot: snapshot)
        let fromJournal = ManifestRecord(
            journal: rows.compactMap { read(ManifestFormat.line(change(.uploaded, $0))) }
        )

        #expect(fromSnapshot.rows == [composed: rows[0], decomposed: rows[1]])
        #expect(fromJournal.rows == fromSnapshot.rows)
    }

    @Test func `what an older version wrote of a path with a percent sign is that path`() throws {
        let line = ManifestFormat.line(change(.uploaded, .entry("/in/x%FF.mp4", 1)))
            .replacing("/in/x%25FF.mp4\"", with: "/in/x%FF.mp4\"").replacing("\"pathEncoding\":\"percent\",", with: "")

        #expect(read(line)?.row.path == "/in/x%FF.mp4")
    }

    @Test func `both files are read, with what a crash cut short passed over and what is damaged counted`() async throws
    {
        let folder = try TemporaryDirectory()
        let source = MemorySource()
        source.change(.uploaded) { .entry("/a", $0) }
        source.change(.rejected) { .rejected("/n", $0) }
        let plan = ManifestPlan(
            snapshot: folder.at("manifest.json"),
            journal: folder.at("manifest.ndjson"),
            interval: .zero,
            mode: [.ownerReadWrite]
        )
        let nothing = try ManifestRecord(reading: plan)?.revision
        #expect(nothing == nil)
        _ = try await SnapshotFile.write(plan, from: source)
        let line = ManifestFormat.line(change(.uploaded, .entry("/b", 3)))
        try folder.write("manifest.ndjson", line + "{\"revision\":4,\"ev\0\n" + line.prefix(100))

        let record = try #require(try ManifestRecord(reading: plan))

        #expect(record.rows == ["/a": .entry("/a", 1), "/b": .entry("/b", 3), "/n": .rejected("/n", 2)])
        #expect(record.revision == 3)
        #expect(record.unreadable == 1)

        try folder.write("manifest.json", "{\"schema\":1,")
        let torn = try #require(try ManifestRecord(reading: plan))
        #expect(Array(torn.rows.keys) == ["/b"] && torn.unreadable == 2)
    }

    private func read(_ line: String) -> ManifestChange? { ManifestFormat.change(ofLine: Array(line.utf8)[...]) }

    private func change(
        _ event: ManifestChange.Event,
        _ row: ManifestRow,
        movedFrom: FilePath? = nil
    ) -> ManifestChange {
        ManifestChange(event: event, row: row, movedFrom: movedFrom)
    }
}

extension ManifestRow {
    /// An entry of other bytes than ``entry(_:_:present:shown:)``.
    fileprivate static func other(_ path: FilePath, _ revision: Int64) -> ManifestRow {
        guard case .entry(var entry) = entry(path, revision).content else { return .rejected(path, revision) }
        entry.sha256 = digest(1)
        return ManifestRow(path: path, content: .entry(entry))
    }
}
