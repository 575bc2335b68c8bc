import Pipeline
import SystemPackage
import Testing
import Threads

@testable import Ledger

/// The copy of what all hosts of the fleet show.
@Suite struct FleetCopyTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger
    private let a = HostID()
    private let b = HostID()

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    private var hosts: [SharedHost] { [SharedHost(b, name: "b"), SharedHost(a, name: "a")] }

    private func place(_ revision: Int64) -> FleetPlace {
        FleetPlace(fleet: "f", revision: revision, mark: "m\(revision)")
    }

    private func entry(_ number: UInt8, _ revision: Int64, _ status: AssetStatus = .ready) -> ManifestRow.Content {
        .entry(
            ManifestEntry(
                folder: "inbox",
                kind: .image,
                mimeType: .jpeg,
                bytes: 10,
                sha256: digest(number),
                provider: "postbreeze",
                account: "main",
                receipt: receipt("m\(number)", status),
                present: true,
                uploadedAt: at(7),
                revision: revision
            )
        )
    }

    private func rejected(_ revision: Int64) -> ManifestRow.Content {
        .rejected(
            ManifestRejection(folder: "inbox", rejection: Rejection(.empty, "no bytes"), at: at(7), revision: revision)
        )
    }

    private func change(
        _ revision: Int64,
        _ event: ManifestChange.Event,
        _ path: FilePath,
        _ content: ManifestRow.Content?,
        of host: HostID? = nil,
        from: FilePath? = nil
    ) -> SharedChange {
        SharedChange(
            revision: revision,
            event: event,
            host: host ?? a,
            path: path,
            movedFrom: from,
            content: content,
            account: "brand-x"
        )
    }

    /// Shows an empty copy.
    private func begin(at revision: Int64 = 0) async throws {
        try await ledger.show(try await ledger.beginCopy(), of: hosts, at: place(revision))
    }

    private func rows(_ order: ManifestOrder = .section) async throws -> [String] {
        let rows = Mutex<[String]>([])
        try await ledger.manifestOfFleet.snapshot(by: order, start: { _ in }) { row in
            rows.withLock { $0.append("\(row.host ?? "?"):\(row.path) \(row.revision)") }
        }
        return rows.withLock { $0 }
    }

    private func lines() async throws -> [String] {
        try await ledger.manifestOfFleet.changes(after: 0, limit: 100).map { change in
            "\(change.revision) \(change.event.rawValue) \(change.row.host ?? "?"):\(change.row.path)"
        }
    }

    // MARK: Changes

    @Test func `changes lead from place to place, over a restart`() async throws {
        #expect(try await ledger.placeOfCopy() == nil)
        try await begin()
        let news = [change(1, .uploaded, "/in/1", entry(1, 1)), change(2, .uploaded, "/in/1", entry(2, 2), of: b)]
        try await ledger.take(news, of: hosts, upTo: place(2))
        try ledger.close()

        let next = try folder.ledger()

        #expect(try await next.placeOfCopy() == place(2))
        #expect(try await next.manifestOfFleet.revision() == 2)
        #expect(try await next.manifestOfFleet.rowCount() == 2)
    }

    @Test func `a path shows what its last change says, and the rows stand in both orders`() async throws {
        try await begin()
        let changes = [
            change(1, .uploaded, "/in/2", entry(1, 1)), change(2, .uploaded, "/in/1", entry(2, 2), of: b),
            change(3, .uploaded, "/in/1", entry(3, 3)), change(4, .rejected, "/in/0", rejected(4)),
            change(5, .uploaded, "/in/3", entry(5, 5)), change(6, .renamed, "/in/4", entry(5, 6), from: "/in/3"),
            change(7, .rejected, "/in/5", rejected(7)), change(8, .removed, "/in/5", rejected(8)),
            change(9, .forgotten, "/in/4", entry(5, 9)), change(10, .updated, "/in/2", entry(1, 10)),
        ]

        try await ledger.take(changes, of: hosts, upTo: place(10))

        #expect(try await rows() == ["a:/in/1 3", "a:/in/2 10", "b:/in/1 2", "a:/in/0 4"])
        #expect(try await rows(.revision) == ["b:/in/1 2", "a:/in/1 3", "a:/in/0 4", "a:/in/2 10"])
        #expect(try await lines().count == 10)
    }

    @Test func `an entry tells the fleet's name of its account, in both orders`() async throws {
        try await begin()
        try await ledger.take([change(1, .uploaded, "/in/1", entry(1, 1))], of: hosts, upTo: place(1))

        for order in [ManifestOrder.section, .revision] {
            let names = Mutex<[String]>([])
            try await ledger.manifestOfFleet.snapshot(by: order, start: { _ in }) { row in
                names.withLock { $0.append("\(row.path) \(row.fleetAccount ?? "none")") }
            }
            #expect(names.withLock { $0 } == ["/in/1 brand-x"], "\(order)")
        }
    }

    @Test func `a host that is taken out is told by what its paths showed`() async throws {
        try await begin()
        let shown = [change(1, .uploaded, "/in/1", entry(1, 1)), change(2, .rejected, "/in/2", rejected(2))]
        try await ledger.take(shown, of: hosts, upTo: place(2))
        let left = [SharedHost(b, name: "b"), SharedHost(a, name: "a", isForgotten: true)]
        let gone = [
            change(3, .forgotten, "/in/1", nil), change(4, .forgotten, "/in/2", nil),
            change(5, .forgotten, "/in/unknown", nil),
        ]

        try await ledger.take(gone, of: left, upTo: place(5))

        #expect(try await rows() == [])
        #expect(try await lines().suffix(2) == ["3 forgotten a:/in/1", "4 removed a:/in/2"])
        let last = try await ledger.manifestOfFleet.changes(after: 2, limit: 1).first
        guard case .entry(let entry)? = last?.row.content else {
            Issue.record("\(String(describing: last))")
            return
        }
        #expect(!entry.present && entry.receipt.mediaID == "m1" && entry.revision == 3)
    }

    @Test func `changes that the journal has are pruned`() async throws {
        try await begin()
        let news = (1...3).map { change($0, .uploaded, FilePath("/in/\($0)"), entry(1, $0)) }
        try await ledger.take(news, of: hosts, upTo: place(3))

        try await ledger.manifestOfFleet.pruneChanges(through: 2)

        #expect(try await ledger.manifestOfFleet.oldestChange() == 3)
        #expect(try await rows().count == 3)
    }

    // MARK: Leaving

    @Test func `a host that has left its fleet keeps its identity alone, whatever was under way`() async throws {
        let host = try await ledger.host()
        try await ledger.noteRevisionOfFleet(1)
        try await begin()
        let news = (1...3000).map { change($0, .uploaded, FilePath("/in/\($0)"), entry(1, $0)) }
        try await ledger.take(news, of: hosts, upTo: place(3000))
        let other = try await ledger.beginCopy()
        let row = SharedRow(host: a, path: "/in/x", content: entry(1, 1), account: nil)
        try await ledger.add([row], of: hosts, to: other)

        #expect(try await ledger.leaveFleet())
        #expect(try await ledger.placeOfCopy() == nil)
        var portions = 1
        while try await ledger.leaveFleet() { portions += 1 }

        #expect(portions > 2)
        for table in ["fleet_copy", "fleet_entries", "fleet_changes", "fleet_hosts"] {
            #expect(try await ledger.read { try $0.rows("SELECT * FROM \(table)").isEmpty }, "\(table)")
        }
        #expect(try await ledger.host() == host)
        #expect(try await ledger.revisionOfFleet() == nil)
    }

    @Test func `a host that comes back while its copy goes makes another one, in another numbering`() async throws {
        _ = try await ledger.host()
        try await begin()
        try await ledger.take([change(1, .uploaded, "/in/1", entry(1, 1))], of: hosts, upTo: place(1))
        try await ledger.manifestOfFleet.noteJournal(of: 1)
        #expect(try await ledger.leaveFleet())

        while try await ledger.clearCopies() {}
        let copy = try await ledger.beginCopy()
        let row = SharedRow(host: a, path: "/in/2", content: entry(2, 2), account: "brand-x")
        try await ledger.add([row], of: hosts, to: copy)
        try await ledger.show(copy, of: hosts, at: place(2))

        #expect(try await rows() == ["a:/in/2 2"])
        let numbering = try await ledger.manifestOfFleet.numbering()
        #expect(numbering.now != numbering.ofJournal)
        #expect(try await ledger.manifestOfFleet.oldestChange() == nil)
    }

    // MARK: Another copy

    @Test func `another copy is shown once it is whole, in another numbering`() async throws {
        try await begin()
        try await ledger.take([change(1, .uploaded, "/in/1", entry(1, 1))], of: hosts, upTo: place(1))
        let source = ledger.manifestOfFleet
        #expect(try await source.numbering() == ManifestNumbering(now: 1, ofJournal: 0))
        try await source.noteJournal(of: 1)

        let other = try await ledger.beginCopy()
        let row = SharedRow(host: b, path: "/in/9", content: entry(9, 1), account: "brand-x")
        try await ledger.add([row], of: hosts, to: other)
        #expect(try await rows() == ["a:/in/1 1"])
        #expect(try await ledger.assetInCopy(account: "brand-x", digest(9), size: 10) == nil)

        try await ledger.show(other, of: [SharedHost(b, name: "b")], at: place(1))
        #expect(try await rows() == ["b:/in/9 1"])
        #expect(try await lines() == [])
        #expect(try await source.numbering() == ManifestNumbering(now: 2, ofJournal: 1))
        while try await ledger.clearCopies() {}
        #expect(try await ledger.read { try $0.rows("SELECT * FROM fleet_entries").count } == 1)
        #expect(try await ledger.read { try $0.rows("SELECT * FROM fleet_hosts").count } == 1)
    }

    @Test func `a copy that was broken off is cleared, and its number is not used again`() async throws {
        try await begin()
        let broken = try await ledger.beginCopy()
        let row = SharedRow(host: a, path: "/in/1", content: entry(1, 1), account: nil)
        try await ledger.add([row], of: hosts, to: broken)

        #expect(try await ledger.beginCopy() > broken)
        while try await ledger.clearCopies() {}

        #expect(try await ledger.read { try $0.rows("SELECT * FROM fleet_entries").isEmpty })
    }

    // MARK: Assets

    @Test func `a content is known by account, digest and size, and not if it failed`() async throws {
        try await begin()
        let news = [
            change(1, .uploaded, "/in/1", entry(1, 1)), change(2, .uploaded, "/in/2", entry(2, 2, .failed)),
        ]
        try await ledger.take(news, of: hosts, upTo: place(2))

        let known = try await ledger.assetInCopy(account: "brand-x", digest(1), size: 10)
        #expect(known == SharedAsset(receipt: receipt("m1"), host: "a", uploadedAt: at(7)))
        #expect(try await ledger.assetInCopy(account: "brand-x", digest(1), size: 11) == nil)
        #expect(try await ledger.assetInCopy(account: "other", digest(1), size: 10) == nil)
        #expect(try await ledger.assetInCopy(account: "brand-x", digest(2), size: 10) == nil)
    }
}
