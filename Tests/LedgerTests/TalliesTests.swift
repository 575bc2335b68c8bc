import GRDB
import Pipeline
import SystemPackage
import TestSupport
import Testing

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct TalliesTests {
    private static let counted = """
        SELECT state, ifnull(cause, ''), ifnull(folder, ''), ifnull(account, ''), count(*), sum(size)
        FROM files GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """
    private static let tallied = "SELECT * FROM tallies WHERE files <> 0 OR bytes <> 0 ORDER BY 1, 2, 3, 4"

    /// The calls of the ledger's model; the triggers have to keep up with each statement that they run.
    @Test(arguments: [11, UInt64.random(in: 12 ... .max)])
    func `the tallies are what a count would say, whatever happens`(seed: UInt64) async throws {
        print("tallies: seed \(seed)")
        let ledger = try SQLiteLedger(inMemory: quiet)
        var (model, random) = (LedgerModel(), SeededGenerator(seed: seed))
        for step in 0..<300 {
            try await LedgerModelTests().call(step, ledger, &model, &random)
            let (counted, tallied) = try ledger.database.read { db in
                (try Row.fetchAll(db, sql: Self.counted), try Row.fetchAll(db, sql: Self.tallied))
            }
            #expect(
                counted.map { Array($0.databaseValues) } == tallied.map { Array($0.databaseValues) },
                "step \(step)"
            )
        }
        #expect(try await ledger.tallies().reduce(0) { $0 + $1.files } > 0)
    }

    @Test func `the longest wait of each group is told, since its first step`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        for (index, name) in ["a", "b", "c"].enumerated() {
            try await ledger.enqueue(media(FilePath("/in/\(name)")), at: at(Int64(index + 1) * 100))
        }
        try await ledger.recordSettling([settling("/in/d", 4)], at: at(500))
        let waits = try await ledger.waits().oldest

        #expect(waits[StoredWait(account: "main", state: .queued, cause: nil)] == at(100))
        #expect(waits.first { $0.key.state == .settling }?.value == at(500))
        #expect(waits.count == 2)
    }

    private func walk(_ ledger: SQLiteLedger, _ query: FileQuery) async throws -> [FilePath] {
        var query = query
        var paths: [FilePath] = []
        repeat {
            let page = try await ledger.page(query)
            #expect(page.files.count <= query.limit)
            paths += page.files.map(\.path)
            query.after = page.next
        } while query.after != nil
        return paths
    }

    @Test func `pages have each file once, by state, cause, folder, account and text`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        for number in 0..<50 {
            let path = FilePath("/in/\(number % 2 == 0 ? "even" : "odd")-\(number)")
            let account = number % 5 == 0 ? "other" : "main"
            try await ledger.enqueue(media(path, account: account, folder: number < 10 ? "first" : "rest"), at: at(1))
        }
        try await ledger.reject(found("/in/odd-1"), Rejection(.empty, "it is empty"), at: at(2))
        for limit in [1, 7, 50, 100] {
            var query = FileQuery(limit: limit)
            #expect(Set(try await walk(ledger, query)).count == 50)
            #expect(try await walk(ledger, query).count == 50)
            query.state = .rejected
            #expect(try await walk(ledger, query) == ["/in/odd-1"])
            query.state = .queued
            query.text = "even"
            #expect(try await walk(ledger, query).count == 25)
            query.folder = "first"
            #expect(try await walk(ledger, query).count == 5)
            query = FileQuery(limit: limit)
            query.account = "other"
            #expect(try await walk(ledger, query).count == 10)
            query = FileQuery(limit: limit)
            query.waits = ["main", "other"].map { StoredWait(account: $0, state: .queued, cause: nil) }
            let waiting = try await walk(ledger, query)
            #expect(Set(waiting).count == 49 && waiting.count == 49)
            query.waits = []
            #expect(try await walk(ledger, query).isEmpty)
        }
    }

    @Test func `files that were recovered stand before all others, and no page misses them`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        for number in 1...2 as ClosedRange<Int64> {
            let file = media(FilePath("/in/\(number)"), number)
            try await ledger.start(file)
            try await ledger.recordTicket(Ticket(receipt: receipt("m"), pieces: []), of: file, at: at(2))
        }
        // Each takes the places before the first one.
        for _ in 0..<3 {
            try await ledger.recover(at: at(3))
            _ = try await ledger.claim(account: "main", .oldest(9), at: at(4))
        }
        try await ledger.recover(at: at(5))
        var query = FileQuery(limit: 9)
        query.waits = [StoredWait(account: "main", state: .queued, cause: nil)]

        #expect(try await Set(walk(ledger, query)) == ["/in/1", "/in/2"])
    }

    /// A page may look at no more files than ``FilesTable/mostLooked``, and tells where to go on.
    @Test func `a rare file among many is found, page after page`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        let most = FilesTable.mostLooked
        try await ledger.database.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO files (path, folder, account, state, reason, device, inode, size, modified, changed,
                        attempts, entered, updated)
                    SELECT CAST('/in/' || i AS BLOB), iif(i = ?, 'rare', 'inbox'), 'main', 'uploaded', '', 1, i, 1, 1, 1,
                        0, i, 1 FROM n
                    """,
                arguments: [2 * most + 10, 2 * most + 5]
            )
        }
        var query = FileQuery(limit: 10)
        query.folder = "rare"
        let first = try await ledger.page(query)

        #expect(first.files.isEmpty && first.next?.number == Int64(most))
        #expect(try await walk(ledger, query) == [FilePath("/in/\(2 * most + 5)")])
    }
}
