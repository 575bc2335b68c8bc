import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

/// Ledgers of earlier versions, opened by this one.
@Suite struct MigrationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a ledger of version 1 keeps its assets and entries, and takes the same bytes twice`() async throws {
        try makeVersion1()

        let ledger = try folder.ledger()
        _ = try await ledger.adopt([.named("main")], folders: nil, at: at(9))

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

    @Test func `entries of files that left before version 17 are forgotten by age, too`() async throws {
        try makeVersion1()
        let ledger = try folder.ledger()
        let minute = Duration.seconds(60)

        try await ledger.forgetLeft(before: Timestamp.now().advanced(by: .zero - minute))
        #expect(try await ledger.row(of: "/in/left")?.shown == true)
        try await ledger.forgetLeft(before: Timestamp.now().advanced(by: minute))

        #expect(try await ledger.rows().rows.filter(\.shown).map(\.path) == ["/in/a", "/in/bad"])
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
                let head: Bindings = [FilePath(path).blob, state]
                try db.run(
                    """
                    INSERT INTO files (path, folder, account, state, reason, device, inode, size, modified, changed,
                        attempts, due, entered, updated, root, mime, kind, upload_name)
                    VALUES (?, 'inbox', 'main', ?, '', ?, ?, ?, ?, ?, 0, 0, 1, 1, CAST('/in' AS BLOB), 'image/jpeg',
                        'IMAGE', 'name.jpg')
                    """,
                    head + version(1).columns
                )
            }
            for number in 1...1500 {
                try db.run(
                    """
                    INSERT INTO manifest (path, folder, code, reason, at, present, shown, revision)
                    VALUES (?, 'inbox', 'empty', 'it is empty', 9, 0, ?, ?)
                    """,
                    [FilePath("/in/bad\(number)").blob, number == 1, number]
                )
            }
        }
        try queue.close()

        let ledger = try folder.ledger()

        // Version 22 has it looked at again.
        #expect(try await ledger.counts() == [.settling: 1])
        #expect(try await ledger.rowCount() == 1001)
        #expect(try await ledger.rows(by: .revision).rows.map(\.revision).prefix(2) == [1, 501])
        #expect(try await ledger.waiting(limit: 9).map(\.path) == ["/in/there"])
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `what a name had belongs to its first target, if the provider is the same`() async throws {
        try makeVersion4()

        let ledger = try folder.ledger()
        let real = ConfiguredAccount(name: "main", identity: .at("https://real.example"))
        let sandbox = ConfiguredAccount(name: "main", identity: .at("https://box.example", provider: "sandbox"))
        let changes = try await ledger.adopt([real], folders: ["inbox": "main"], at: at(9))

        #expect(changes.map(\.kind) == [.another(files: 1)])
        #expect(try await ledger.state("/in/sandbox") == .settling)
        #expect(try await ledger.state("/in/real") == .uploaded)
        #expect(try await ledger.state("/in/rejected") == .rejected)
        let book = ledger.book(of: real)
        #expect(try await book.asset(size: 11, sha256: digest(1)) != nil)
        #expect(try await book.asset(size: 11, sha256: digest(2)) == nil)
        #expect(try await ledger.book(of: sandbox).asset(size: 11, sha256: digest(2)) == nil, "it was never met")
        #expect(try await ledger.upload(of: media("/in/c")) == nil, "nobody can say whose ticket it is")
        _ = try await ledger.adopt([sandbox], folders: ["inbox": "main"], at: at(9))
        #expect(try await ledger.book(of: sandbox).asset(size: 11, sha256: digest(2)) != nil)
        let later = ConfiguredAccount(name: "main", identity: .at("https://later.example"))
        _ = try await ledger.adopt([later], folders: ["inbox": "main"], at: at(9))
        #expect(try await ledger.book(of: later).asset(size: 11, sha256: digest(1)) == nil)
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `what was up in a ledger without departures has none, and its entries are nowhere else`() async throws {
        try makeVersion4()

        let ledger = try folder.ledger()

        #expect(try await ledger.departures(exceptFolders: [], after: 0, limit: 1).isEmpty)
        let entry = try #require(try await ledger.entry("/in/real"))
        #expect(entry.present && entry.movedTo == nil)
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    /// A name that was the sandbox's account before it was a real one's.
    private func makeVersion4() throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v4-bytes")
        try queue.write { db in
            for (number, provider, path) in [(1, "postbreeze", "/in/real"), (2, "sandbox", "/in/sandbox")] {
                try db.run(
                    """
                    INSERT INTO assets (id, provider, account, size, sha256, mime, kind, recipes, status, uploaded)
                    VALUES (?, ?, 'main', 11, ?, 'image/jpeg', 'IMAGE', '[]', 'ready', 1)
                    """,
                    [number, provider, [UInt8](repeating: UInt8(number), count: 32)]
                )
                try db.run(
                    "INSERT INTO manifest (path, folder, asset, present, shown, revision) VALUES (?, 'inbox', ?, 1, 1, ?)",
                    [FilePath(path).blob, number, number]
                )
            }
            for (path, state) in [("/in/real", "uploaded"), ("/in/sandbox", "uploaded"), ("/in/rejected", "rejected")] {
                let head: Bindings = [FilePath(path).blob, state]
                try db.run(
                    """
                    INSERT INTO files (path, folder, state, reason, device, inode, size, modified, changed, attempts,
                        entered, updated) VALUES (?, 'inbox', ?, '', ?, ?, ?, ?, ?, 0, 1, 1)
                    """,
                    head + version(1).columns
                )
            }
            let head: Bindings = [FilePath("/in/c").blob, "main"]
            try db.run(
                """
                INSERT INTO uploads (path, account, device, inode, size, modified, changed, asked)
                VALUES (?, ?, ?, ?, ?, ?, ?, 2)
                """,
                head + version(1).columns
            )
            try db.execute(sql: "INSERT INTO answers (upload, piece, status, headers) VALUES (1, 0, 200, '[]')")
        }
        try queue.close()
    }

    @Test func `a file that waits in a ledger of version 11 was not refused by any account`() async throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v11-claims")
        try await queue.write { db in
            let head: Bindings = [FilePath("/in/a").blob]
            try db.run(
                """
                INSERT INTO files (path, folder, account, state, reason, device, inode, size, modified, changed,
                    attempts, due, entered, updated, root, mime, kind, upload_name)
                VALUES (?, 'inbox', 'main', 'queued', '403', ?, ?, ?, ?, ?, 7, 0, 1, 1, CAST('/in' AS BLOB),
                    'image/jpeg', 'IMAGE', 'name.jpg')
                """,
                head + version(1).columns
            )
        }
        try queue.close()

        let ledger = try folder.ledger()
        let record = try #require(try await ledger.record(of: "/in/a"))
        try await ledger.upload(media("/in/b", 2), 2)

        #expect(record.attempts == 7 && record.state == .settling)
        #expect(try await ledger.isRefusalContradicted(of: media("/in/a")) == false)
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `what is to leave in a ledger of version 12 leaves, and follows its folder's name`() async throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v12-refusals")
        try await queue.write { db in
            let head: Bindings = [FilePath("/in/a").blob, FilePath("/in").blob]
            try db.run(
                """
                INSERT INTO assets (id, provider, account, size, sha256, mime, kind, recipes, status, uploaded)
                VALUES (1, 'postbreeze', 'main', 11, ?, 'image/jpeg', 'IMAGE', '[]', 'ready', 1)
                """,
                [[UInt8](repeating: 1, count: 32)]
            )
            try db.run(
                """
                INSERT INTO departures (path, root, folder, account, asset, device, inode, size, modified, changed,
                    action, recorded, due) VALUES (?, ?, 'inbox', 'main', 1, ?, ?, ?, ?, ?, 'delete', 1, 0)
                """,
                head + version(1).columns
            )
        }
        try queue.close()

        let ledger = try folder.ledger()
        try await ledger.nameFolders([WatchedFolder(name: "new", path: "/in"), WatchedFolder(name: "b", path: "/b")])

        let departures = try await ledger.departures(exceptFolders: [], after: 0, limit: 9)
        #expect(departures.map(\.path) == ["/in/a"] && departures.map(\.folder) == ["new"])
        #expect(departures.first?.version == version(1))
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `what was up in a ledger of version 15 is no event for a new hook`() async throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v15-folder-counts")
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO assets (id, provider, account, size, sha256, mime, kind, recipes, status, uploaded)
                    VALUES (1, 'postbreeze', 'main', 11, x'00', 'image/jpeg', 'IMAGE', '[]', 'ready', 1);
                    INSERT INTO manifest (path, folder, asset, present, shown, revision)
                    VALUES (CAST('/in/a' AS BLOB), 'inbox', 1, 1, 1, 1);
                    UPDATE counters SET value = 1 WHERE name = 'revision';
                    """
            )
        }
        try queue.close()

        let ledger = try folder.ledger()
        try await ledger.adopt([HookWish(name: "post", trigger: .uploaded, folder: nil)])
        try await ledger.upload(media("/in/b", 2), 2)

        #expect(try await ledger.entry("/in/a")?.present == true)
        #expect(try await ledger.events(of: "post", dueBy: at(1), limit: 9).map(\.path) == ["/in/b"])
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `entries of a ledger of version 18 list the sidecars that are noted from then on`() async throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v18-tallies")
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO assets (id, provider, account, size, sha256, mime, kind, recipes, status, uploaded)
                    VALUES (1, 'postbreeze', 'main', 11, x'00', 'image/jpeg', 'IMAGE', '[]', 'ready', 1);
                    INSERT INTO manifest (path, folder, asset, present, shown, revision)
                    VALUES (CAST('/in/a.jpg' AS BLOB), 'inbox', 1, 1, 1, 1);
                    UPDATE counters SET value = 1 WHERE name = 'revision';
                    """
            )
            try db.run(
                """
                INSERT INTO files (path, folder, state, reason, device, inode, size, modified, changed, attempts,
                    entered, updated) VALUES (CAST('/in/a.jpg' AS BLOB), 'inbox', 'uploaded', '', ?, ?, ?, ?, ?, 0, 1, 1)
                """,
                version(1).columns
            )
        }
        try queue.close()

        let ledger = try folder.ledger()
        #expect(try await ledger.entry("/in/a.jpg")?.sidecars == [])
        try await ledger.noteSidecar(found("/in/a.txt"), at: at(1))

        #expect(try await ledger.entry("/in/a.jpg")?.sidecars == ["a.txt"])
        #expect(try await ledger.entry("/in/a.jpg")?.revision == 2)
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    /// An upload whose first piece has gone, without the digest of its bytes.
    private func makeVersion3() throws {
        let queue = try DatabaseQueue(path: folder.database.string)
        try Schema.migrator.migrate(queue, upTo: "v3-slots")
        try queue.write { db in
            let head: Bindings = [FilePath("/in/a").blob, "main"]
            try db.run(
                """
                INSERT INTO uploads (path, account, device, inode, size, modified, changed, asked, ticket)
                VALUES (?, ?, ?, ?, ?, ?, ?, 2, ?)
                """,
                head + version(1).columns + [
                    Ticket(receipt: receipt("m1"), pieces: []).column
                ]
            )
            // The name had one provider, as far as is known.
            try db.execute(
                sql: """
                    INSERT INTO assets (provider, account, size, sha256, mime, kind, recipes, status, uploaded)
                    VALUES ('postbreeze', 'main', 1, x'00', 'image/jpeg', 'IMAGE', '[]', 'ready', 1);
                    """
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
                try db.run(
                    """
                    INSERT INTO assets (id, provider, account, size, sha256, mime, kind, asset_urn, media_id,
                        public_url, recipes, status, uploaded)
                    VALUES (?, 'postbreeze', 'main', 11, ?, 'image/jpeg', 'IMAGE', ?, ?, ?, '["r1","r2"]', ?, ?)
                    """,
                    [
                        number, [UInt8](repeating: UInt8(number), count: 32), "urn:m\(number)", "m\(number)",
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
