import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Testing

@testable import Ledger

/// Ledgers of earlier versions, opened by this one.
@Suite struct MigrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a ledger of version 1 keeps its assets and entries, and takes the same bytes twice`() async throws {
        try makeVersion1()

        let ledger = try folder.ledger()

        let rows = try await ledger.rows().rows
        #expect(rows.map(\.path) == ["/in/a", "/in/left", "/in/moved", "/in/bad"])
        #expect(try await ledger.entry("/in/a")?.receipt == receipt("m1", .failed))
        #expect(try await ledger.assets(account: "main", size: 11).map(\.sha256) == [digest(2)])
        try await ledger.upload(media("/in/a"), 1)
        #expect(try await ledger.entry("/in/a")?.receipt == receipt("m1"))
        #expect(try await ledger.assets(account: "main", size: 11).map(\.sha256) == [digest(1), digest(2)])
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `uploads under way go on with their answers`() async throws {
        try makeVersion3()

        let ledger = try folder.ledger()

        let expected = UploadUnderWay(
            ticket: Ticket(receipt: receipt("m1"), pieces: []),
            askedAt: at(2),
            answers: [PieceAnswer(index: 0, status: 200, headers: [])]
        )
        #expect(try await ledger.upload(of: media("/in/a")) == expected)
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `a ledger that grew with all that left is as large as what there is`() async throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v4-bytes")
        try await queue.write { db in
            for (path, state) in [("/in/there", "queued"), ("/in/left", "gone")] {
                let head: StatementArguments = [FilePath(path).blob, state]
                try db.execute(
                    sql: """
                        INSERT INTO files (path, folder, account, state, reason, device, inode, size, modified, changed,
                            attempts, due, entered, updated, root, mime, kind, upload_name)
                        VALUES (?, 'inbox', 'main', ?, '', ?, ?, ?, ?, ?, 0, 0, 1, 1, CAST('/in' AS BLOB), 'image/jpeg',
                            'IMAGE', 'name.jpg')
                        """,
                    arguments: head + version(1).columns
                )
            }
            for number in 1...1500 {
                try db.execute(
                    sql: """
                        INSERT INTO manifest (path, folder, code, reason, at, present, shown, revision)
                        VALUES (?, 'inbox', 'empty', 'it is empty', 9, 0, ?, ?)
                        """,
                    arguments: [FilePath("/in/bad\(number)").blob, number == 1, number]
                )
            }
        }
        try queue.close()

        let ledger = try folder.ledger()

        #expect(try await ledger.counts() == [.queued: 1])
        #expect(try await ledger.rowCount() == 1001)
        #expect(try await ledger.rows(by: .revision).rows.map(\.revision).prefix(2) == [1, 501])
        #expect(try await ledger.claim(account: "main", .oldest(9), at: at(1)).map(\.file.path) == ["/in/there"])
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    /// An upload whose first piece has gone, without the digest of its bytes.
    private func makeVersion3() throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v3-slots")
        try queue.write { db in
            let head: StatementArguments = [FilePath("/in/a").blob, "main"]
            try db.execute(
                sql: """
                    INSERT INTO uploads (path, account, device, inode, size, modified, changed, asked, ticket)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 2, ?)
                    """,
                arguments: head + version(1).columns + [
                    try JSONColumn.text(Ticket(receipt: receipt("m1"), pieces: []))
                ]
            )
            try db.execute(sql: "INSERT INTO answers (upload, piece, status, headers) VALUES (1, 0, 200, '[]')")
        }
        try queue.close()
    }

    /// An entry of an asset that failed, one that left, one that moved away, and a rejection.
    private func makeVersion1() throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v1")
        try queue.write { db in
            for (number, status) in [(1, "failed"), (2, "ready")] {
                try db.execute(
                    sql: """
                        INSERT INTO assets (id, provider, account, size, sha256, mime, kind, asset_urn, media_id,
                            public_url, recipes, status, uploaded)
                        VALUES (?, 'p', 'main', 11, ?, 'image/jpeg', 'IMAGE', ?, ?, ?, '["r1","r2"]', ?, ?)
                        """,
                    arguments: [
                        number, Data(repeating: UInt8(number), count: 32), "urn:m\(number)", "m\(number)",
                        "https://x/m\(number)", status, number * 1000,
                    ]
                )
            }
            try db.execute(
                sql: """
                    INSERT INTO manifest (path, folder, asset, present, shown, revision) VALUES
                        (CAST('/in/a' AS BLOB), 'inbox', 1, 1, 1, 4), (CAST('/in/left' AS BLOB), 'inbox', 2, 0, 1, 5),
                        (CAST('/in/moved' AS BLOB), 'inbox', 2, 0, 0, 3);
                    INSERT INTO manifest (path, folder, code, reason, at, present, shown, revision)
                        VALUES (CAST('/in/bad' AS BLOB), 'inbox', 'empty', 'it is empty', 9, 1, 1, 6);
                    UPDATE counters SET value = 6 WHERE name = 'revision';
                    """
            )
        }
        try queue.close()
    }
}
