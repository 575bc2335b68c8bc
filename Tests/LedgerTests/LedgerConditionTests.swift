import Foundation
import GRDB
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct LedgerConditionTests {
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
