import Pipeline
import SystemPackage
import Testing

@testable import Ledger

@Suite struct FleetBookTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger
    private let main = ConfiguredAccount.named("main")

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    // MARK: Who the host is

    @Test func `a host keeps its identity over a restart, until it gets another one`() async throws {
        let host = try await ledger.host()
        #expect(HostID(host.text) == host)
        try ledger.close()

        let next = try folder.ledger()
        #expect(try await next.host() == host)
        let renewed = try await next.renewHost()
        #expect(renewed != host)
        #expect(try await next.host() == renewed)
    }

    @Test func `a host with another identity has told the fleet nothing`() async throws {
        _ = try await ledger.host()
        try await ledger.noteRevisionOfFleet(7)
        #expect(try await ledger.revisionOfFleet() == 7)

        _ = try await ledger.renewHost()

        #expect(try await ledger.revisionOfFleet() == nil)
    }

    @Test func `a host of no fleet has no row, and leaves none`() async throws {
        try await ledger.noteRevisionOfFleet(nil)

        #expect(try await ledger.leaveFleet() == false)
        #expect(try await ledger.read { try $0.rows("SELECT * FROM fleet").isEmpty })
    }

    // MARK: Changes for the fleet

    @Test func `changes that the fleet lacks are kept, others are pruned`() async throws {
        for number in 1...5 { try await ledger.reject(found(FilePath("/in/\(number)")), tooLarge, at: at(1)) }
        _ = try await ledger.host()
        try await ledger.noteRevisionOfFleet(2)

        try await ledger.pruneChanges(through: 4)

        #expect(try await ledger.oldestChange() == 3)
        #expect(try await ledger.changesForFleet(after: 2, limit: 9, [main])?.map(\.change.revision) == [3, 4, 5])
        #expect(try await ledger.changesForFleet(after: 1, limit: 9, [main]) == nil)
        try await ledger.noteRevisionOfFleet(5)
        try await ledger.pruneChanges(through: 5)
        #expect(try await ledger.oldestChange() == nil)
        #expect(try await ledger.changesForFleet(after: 5, limit: 9, [main])?.isEmpty == true)
    }

    @Test func `while all rows are compared, changes are kept, and the fleet counts as having none`() async throws {
        for number in 1...5 { try await ledger.reject(found(FilePath("/in/\(number)")), tooLarge, at: at(1)) }
        _ = try await ledger.host()
        try await ledger.keepChangesForFleet(after: 3)

        try await ledger.pruneChanges(through: 5)

        #expect(try await ledger.revisionOfFleet() == nil)
        #expect(try await ledger.oldestChange() == 4)
        try await ledger.noteRevisionOfFleet(nil)
        try await ledger.pruneChanges(through: 5)
        #expect(try await ledger.oldestChange() == nil)
    }

    @Test func `a fleet that is far behind does not keep changes for ever`() async throws {
        try await ledger.write { db in
            for _ in 0..<4100 {
                let revision = try db.next("revision")
                try db.run(
                    "INSERT INTO changes (revision, event, path, content) VALUES (?, 'removed', x'2f61', '{}')",
                    [revision]
                )
            }
        }
        _ = try await ledger.host()
        try await ledger.noteRevisionOfFleet(0)

        try await ledger.pruneChanges(through: 4096)
        #expect(try await ledger.oldestChange() == 1)
        try await ledger.pruneChanges(through: 4097)
        #expect(try await ledger.oldestChange() == 4098)
    }

    @Test func `an entry that shows the asset of another account of the same name is told as such`() async throws {
        try await ledger.upload(media("/in/a"), 1)
        let other = ConfiguredAccount(name: "main", identity: .at("https://other.example"))
        _ = try await ledger.adopt([other], folders: nil, at: at(2))

        #expect(try await ledger.changesForFleet(after: 0, limit: 9, [main])?.map(\.isOfAccount) == [true])
        #expect(try await ledger.changesForFleet(after: 0, limit: 9, [other])?.map(\.isOfAccount) == [false])
        #expect(try await ledger.rowsForFleet(after: nil, limit: 9, [main]).rows.map(\.isOfAccount) == [true])
        #expect(try await ledger.rowsForFleet(after: nil, limit: 9, [other]).rows.map(\.isOfAccount) == [false])
    }

    @Test func `rows are told a page at a time, in the order of their bytes, with the newest revision`() async throws {
        for name in ["b", "Z", "a"] { try await ledger.upload(media(FilePath("/in/\(name)")), 1) }

        let first = try await ledger.rowsForFleet(after: nil, limit: 2, [main])
        let second = try await ledger.rowsForFleet(after: first.rows.last?.row.path, limit: 2, [main])

        #expect(first.rows.map(\.row.path) == ["/in/Z", "/in/a"])
        #expect(second.rows.map(\.row.path) == ["/in/b"])
        #expect(first.revision == 3)
    }

    // MARK: Adopting

    private func theirs(_ status: AssetStatus = .ready) -> SharedAsset {
        SharedAsset(receipt: Receipt(mediaID: "theirs", status: status), host: "ingest-2", uploadedAt: at(5))
    }

    private let sha256 = SHA256Digest(bytes: Array(repeating: 9, count: 32))

    private func adopt(_ file: MediaFile, leaving: AfterUpload = .keep, _ status: AssetStatus = .ready) async throws {
        try await ledger.book(of: "main").adopt(
            theirs(status),
            sha256: sha256,
            for: file,
            provider: "postbreeze",
            leaving: leaving,
            at: at(9)
        )
    }

    @Test func `an adopted asset is known from then on, and its entry tells when it went up`() async throws {
        try await ledger.start(media("/in/a"))

        try await adopt(media("/in/a"))

        guard case .entry(let entry)? = try await ledger.row(of: "/in/a")?.content else {
            return #expect(Bool(false), "no entry")
        }
        #expect(entry.receipt == theirs().receipt)
        #expect(entry.uploadedAt == at(5))
        #expect(try await ledger.record(of: "/in/a")?.state == .uploaded)
        let known = try await ledger.book(of: "main").asset(size: media("/in/a").size, sha256: sha256)
        #expect(known?.isProven == true)
        #expect(try await ledger.changesForFleet(after: 0, limit: 9, [main])?.map(\.isOfAccount) == [true])
    }

    @Test func `an asset that is being processed is looked at here, too`() async throws {
        try await ledger.start(media("/in/a"))

        try await adopt(media("/in/a"), .processing)

        let due = try await ledger.book(of: "main").processing(at: at(9), limit: 9)
        #expect(due.map(\.receipt.mediaID) == ["theirs"])
    }

    @Test func `a file that has another version by now adopts nothing`() async throws {
        try await ledger.start(media("/in/a"))
        try await ledger.recordSettling([settling("/in/a", 2)], at: at(2))

        try await adopt(media("/in/a"))

        #expect(try await ledger.row(of: "/in/a") == nil)
        #expect(try await ledger.record(of: "/in/a")?.state == .settling)
    }

    // MARK: Waiting

    @Test func `files that wait for a content are due at once when it is released, and no others`() async throws {
        for name in ["same", "fleet", "other"] { try await ledger.start(media(FilePath("/in/\(name)"))) }
        let later = at(900_000)
        try await ledger.postpone(media("/in/same"), Postponement(.sameBytes, reason: "", due: later))
        try await ledger.postpone(media("/in/fleet"), Postponement(.fleetUnreachable, reason: "", due: later))
        try await ledger.postpone(media("/in/other"), Postponement(.retry, reason: "", due: later))

        try await ledger.release(["/in/same", "/in/fleet", "/in/other", "/in/unknown"])

        let claimed = try await ledger.claim(account: "main", .oldest(9), at: at(2)).map(\.file.path)
        #expect(Set(claimed) == ["/in/same", "/in/fleet"])
    }

    @Test func `after a restart, files with a ticket come first, in their order`() async throws {
        for name in ["1", "2", "3", "4"] { try await ledger.start(media(FilePath("/in/\(name)"))) }
        for name in ["2", "4"] {
            let file = media(FilePath("/in/\(name)"))
            try await ledger.beginUpload(of: file, at: at(2))
            try await ledger.recordTicket(Ticket(receipt: receipt(name), pieces: []), of: file, at: at(2))
        }
        try ledger.close()
        let next = try folder.ledger()

        try await next.recover(at: at(9))

        let claimed = try await next.claim(account: "main", .oldest(9), at: at(9)).map(\.file.path)
        #expect(claimed == ["/in/2", "/in/4", "/in/1", "/in/3"])
        #expect(try await next.waiting(after: .min, limit: 9).map(\.path) == claimed)
    }
}
