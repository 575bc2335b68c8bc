import GRDB
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Ledger

/// Which files are thought to be there, and what it costs to keep that.
@Suite struct PresenceTests {
    @Test func `an old ledger knows which files are there`() async throws {
        let folder = try TemporaryFolder()
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v19-sidecars")
        try await queue.write { db in
            for (path, state) in [("/in/up", "uploaded"), ("/in/left", "gone"), ("/in/waits", "queued")] {
                let head: Bindings = [FilePath(path).blob, state]
                try db.run(
                    """
                    INSERT INTO files (path, folder, account, state, reason, device, inode, size, modified, changed,
                        attempts, due, entered, updated)
                    VALUES (?, 'inbox', 'main', ?, '', ?, ?, ?, ?, ?, 0, 0, 1, 1)
                    """,
                    head + version(1).columns
                )
            }
        }
        try queue.close()

        let ledger = try folder.ledger()

        #expect(try await ledger.present(in: "inbox", after: nil, limit: 9) == ["/in/up", "/in/waits"])
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `a file is present in every state until it leaves, and again when it comes back`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        func isPresent() async throws -> Bool {
            try await !ledger.present(in: "inbox", after: nil, limit: 9).isEmpty
        }

        try await ledger.recordSettling([settling("/in/a")], at: at(1))
        #expect(try await isPresent())
        try await ledger.start(media("/in/a"))
        #expect(try await isPresent())
        try await ledger.upload(media("/in/a"))
        #expect(try await isPresent())
        try await ledger.recordGone(["/in/a"], at: at(3))
        #expect(try await !isPresent())
        #expect(try await ledger.state("/in/a") == .gone)
        try await ledger.recordSettling([settling("/in/a", 2)], at: at(4))
        #expect(try await isPresent())
    }

    @Test func `a file that left while it went up is not present`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        try await ledger.start(media("/in/a"))
        try await ledger.recordGone(["/in/a"], at: at(3))

        try await ledger.complete(media("/in/a"), provider: "p", sha256: digest(1), receipt: receipt("m1"), at: at(4))

        #expect(try await ledger.state("/in/a") == .gone)
        #expect(try await ledger.present(in: "inbox", after: nil, limit: 9).isEmpty)
    }

    @Test func `on a file's way to its entry no change of its state writes the index of present files`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        let statements = Mutex<Set<String>>([])
        try await ledger.database.writeWithoutTransaction { db in
            db.trace { event in
                guard case .statement(let statement) = event else { return }
                statements.withLock { _ = $0.insert(statement.sql) }
            }
        }
        try await ledger.recordSettling([settling("/in/a")], at: at(1))
        try await ledger.upload(media("/in/a"))

        let updates = statements.withLock { $0.filter { $0.hasPrefix("UPDATE files SET state") } }
        #expect(updates.count == 3, "queued, uploading, uploaded")
        for update in updates {
            let indexes = try await indexes(writtenBy: update, of: ledger)
            #expect(indexes.contains("files_state"), "the look itself: \(update)")
            #expect(!indexes.contains("files_present"), "\(update)")
        }
    }

    /// The indexes that the statement itself opens for writing, without its triggers.
    private func indexes(writtenBy statement: String, of ledger: SQLiteLedger) async throws -> Set<String> {
        try await ledger.database.read { db in
            let query = try db.makeStatement(sql: "EXPLAIN " + statement)
            query.setUncheckedArguments([])
            var roots: Set<Int64> = []
            // The programs of triggers follow, and count from 0 anew.
            for (index, row) in try Row.fetchAll(query).enumerated() {
                guard row["addr"] == Int64(index) else { break }
                if row["opcode"] == "OpenWrite" { roots.insert(row["p2"]) }
            }
            return try Set(
                Row.fetchAll(db, sql: "SELECT name, rootpage FROM sqlite_master WHERE type = 'index'")
                    .filter { roots.contains($0["rootpage"]) }.map { $0["name"] }
            )
        }
    }
}
