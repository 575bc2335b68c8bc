import GRDB
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

/// The ledger's size follows the files that there are and the entries that are shown.
@Suite(.timeLimit(.minutes(5))) struct LedgerSizeTests {
    private let ledger: SQLiteLedger

    init() throws { ledger = try SQLiteLedger(inMemory: quiet) }

    /// Rows of all tables but those that hold as many as the configuration asks for, and the steps, which have
    /// bounds of their own (`StepsTests`).
    private func rows() async throws -> [String: Int] {
        let fixed = [
            "counters", "grdb_migrations", "accounts", "steps", "account_keys", "account_names", "folders",
            "sqlite_sequence", "tallies",
        ]
        return try await ledger.read { db in
            let names = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
            let counts = try names.map { ($0, try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\($0)\"") ?? 0) }
            return Dictionary(uniqueKeysWithValues: counts.filter { !fixed.contains($0.0) && $0.1 > 0 })
        }
    }

    @Test func `thousands of renames leave one file, one entry and the newest thousand old names`() async throws {
        try await ledger.upload(media("/in/0"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)

        for number in 1...2000 {
            let (old, new) = (FilePath("/in/\(number - 1)"), FilePath("/in/\(number)"))
            try await ledger.record([.gone(old), .settling(settling(new))], at: at(6))
            try await ledger.start(media(new))
            try await ledger.reuse(asset, for: media(new), movedFrom: old, at: at(6))
        }
        try await ledger.pruneChanges(through: try await ledger.revision())

        #expect(try await rows() == ["files": 1, "assets": 1, "manifest": 1001])
        #expect(try await ledger.rowCount() == 1001)
        #expect(try await ledger.row(of: "/in/1999")?.shown == false)
        #expect(try await ledger.row(of: "/in/999") == nil)
        #expect(try await ledger.entry("/in/2000")?.present == true)
    }

    @Test func `sidecars leave nothing when they and their file are gone`() async throws {
        for number: Int64 in 0..<3 {
            try await ledger.noteSidecar(found("/in/a.txt", number), at: at(1))
            try await ledger.upload(media("/in/a.jpg", number), UInt8(number))
        }
        try await ledger.recordGone(["/in/a.jpg", "/in/a.txt"], at: at(2))
        _ = try await ledger.forget(["/in/a.jpg"], at: at(3))
        try await ledger.pruneChanges(through: try await ledger.revision())

        #expect(try await rows()["sidecars"] == nil)
        #expect(try await rows()["changes"] == nil)
    }

    /// So that the entry goes along where the same inode is found under another name.
    @Test func `a file that left is known in its version while its path shows an entry`() async throws {
        try await ledger.upload(media("/in/up"))
        try await ledger.start(media("/in/late", 2))
        try await ledger.start(media("/in/never", 3))

        try await ledger.recordGone(["/in/up", "/in/late", "/in/never"], at: at(6))
        try await ledger.complete(
            media("/in/late", 2),
            provider: "p",
            sha256: digest(2),
            receipt: receipt("m2"),
            at: at(7)
        )
        try await ledger.tidy(at: at(200_000_000))

        #expect(try await ledger.record(of: "/in/up")?.version == version(1))
        #expect(try await ledger.record(of: "/in/late")?.version == version(2))
        #expect(try await ledger.counts() == [.gone: 2])
        #expect(try await ledger.entry("/in/late")?.present == false)
    }

    @Test func `files that come, are rejected and leave do not stay`() async throws {
        for number in 1...3000 {
            let path = FilePath("/in/\(number)")
            try await ledger.reject(found(path), tooLarge, at: at(1))
            try await ledger.recordGone([path], at: at(2))
        }
        try await ledger.pruneChanges(through: try await ledger.revision())

        #expect(try await rows() == ["manifest": 1000])
    }

    @Test func `where more entries are shown, as many old names are kept`() async throws {
        for number in 0..<1200 {
            let path = FilePath("/in/\(number)")
            try await ledger.start(media(path))
            let receipt = receipt("\(number)")
            try await ledger.complete(media(path), provider: "p", sha256: digest(1), receipt: receipt, at: at(5))
        }
        for number in 0..<1500 {
            let path = FilePath("/out/\(number)")
            try await ledger.reject(found(path), tooLarge, at: at(1))
            try await ledger.recordGone([path], at: at(2))
        }

        #expect(try await ledger.rowCount() == 2400)
    }

    @Test func `rows are counted right whatever becomes of them`() async throws {
        try await ledger.upload(media("/in/a"))
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.reject(found("/in/b"), tooLarge, at: at(1))
        try await ledger.recordGone(["/in/b"], at: at(2))
        try await ledger.reject(found("/in/b"), tooLarge, at: at(3))
        try await ledger.start(media("/in/c"))
        try await ledger.reuse(asset, for: media("/in/c"), movedFrom: "/in/a", at: at(4))
        try await ledger.reject(found("/in/c", 2), tooLarge, at: at(5))

        let counted = try await ledger.read { db in (try db.value(of: "shown"), try db.value(of: "hidden")) }
        #expect(counted == (2, 1))
    }

    @Test func `an upload whose file left is found by the bytes' new name, and kept for a day`() async throws {
        let day: Int64 = 86_400_000
        let ticket = Ticket(receipt: receipt("m1"), pieces: [])
        for (path, number) in [(FilePath("/in/a"), Int64(1)), ("/in/b", 2)] {
            let file = media(path, number)
            try await ledger.start(file)
            try await ledger.recordTicket(ticket, of: file, at: at(2))
            try await ledger.recordGone([path], at: at(3))
        }
        #expect(try await rows() == ["uploads": 2])

        let moved = media("/in/moved").after(change: 1)
        try await ledger.start(moved)
        #expect(try await ledger.upload(of: moved)?.ticket == ticket)
        try await ledger.start(media("/in/c", 3))
        try await ledger.beginUpload(of: media("/in/c", 3), at: at(2 + day))
        try await ledger.forgetOld(at: at(2 + day))
        #expect(try await rows()["uploads"] == 3)
        try await ledger.forgetOld(at: at(3 + day))

        #expect(try await rows()["uploads"] == 2)
    }
}
