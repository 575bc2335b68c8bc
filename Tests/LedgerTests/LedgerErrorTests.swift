import GRDB
import Testing

@testable import Ledger

@Suite struct LedgerErrorTests {
    @Test func `what stays as it is while the process runs is told from what passes`() {
        let lasting = LedgerError.Kind.allCases.filter { LedgerError($0, "").isLasting }

        #expect(Set(lasting) == [.corrupt, .newerSchema, .replaced, .closed])
    }

    @Test(arguments: [
        (ResultCode.SQLITE_CORRUPT, true), (.SQLITE_NOTADB, true), (.SQLITE_MISUSE, true), (.SQLITE_FULL, false),
        (.SQLITE_READONLY, false), (.SQLITE_IOERR, false), (.SQLITE_BUSY, false), (.SQLITE_CANTOPEN, false),
    ])
    func `an error of SQLite's lasts or passes`(code: ResultCode, isLasting: Bool) throws {
        let error = LedgerError.mapped(DatabaseError(resultCode: code), path: "/state/outtray.db")

        #expect((error as? LedgerError)?.isLasting == isLasting)
    }
}
