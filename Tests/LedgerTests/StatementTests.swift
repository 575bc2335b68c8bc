import GRDB
import SystemPackage
import Testing

@testable import Ledger

@Suite struct StatementTests {
    private func database() throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try queue.write { try $0.execute(sql: "CREATE TABLE a (number INTEGER, words TEXT, bytes BLOB) STRICT") }
        return queue
    }

    @Test func `each value comes back as it was bound, also empty and zero ones`() throws {
        let long = [UInt8](repeating: 0xFF, count: 100_000)
        try database().write { db in
            let rows: [Bindings] = [
                [Int64.min, "", [UInt8]()], [Int64.max, "é\u{0}ü", [0, 1, 0] as [UInt8]], [0, "a", long],
                [nil as Int64?, nil as String?, nil as [UInt8]?], [true, "", FilePath("/in/\u{e9}").blob],
            ]
            for row in rows { try db.run("INSERT INTO a VALUES (?, ?, ?)", row) }

            let back = try db.rows("SELECT number, words, bytes FROM a ORDER BY rowid")
            #expect(back.map { $0[0] as Int64? } == [.min, .max, 0, nil, 1])
            #expect(back.map { $0[1] as String? } == ["", "é\u{0}ü", "a", nil, ""])
            #expect(back.map { $0[2] as [UInt8]? } == [[], [0, 1, 0], long, nil, FilePath("/in/\u{e9}").blob])
            #expect((back[0][2] as [UInt8]).isEmpty && (back[4][0] as Bool))
        }
    }

    @Test func `a statement leaves nothing behind for its next run`() throws {
        try database().write { db in
            try db.run("INSERT INTO a VALUES (?, ?, ?)", [1, "one", [1] as [UInt8]])
            #expect(try db.row("SELECT words FROM a WHERE number = ?", [1])?[0] == "one")
            #expect(try db.row("SELECT words FROM a WHERE number = ?", [2]) == nil)
            #expect(try db.row("SELECT words FROM a WHERE number = ?", [1])?[0] == "one")
        }
    }

    @Test func `too few or too many values are an error`() throws {
        try database().write { db in
            for values in [[], [1, 2]] as [Bindings] {
                let error = #expect(throws: DatabaseError.self) {
                    try db.row("SELECT words FROM a WHERE number = ?", values)
                }
                #expect(error?.resultCode == .SQLITE_RANGE)
            }
        }
    }

    @Test func `an error has SQLite's words and code, and no value of the statement`() throws {
        try database().write { db in
            try db.run("CREATE UNIQUE INDEX numbers ON a (number)")
            try db.run("INSERT INTO a VALUES (?, ?, NULL)", [1, "secret"])

            let error = #expect(throws: DatabaseError.self) {
                try db.run("INSERT INTO a VALUES (?, ?, NULL)", [1, "secret"])
            }
            #expect(error?.resultCode == .SQLITE_CONSTRAINT)
            #expect(error?.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE)
            #expect(error?.message == "UNIQUE constraint failed: a.number")
            #expect(error.map { "\($0)".contains("secret") } == false)
        }
    }

    @Test func `rows are handed on until the caller has enough`() throws {
        try database().write { db in
            for number in 1...9 { try db.run("INSERT INTO a VALUES (?, NULL, NULL)", [number]) }
            var seen: [Int] = []
            try db.eachRow("SELECT number FROM a ORDER BY number") { row in
                seen.append(row[0])
                return seen.count < 3
            }
            #expect(seen == [1, 2, 3])
        }
    }
}
