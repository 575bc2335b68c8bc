import Foundation
import GRDB
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Ledger

@Suite(.timeLimit(.minutes(1))) struct LedgerConditionTests {
    @Test func `files are counted by folder and state`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        for name in ["a", "b"] { try await ledger.enqueue(media(FilePath("/in/\(name)")), at: at(1)) }
        try await ledger.enqueue(media("/other/c", folder: "other"), at: at(1))
        try await ledger.enqueue(media("/pushed/d", folder: nil), at: at(1))
        try await ledger.reject(found("/in/e"), Rejection(.empty, "it is empty"), at: at(1))

        let counts = try await ledger.countsByFolder()
        #expect(counts == ["inbox": [.queued: 2, .rejected: 1], "other": [.queued: 1], "": [.queued: 1]])
    }

    @Test func `of files that wait, the counts are those of all states but the last ones`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        #expect(try await ledger.waitingCounts() == [:])
        for name in ["a", "b", "c"] { try await ledger.enqueue(media(FilePath("/in/\(name)")), at: at(1)) }
        _ = try await ledger.claim(account: "main", .oldest(1), at: at(2))
        try await ledger.reject(found("/in/e"), Rejection(.empty, "it is empty"), at: at(1))
        try await ledger.recordSettling([settling("/in/d")], at: at(1))

        #expect(try await ledger.waitingCounts() == [.queued: 2, .uploading: 1, .settling: 1])
        let plan = try await ledger.database.read { db in
            let sql = """
                EXPLAIN QUERY PLAN SELECT state, count(*) FROM files INDEXED BY files_state
                WHERE state IN ('settling', 'queued', 'uploading') GROUP BY state
                """
            return try Row.fetchAll(db, sql: sql).map { $0["detail"] as String }
        }
        #expect(plan == ["SEARCH files USING COVERING INDEX files_state (state=?)"])
    }

    @Test func `the counts are read from an index in its order`() async throws {
        let ledger = try SQLiteLedger(inMemory: quiet)
        let plan = try await ledger.database.read { db in
            let sql = "EXPLAIN QUERY PLAN SELECT state, folder, count(*) FROM files GROUP BY state, folder"
            return try Row.fetchAll(db, sql: sql).map { $0["detail"] as String }
        }

        #expect(plan == ["SCAN files USING COVERING INDEX files_state"])
    }

    @Test func `each commit is told of, and a probe makes one`() async throws {
        let directory = try TemporaryDirectory()
        let commits = Mutex<[Duration]>([])
        let ledger = try SQLiteLedger(directory: directory.path, logger: quiet) { took in
            commits.withLock { $0.append(took) }
        }
        try await ledger.enqueue(media("/in/a"), at: at(1))
        #expect(commits.withLock { $0.count } == 1)
        #expect(commits.withLock { $0.allSatisfy { $0 > .zero } })
        #expect(try #require(ledger.bytes) > 4096)

        let end = Promise<Void>()
        ledger.probe { end.give($0) }
        try await end.value()
        #expect(commits.withLock { $0.count } == 2)
        try ledger.close()
    }

    @Test func `a probe of a ledger that was taken away fails, and no commit is told of`() async throws {
        let directory = try TemporaryDirectory()
        let commits = Mutex(0)
        let ledger = try SQLiteLedger(directory: directory.path, logger: quiet) { _ in commits.withLock { $0 += 1 } }
        try directory.remove("outtray.db")
        let end = Promise<Void>()
        ledger.probe { end.give($0) }

        let error = await #expect(throws: LedgerError.self) { try await end.value() }
        #expect(error?.kind == .replaced)
        #expect(commits.withLock { $0 } == 0)
    }
}
