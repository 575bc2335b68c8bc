import Foundation
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray fleet`, and what `outtray check` says of a fleet, with a real PostgreSQL server.
    struct FleetCommandTests {
        /// A bench whose host is `ingest-1` of a fleet in this database.
        private func withFleet(_ database: String, _ work: @Sendable (Bench) async throws -> Void) async throws {
            try await withBench { bench in
                let fleet = "fleet: {database: \"\(database)\", host: ingest-1, take_over_after: 15s}\n"
                try bench.configure([Bench.Folder()])
                try bench.write(Array((fleet + bench.yaml([Bench.Folder()])).utf8), to: "outtray.yaml")
                try await work(bench)
            }
        }

        private func object(_ ending: Ending) throws -> JSONTree {
            #expect(ending.code == 0 && ending.lines.count == 1, "\(ending)")
            return try JSONTree(parsing: Array(ending.output.utf8))
        }

        /// Enters a host into the fleet's tables, and returns its identity.
        private func enter(_ name: String, _ server: PostgresServer, _ database: String) async throws -> String {
            let host = UUID().uuidString.lowercased()
            let sql = "INSERT INTO outtray.hosts (host, name) VALUES ('\(host)', '\(name)')"
            try await server.sql(sql, database: database)
            return host
        }

        @Test(.timeLimit(.minutes(5)))
        func `a fleet is made once, and then checked and shown`() async throws {
            let server = try await PostgresServer.shared()
            _ = try await server.database("commands")
            try await withFleet(server.conninfo("commands")) { bench in
                let before = try await bench.run("check")
                let made = try await bench.run("fleet", "init")
                let again = try await bench.run("fleet", "init")
                let after = try await bench.run("check")

                #expect(before.code == 78, "\(before)")
                #expect(
                    before.output.contains("no  fleet ingest-1: the database commands has no fleet yet"),
                    "\(before)"
                )
                #expect(made.code == 0 && made.output == "the fleet's tables are made, version 1\n", "\(made)")
                #expect(again.code == 0 && again.output == "the fleet's tables are there, version 1\n", "\(again)")
                #expect(after.code == 0, "\(after)")
                let line =
                    "ok  fleet ingest-1: database commands as admin, without TLS on this machine, tables of version 1"
                #expect(after.output.contains(line), "\(after)")

                let host = try await enter("ingest-2", server, "commands")
                let status = try object(try await bench.run("fleet", "status", "--json"))
                let hosts = try object(try await bench.run("fleet", "hosts", "--json"))
                #expect(status["version"] == .number(1) && status["hosts"] == .number(1), "\(status)")
                guard case .array(let list)? = hosts["hosts"] else {
                    Issue.record("\(hosts)")
                    return
                }
                #expect(list.map { $0["host"]?.string } == [host] && list.first?["name"]?.string == "ingest-2")
                let table = try await bench.run("fleet", "hosts")
                #expect(table.code == 0 && table.lines.count == 1 && table.output.hasPrefix("ingest-2  \(host)  seen "))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a host that shows no sign of life is forgotten, and no other`() async throws {
            let server = try await PostgresServer.shared()
            _ = try await server.database("farewell")
            try await withFleet(server.conninfo("farewell")) { bench in
                _ = try await bench.run("fleet", "init")
                let gone = try await enter("gone", server, "farewell")

                let unknown = try await bench.run("fleet", "forget", "nobody")
                let done = try await bench.run("fleet", "forget", "gone", "--json")
                let again = try await bench.run("fleet", "forget", gone)

                #expect(unknown.code == 64 && unknown.error.contains("no host nobody; it has gone"), "\(unknown)")
                let forgotten = try object(done)
                #expect(forgotten["host"]?.string == gone)
                #expect(again.code == 0 && again.output == "gone is forgotten: 0 entries removed\n", "\(again)")
                let rest = try await bench.run("fleet", "hosts").output
                #expect(rest == "")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a host that lives stays`() async throws {
            let server = try await PostgresServer.shared()
            _ = try await server.database("alive")
            try await withFleet(server.conninfo("alive")) { bench in
                _ = try await bench.run("fleet", "init")
                _ = try await enter("ingest-2", server, "alive")
                let beating = Task {
                    while !Task.isCancelled {
                        try await server.sql("UPDATE outtray.hosts SET beat = beat + 1", database: "alive")
                    }
                }
                defer { beating.cancel() }

                let ending = try await bench.run("fleet", "forget", "ingest-2")

                #expect(
                    ending.code == 75 && ending.error.contains("ingest-2 lives: stop its service first"),
                    "\(ending)"
                )
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a database that cannot be used is told in a sentence, with its exit code`() async throws {
            let server = try await PostgresServer.shared()
            let cases: [(database: String, code: Int32, words: String)] = [
                (server.conninfo("nothing-here"), 78, "nothing-here"),
                ("host=/nowhere dbname=x", 75, "/nowhere"),
                ("host=db.example dbname=x", 78, "sslmode=verify-full"),
                ("host=/nowhere password=hush", 78, "has a password"),
                ("nonsense", 78, "fleet.database is not understood"),
            ]
            for (database, code, words) in cases {
                try await withFleet(database) { bench in
                    let ending = try await bench.run("fleet", "status")

                    #expect(ending.code == code && ending.error.contains(words), "\(database): \(ending)")
                    #expect(ending.error.hasPrefix("outtray: ") && !ending.error.contains("hush"), "\(ending)")
                    #expect(ending.error.split(separator: "\n").count == 1, "\(ending)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a host gets another identity, but not while its service runs`() async throws {
            try await withFleet("host=/nowhere dbname=x") { bench in
                let first = try object(try await bench.run("fleet", "new-identity", "--json"))
                let second = try object(try await bench.run("fleet", "new-identity", "--json"))
                try await bench.withDaemon { _ in
                    let refused = try await bench.run("fleet", "new-identity")
                    #expect(refused.code == 75, "\(refused)")
                }
                let third = try object(try await bench.run("fleet", "new-identity", "--json"))

                #expect(second["before"] == first["host"] && second["host"] != first["host"], "\(first) \(second)")
                #expect(third["before"] == second["host"], "\(second) \(third)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a host on its own is told that it is in no fleet`() async throws {
            try await withBench { bench in
                let ending = try await bench.run("fleet", "status")

                #expect(ending.code == 78 && ending.error.contains("this host is in no fleet"), "\(ending)")
            }
        }
    }
}
