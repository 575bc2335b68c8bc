import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Fleet

/// A host that follows, with a ledger in memory.
private actor Reader {
    let ledger: SQLiteLedger
    private let database: PostgresConnection
    private var hosts: [SharedHost]?

    init(_ database: PostgresConnection, _ ledger: SQLiteLedger? = nil) throws {
        self.database = database
        self.ledger = try ledger ?? SQLiteLedger(inMemory: quiet)
    }

    /// Follows to the end. Returns why the copy was made anew, each time.
    @discardableResult
    func catchUp() async throws -> [FollowStep.Cause] {
        var causes: [FollowStep.Cause] = []
        while true {
            var hosts = hosts
            let step = try await Follower.follow(database, ledger, hosts: &hosts) { causes.append($0) }
            self.hosts = hosts
            if !step.isMore { return causes }
        }
    }

    /// The journal's changes: revision, event, host and path.
    var lines: [String] {
        get async throws {
            try await ledger.manifestOfFleet.changes(after: 0, limit: 10_000).map { change in
                "\(change.revision) \(change.event.rawValue) \(change.row.host ?? "?"):\(change.row.path)"
            }
        }
    }

    /// The snapshot's rows: revision, host, path and id.
    var rows: [String] {
        get async throws {
            let rows = Mutex<[String]>([])
            try await ledger.manifestOfFleet.snapshot(by: .section, start: { _ in }) { row in
                guard case .entry(let entry) = row.content else { return }
                let line = "\(row.revision) \(row.host ?? "?"):\(row.path) \(entry.receipt.mediaID ?? "")"
                rows.withLock { $0.append(line) }
            }
            return rows.withLock { $0 }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct FollowerTests {
    private let told = """
        SELECT c.revision || ' ' || c.event || ' ' || h.name || ':' || convert_from(c.path, 'UTF8')
        FROM outtray.changes c JOIN outtray.hosts h USING (host) ORDER BY c.revision
        """
    private let shown = """
        SELECT e.revision || ' ' || h.name || ':' || convert_from(e.path, 'UTF8') || ' ' || (e.content ->> 'mediaId')
        FROM outtray.entries e JOIN outtray.hosts h USING (host) ORDER BY h.name, e.path
        """

    @Test func `a reader has the same changes in the same order while four hosts publish, and misses none`()
        async throws
    {
        try await withHosts(4) { database, hosts in
            let reader = try Reader(database)
            #expect(try await reader.catchUp() == [.first])
            let each: Int64 = 150

            try await withThrowingTaskGroup { group in
                for (number, host) in hosts.enumerated() {
                    group.addTask {
                        for revision in 1...each {
                            let path = FilePath("/in/\(number)-\(revision % 40)")
                            try await host.publish(
                                [uploaded(path, UInt8(revision % 200), revision)],
                                from: revision - 1
                            )
                        }
                    }
                }
                group.addTask {
                    while try await reader.lines.count < 4 * each { #expect(try await reader.catchUp() == []) }
                }
                try await group.waitForAll()
            }

            #expect(try await reader.lines == texts(database, told))
            #expect(try await reader.rows == texts(database, shown))
            let late = try Reader(database)
            #expect(try await late.catchUp() == [.first])
            #expect(try await late.rows == reader.rows)
        }
    }

    @Test func `a reader goes on where its ledger stands`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let before = try Reader(database)
            try await before.catchUp()
            try await a.publish([uploaded("/in/1", 1, 1)], from: 0)
            try await before.catchUp()
            let renamed = ManifestChange(event: .renamed, row: row("/in/2", 1, 2), movedFrom: "/in/1")
            try await a.publish([FleetChange(renamed, isOfAccount: true), uploaded("/in/3", 3, 3)], from: 1)

            let after = try Reader(database, before.ledger)
            #expect(try await after.catchUp() == [])

            #expect(try await after.lines == ["1 uploaded a:/in/1", "2 renamed a:/in/2", "3 uploaded a:/in/3"])
            #expect(try await after.rows == ["2 a:/in/2 med_1", "3 a:/in/3 med_3"])
        }
    }

    @Test func `the content of an entry is known by the fleet's account, as long as the asset is the content's`()
        async throws
    {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let reader = try Reader(database)
            try await reader.catchUp()
            let strange = ManifestChange(event: .uploaded, row: row("/in/2", 2, 2))
            try await a.publish([uploaded("/in/1", 1, 1), FleetChange(strange, isOfAccount: false)], from: 0)

            for copy in [reader, try Reader(database)] {
                try await copy.catchUp()
                let known = try await copy.ledger.assetInCopy(account: "brand-x", digest(1), size: 10)
                #expect(known?.receipt.mediaID == "med_1" && known?.host == "a")
                #expect(try await copy.ledger.assetInCopy(account: "brand-x", digest(1), size: 11) == nil)
                #expect(try await copy.ledger.assetInCopy(account: "main", digest(1), size: 10) == nil)
                #expect(try await copy.ledger.assetInCopy(account: "brand-x", digest(2), size: 10) == nil)
            }
        }
    }

    // MARK: Anew

    @Test func `after a restore, the copy is made anew, also where the numbers fit`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let b = try await TestHost(database, named: "b")
            let reader = try Reader(database)
            try await a.publish([uploaded("/in/1", 1, 1), uploaded("/in/2", 2, 2), uploaded("/in/3", 3, 3)], from: 0)
            try await reader.catchUp()
            let numbering = try await reader.ledger.manifestOfFleet.numbering().now

            for sql in [
                "DELETE FROM outtray.changes WHERE revision > 1", "DELETE FROM outtray.entries WHERE revision > 1",
                "UPDATE outtray.fleet SET revision = 1",
            ] { _ = try await database.run(sql) }
            #expect(try await reader.catchUp() == [.restored])
            #expect(try await reader.rows == ["1 a:/in/1 med_1"])

            try await b.publish([uploaded("/in/5", 5, 1)], from: 0)
            try await reader.catchUp()
            for sql in [
                "DELETE FROM outtray.changes WHERE revision > 1", "DELETE FROM outtray.entries WHERE revision > 1",
                "UPDATE outtray.fleet SET revision = 1", "UPDATE outtray.hosts SET published = 0 WHERE name = 'b'",
            ] { _ = try await database.run(sql) }
            try await b.publish([uploaded("/in/6", 6, 1), uploaded("/in/7", 7, 2)], from: 0)
            #expect(try await reader.catchUp() == [.restored])

            #expect(try await reader.rows == texts(database, shown))
            #expect(try await reader.ledger.manifestOfFleet.numbering().now == numbering + 2)
        }
    }

    @Test func `two restores whose last changes are alike are told apart`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let b = try await TestHost(database, named: "b")
            let reader = try Reader(database)
            try await a.publish([uploaded("/in/1", 1, 1)], from: 0)
            try await b.publish([uploaded("/in/5", 5, 1), uploaded("/in/last", 9, 2)], from: 0)
            try await reader.catchUp()
            for sql in [
                "DELETE FROM outtray.changes WHERE revision > 1", "DELETE FROM outtray.entries WHERE revision > 1",
                "UPDATE outtray.fleet SET revision = 1", "UPDATE outtray.hosts SET published = 0 WHERE name = 'b'",
            ] { _ = try await database.run(sql) }
            try await b.publish([uploaded("/in/6", 6, 1), uploaded("/in/last", 9, 2)], from: 0)

            #expect(try await reader.catchUp() == [.restored])

            #expect(try await reader.rows == texts(database, shown))
        }
    }

    @Test func `another fleet, or changes that are no longer kept, and the copy is made anew`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let reader = try Reader(database)
            try await a.publish([uploaded("/in/1", 1, 1)], from: 0)
            try await reader.catchUp()
            try await a.publish([uploaded("/in/2", 2, 2), uploaded("/in/3", 3, 3)], from: 1)
            _ = try await database.run("DELETE FROM outtray.changes WHERE revision <= 2")

            #expect(try await reader.catchUp() == [.pruned])
            #expect(try await reader.rows == texts(database, shown))

            _ = try await database.run("UPDATE outtray.fleet SET fleet = gen_random_uuid()")
            #expect(try await reader.catchUp() == [.otherFleet])
            #expect(try await reader.rows.count == 3)
        }
    }

    @Test func `many entries come in parts`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            try await a.publish([uploaded("/in/1", 1, 1)], from: 0)
            _ = try await database.run(
                """
                INSERT INTO outtray.entries (host, path, content, present, revision)
                SELECT host, convert_to('/many/' || lpad(n::text, 5, '0'), 'UTF8'), content, true, 1
                FROM outtray.entries, generate_series(1, 2500) n
                """
            )
            let reader = try Reader(database)

            #expect(try await reader.catchUp() == [.first])

            #expect(try await reader.rows == texts(database, shown))
        }
    }

    // MARK: Hosts

    @Test func `a host that is forgotten leaves, and each path is told`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let b = try await TestHost(database, named: "b")
            let reader = try Reader(database)
            try await reader.catchUp()
            try await a.publish([uploaded("/in/1", 1, 1), uploaded("/in/2", 2, 2)], from: 0)
            try await b.publish([uploaded("/in/1", 1, 1)], from: 0)
            try await reader.catchUp()

            let sight = try #require(try await HostRoll.hosts(in: database).first { $0.host == a.host })
            _ = try await HostFarewell(database).forget(sight, freesClaims: false)
            #expect(try await reader.catchUp() == [])

            #expect(try await reader.rows == ["3 b:/in/1 med_1"])
            #expect(try await reader.lines.suffix(2) == ["4 forgotten a:/in/1", "5 forgotten a:/in/2"])
        }
    }

    @Test func `a host with another name is called so in both files, which begin anew`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let reader = try Reader(database)
            try await a.publish([uploaded("/in/1", 1, 1)], from: 0)
            try await reader.catchUp()
            let numbering = try await reader.ledger.manifestOfFleet.numbering().now

            _ = try await HostRoll(database, host: a.host).enter(named: "z")
            try await reader.catchUp()

            #expect(try await reader.rows == ["1 z:/in/1 med_1"])
            #expect(try await reader.ledger.manifestOfFleet.numbering().now == numbering + 1)
        }
    }

    // MARK: Cleaning

    @Test func `changes go that no reader needs, and the newest stay`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            try await a.publish([uploaded("/in/1", 1, 1)], from: 0)
            _ = try await database.run(
                """
                INSERT INTO outtray.changes (revision, host, local_revision, event, path, content)
                SELECT n, host, n, 'uploaded', path, content FROM outtray.changes, generate_series(2, 10504) n
                """
            )
            var cleaner = ChangesCleaner(database)
            cleaner.portion = 200
            #expect(try await cleaner.clean() == 0)
            _ = try await database.run("UPDATE outtray.fleet SET revision = 10504")

            #expect(try await cleaner.clean() == 500)

            #expect(try await texts(database, "SELECT min(revision)::text FROM outtray.changes") == ["501"])
        }
    }
}
