import Pipeline
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct PublishedChangesTests {
    private let paths = "SELECT convert_from(path, 'UTF8') FROM outtray.entries ORDER BY path"
    private let events = "SELECT event || ' ' || convert_from(path, 'UTF8') FROM outtray.changes ORDER BY revision"

    @Test func `changes are told in their order, each once, however often they are sent`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let changes = [uploaded("/in/1", 1, 1), uploaded("/in/2", 2, 2)]
            try await a.publish(changes, from: 0)

            let error = try await thrown(PostgresError.self) { try await a.publish(changes, from: 0) }

            #expect(error?.kind == .gate)
            #expect(try await texts(database, events) == ["uploaded /in/1", "uploaded /in/2"])
            #expect(try await texts(database, paths) == ["/in/1", "/in/2"])
            #expect(try await texts(database, "SELECT revision::text FROM outtray.fleet") == ["2"])
            #expect(try await texts(database, "SELECT published::text FROM outtray.hosts") == ["2"])
        }
    }

    @Test func `of many changes of one path, the last word stands, and all are told`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let renamed = ManifestChange(event: .renamed, row: row("/in/2", 1, 2), movedFrom: "/in/1")
            let forgotten = ManifestChange(event: .forgotten, row: row("/in/3", 3, 5, shown: false))

            try await a.publish(
                [
                    uploaded("/in/1", 1, 1), FleetChange(renamed, isOfAccount: true), uploaded("/in/1", 2, 3),
                    uploaded("/in/3", 3, 4), FleetChange(forgotten, isOfAccount: true),
                ],
                from: 0
            )

            #expect(try await texts(database, paths) == ["/in/1", "/in/2"])
            #expect(try await texts(database, events).count == 5)
            let digests = "SELECT encode(sha256, 'hex') FROM outtray.entries ORDER BY path"
            #expect(try await texts(database, digests) == [digest(2).hex, digest(1).hex])
        }
    }

    @Test func `an asset of another account of the same name is no receipt`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let change = ManifestChange(event: .uploaded, row: row("/in/1", 1, 1))

            try await a.publish([FleetChange(change, isOfAccount: false)], from: 0)

            #expect(try await texts(database, paths) == ["/in/1"])
            #expect(try await texts(database, "SELECT account FROM outtray.contents").isEmpty)
        }
    }

    /// The revisions behind one, in order.
    private func revisions(_ database: PostgresConnection, after last: Int64?) async throws -> [Int64] {
        let sql = "SELECT revision FROM outtray.changes WHERE revision > $1::bigint ORDER BY revision"
        let rows = try await database.run(sql, [.integer(last ?? 0)]).rows
        return try rows.map { row throws(PostgresError) in try row.integer(0) ?? 0 }
    }

    @Test func `a reader that goes on from the last revision it saw misses none, while four hosts publish`()
        async throws
    {
        try await withHosts(4) { database, hosts in
            let each: Int64 = 60

            let seen = try await withThrowingTaskGroup(of: Void.self) { group -> [Int64] in
                let publishing = Latch((0..<4).map { "\($0)" })
                for (number, host) in hosts.enumerated() {
                    group.addTask {
                        defer { publishing.checkOff("\(number)") }
                        for revision in 1...each {
                            let change = uploaded(FilePath("/in/\(number)-\(revision)"), UInt8(number), revision)
                            try await host.publish([change], from: revision - 1)
                        }
                    }
                }
                var seen: [Int64] = []
                while !publishing.missing.isEmpty { seen += try await revisions(database, after: seen.last) }
                try await group.waitForAll()
                return try await seen + revisions(database, after: seen.last)
            }

            #expect(seen == Array(1...4 * each))
        }
    }

    @Test func `a change is not seen before one that has an earlier revision`() async throws {
        try await withHosts { database, a, b in
            let (seen, _) = try await whileOpen(
                { try await a.publish([uploaded("/in/1", 1, 1)], from: 0, by: LateCommit(database: a.database)) },
                beside: database,
                { try await b.publish([uploaded("/in/2", 2, 1)], from: 0) },
                look: { try await revisions(database, after: nil) }
            )

            let later = try await revisions(database, after: seen.last)
            #expect(seen + later == [1, 2])
        }
    }

    // MARK: Whose changes

    @Test func `an earlier process, and a host that was taken out, publish nothing and set no mark`() async throws {
        try await withHosts { database, a, b in
            _ = try await HostRoll(database, host: a.host).enter(named: "a")
            _ = try await database.run("UPDATE outtray.hosts SET forgotten = now() WHERE name = 'b'")

            for host in [a, b] {
                let publication = try await thrown(PostgresError.self) {
                    try await host.publish([uploaded("/in/1", 1, 1)], from: 0)
                }
                let mark = try await thrown(PostgresError.self) {
                    _ = try await database.run(
                        PublishStatements.setMark(host.host, boot: host.boot, to: 7, telling: [])
                    )
                }
                #expect(publication?.kind == .gate && mark?.kind == .gate)
            }

            #expect(try await texts(database, events).isEmpty)
            #expect(try await texts(database, "SELECT published::text FROM outtray.hosts") == ["0", "0"])
        }
    }

    @Test func `a change of a host's ledger is there once, whatever its mark says`() async throws {
        try await withHosts { database, a, _ in
            try await a.publish([uploaded("/in/1", 1, 1)], from: 0)
            _ = try await database.run("UPDATE outtray.hosts SET published = 0")

            let refusal = try await thrown(PostgresError.self) {
                try await a.publish([uploaded("/in/1", 1, 1)], from: 0)
            }

            #expect(refusal?.sqlState == "23505")
            #expect(try await texts(database, events) == ["uploaded /in/1"])
        }
    }

    // MARK: After a loss

    @Test func `rows that the fleet lost come back, and those of a ledger that is no more go`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let b = try await TestHost(database, named: "b")
            try await a.publish([uploaded("/in/1", 1, 1), uploaded("/in/2", 2, 2), uploaded("/in/9", 9, 3)], from: 0)
            try await b.publish([uploaded("/in/5", 5, 1)], from: 0)

            try await a.compare([row("/in/1", 1, 1), row("/in/3", 3, 2)])

            let own = "SELECT convert_from(path, 'UTF8') FROM outtray.entries WHERE host = '\(a.host)' ORDER BY path"
            #expect(try await texts(database, own) == ["/in/1", "/in/3"])
            #expect(
                try await texts(database, events).suffix(3) == ["forgotten /in/2", "uploaded /in/3", "forgotten /in/9"]
            )
            #expect(try await texts(database, paths).contains("/in/5"))
        }
    }

    @Test func `rows that are equal tell nothing, and a part leaves the rest alone`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            let changes = (1...4).map { uploaded(FilePath("/in/\($0)"), UInt8($0), Int64($0)) }
            try await a.publish(changes, from: 0)

            try await a.compare([row("/in/1", 1, 1), row("/in/2", 2, 2)], after: nil, last: "/in/2")
            try await a.compare([row("/in/4", 4, 4)], after: "/in/2", last: "/in/4")

            #expect(try await texts(database, paths) == ["/in/1", "/in/2", "/in/4"])
            #expect(try await texts(database, events).suffix(1) == ["forgotten /in/3"])
            #expect(try await texts(database, "SELECT revision::text FROM outtray.fleet") == ["5"])
        }
    }

    @Test func `after a comparison, the numbers of a ledger that is no more are free`() async throws {
        try await withNewFleet { database in
            let a = try await TestHost(database, named: "a")
            try await a.publish([uploaded("/in/1", 1, 1), uploaded("/in/2", 2, 2)], from: 0)
            try await a.compare([row("/in/1", 1, 1)])

            _ = try await database.run(PublishStatements.setMark(a.host, boot: a.boot, to: 1, telling: []))
            try await a.publish([uploaded("/in/3", 3, 2)], from: 1)

            #expect(try await texts(database, paths) == ["/in/1", "/in/3"])
        }
    }
}
