import Foundation
import GRDB
import Glibc
import Pipeline
import SystemPackage
import Testing

@testable import Ledger

@Suite struct SQLiteLedgerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `commits wait for the disk, in WAL mode, with foreign keys`() async throws {
        let ledger = try folder.ledger()

        let pragmas = try await ledger.database.writeWithoutTransaction { db in
            try ["synchronous", "journal_mode", "foreign_keys", "busy_timeout"].map {
                try DatabaseValue.fetchOne(db, sql: "PRAGMA \($0)")?.description
            }
        }

        // 2 is FULL.
        #expect(pragmas == ["2", "\"wal\"", "1", "5000"])
    }

    @Test func `nobody else may read the database, its log and its index, whatever the umask`() async throws {
        let before = umask(0)
        defer { umask(before) }

        let ledger = try folder.ledger()
        try await ledger.enqueue(media("/in/a"), at: at(1))

        for name in ["outtray.db", "outtray.db-wal", "outtray.db-shm"] {
            #expect(try folder.mode(of: name) == 0o600, "\(name)")
        }
    }

    @Test func `an empty file that others may read becomes a ledger that they may not`() async throws {
        try folder.write([])
        chmod(folder.database.string, 0o644)

        let ledger = try folder.ledger()

        #expect(try await ledger.revision() == 0)
        #expect(try folder.mode(of: "outtray.db") == 0o600)
    }

    @Test func `what was written is there after closing and opening again`() async throws {
        let first = try folder.ledger()
        try await first.upload(media("/in/a"))
        try first.close()

        let second = try folder.ledger()

        #expect(try await second.state("/in/a") == .uploaded)
        #expect(try await second.entry("/in/a")?.receipt == receipt("m1"))
    }

    @Test func `closing leaves one file with all that was written, its seal, and no log`() async throws {
        let ledger = try folder.ledger()
        try await ledger.enqueue(media("/in/a"), at: at(1))
        _ = try await ledger.counts()

        try ledger.close()

        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path.string).sorted() == [
                "outtray.db", "outtray.db-seal",
            ]
        )
    }

    @Test func `a second opener reads and writes beside the first`() async throws {
        let (first, second) = (try folder.ledger(), try folder.ledger())

        try await first.enqueue(media("/in/a"), at: at(1))
        try await second.enqueue(media("/in/b"), at: at(1))

        #expect(try await first.counts() == [.queued: 2])
        #expect(try await second.counts() == [.queued: 2])
    }

    @Test(.timeLimit(.minutes(5)))
    func `a write waits until another process's transaction is through`() async throws {
        let ledger = try folder.ledger()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.database.string, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }

        async let write: Void = ledger.enqueue(media("/in/a"), at: at(1))
        try await other.writeWithoutTransaction { try $0.commit() }
        try await write

        #expect(try await ledger.state("/in/a") == .queued)
    }

    @Test func `a closed ledger says so`() async throws {
        let ledger = try folder.ledger()
        try ledger.close()

        await expect(.closed) { try await ledger.enqueue(media("/in/a"), at: at(1)) }
        await expect(.closed) { _ = try await ledger.counts() }
    }

    @Test func `a ledger of a newer version is refused and left as it is`() async throws {
        try folder.ledger().close()
        let other = try DatabaseQueue(path: folder.database.string)
        try await other.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v999')") }
        try other.close()
        let before = try folder.bytes()

        await expect(.newerSchema, saying: "newer version") { _ = try folder.ledger() }
        #expect(try folder.bytes() == before)
    }

    /// GRDB makes its own table first, in a commit of its own.
    @Test func `a ledger whose first start was killed before its first table goes on`() async throws {
        let begun = try DatabaseQueue(path: folder.database.string)
        try await begun.write {
            try $0.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        }
        try begun.close()

        try await folder.ledger().enqueue(media("/in/a"), at: at(1))
    }

    @Test func `another program's database is refused and left as it is`() async throws {
        let other = try DatabaseQueue(path: folder.database.string)
        try await other.write { try $0.execute(sql: "CREATE TABLE theirs (id INTEGER)") }
        try other.close()
        let before = try folder.bytes()

        await expect(.cannotOpen, saying: "another program") { _ = try folder.ledger() }
        #expect(try folder.bytes() == before)
    }

    @Test(arguments: [0..<100, 8192..<12288])
    func `a damaged file is refused and left as it is`(damage: Range<Int>) async throws {
        let ledger = try folder.ledger()
        for number in 0..<50 { try await ledger.enqueue(media(FilePath("/in/\(number)")), at: at(1)) }
        try ledger.close()
        var bytes = try folder.bytes()
        bytes.replaceSubrange(damage, with: Array(repeating: 0xAA, count: damage.count))
        try folder.write(bytes)

        await expect(.corrupt, saying: "is damaged") { _ = try folder.ledger() }
        #expect(try folder.bytes() == bytes)
    }

    @Test func `an index that does not fit its table is damage, though SQLite's quick check passes`() async throws {
        let ledger = try folder.ledger()
        try await ledger.enqueue(media("/in/abc"), at: at(1))
        let root = try await ledger.read { db in
            try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_files_1'") ?? 0
        }
        try ledger.close()
        var bytes = try folder.bytes()
        let page = (root - 1) * 4096..<root * 4096
        let place = try #require(bytes[page].firstRange(of: Array("/in/abc".utf8)))
        bytes[place.upperBound - 1] = UInt8(ascii: "d")
        try folder.write(bytes)
        let quick = try await DatabaseQueue(path: folder.database.string).read { db in
            try String.fetchOne(db, sql: "PRAGMA quick_check")
        }
        #expect(quick == "ok")

        await expect(.corrupt, saying: "(row 1 missing from index sqlite_autoindex_files_1)") {
            _ = try folder.ledger()
        }
        #expect(try folder.bytes() == bytes)
    }

    @Test func `what a killed process left in the log is not moved into a damaged file`() async throws {
        let first = try folder.ledger()
        try await first.upload(media("/in/a"))
        try first.close()
        let ledger = try folder.ledger()
        let root = try await ledger.read { db in
            try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'assets'") ?? 0
        }
        try await ledger.enqueue(media("/in/b"), at: at(1))
        // As a kill leaves them: the log has what the file lacks.
        let files = ["outtray.db", "outtray.db-wal"].map { folder.path.appending($0).string }
        let copies = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        try ledger.close()
        for (file, copy) in zip(files, copies) { try copy.write(to: URL(fileURLWithPath: file)) }
        var bytes = try folder.bytes()
        bytes.replaceSubrange((root - 1) * 4096..<root * 4096, with: Array(repeating: 0xAA, count: 4096))
        try folder.write(bytes)
        #expect(copies[1].count > 4096)

        await expect(.corrupt, saying: "check --repair") { _ = try folder.ledger() }

        #expect(try folder.bytes() == bytes)
        #expect(try Data(contentsOf: URL(fileURLWithPath: files[1])) == copies[1])
    }

    @Test func `a missing state directory is told by name`() async throws {
        let missing = folder.path.appending("missing")

        await expect(.cannotOpen, saying: "missing/outtray.db") {
            _ = try SQLiteLedger(directory: missing, logger: quiet)
        }
    }

    @Test func `a full disk is told as such, and writing goes on when there is room again`() async throws {
        let ledger = try folder.ledger()
        let pages = try await ledger.database.writeWithoutTransaction { db in
            try Int.fetchOne(db, sql: "PRAGMA max_page_count = 1")
        }
        #expect(pages != nil)

        await expect(.full, saying: "no room") {
            for number in 0..<500 { try await ledger.enqueue(media(FilePath("/in/\(number)")), at: at(1)) }
        }
        try await ledger.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        try await ledger.enqueue(media("/in/last"), at: at(1))

        #expect(try await ledger.state("/in/last") == .queued)
    }

    @Test func `a file that was removed, or replaced by another one, is neither written nor read any more`()
        async throws
    {
        let ledger = try folder.ledger()
        try await ledger.enqueue(media("/in/a"), at: at(1))
        let kept = folder.path.appending("kept.db").string
        #expect(rename(folder.database.string, kept) == 0)

        await expect(.replaced, saying: "was removed") { try await ledger.enqueue(media("/in/b"), at: at(1)) }
        try folder.write([])
        await expect(.replaced, saying: "is another file") { try await ledger.enqueue(media("/in/b"), at: at(1)) }
        // A read connection that is opened by now would be one to the other file.
        await expect(.replaced) { _ = try await ledger.counts() }

        #expect(rename(kept, folder.database.string) == 0)
        try await ledger.enqueue(media("/in/b"), at: at(1))
        #expect(try await ledger.counts() == [.queued: 2])
    }

    @Test func `the ledger in memory works the same`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)

        try await ledger.upload(media("/in/a"))

        #expect(try await ledger.rows().rows.map(\.path) == ["/in/a"])
    }

    @Test func `a ledger of the first version is brought up to date, and its queue goes on`() async throws {
        let first = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(first, upTo: "v1")
        try first.close()

        let ledger = try folder.ledger()
        try await ledger.enqueue(media("/in/a"), at: at(1))

        #expect(try await ledger.claim(account: "main", .smallest, at: at(1)).map(\.file.path) == ["/in/a"])
    }

    @Test func `a claim reads its rows in the order of an index, however many are queued`() async throws {
        let ledger = try folder.ledger()

        let plans = try await ledger.read { db in
            try [(FilesTable.oldestDue(), 3), (FilesTable.smallestDue(), 1)].map { query, count in
                let arguments = StatementArguments(Array(repeating: 1, count: count))
                let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(query)", arguments: arguments)
                return plan.map { $0["detail"] as String }
            }
        }

        let slots = "SEARCH files USING INDEX files_slots (account=? AND <expr>=?)"
        #expect(plans == [[slots], ["SEARCH files USING INDEX files_size (account=?)"]])
    }

    private func expect(
        _ kind: LedgerError.Kind,
        saying words: String = "",
        _ body: () async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await body()
            Issue.record("no error", sourceLocation: sourceLocation)
        } catch let error as LedgerError {
            #expect(error.kind == kind, sourceLocation: sourceLocation)
            #expect(words.isEmpty || error.reason.contains(words), sourceLocation: sourceLocation)
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }
}
