import Foundation
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray manifest follow`, and the same over the control socket.
    struct FollowTests {
        /// The revisions that a follower has printed, and `reset`.
        private static func told(_ process: RunningProcess) -> [String] {
            process.log.split(separator: "\n").map { line in
                if line.hasPrefix(#"{"event":"reset""#) { return "reset" }
                return String(line.dropFirst(#"{"revision":"#.count).prefix { $0.isNumber })
            }
        }

        private static func following(
            _ bench: Bench,
            _ arguments: [String] = [],
            _ body: (RunningProcess) async throws -> Void
        ) async throws {
            try await withProcess(
                BuiltBinary.command(["manifest", "follow", "--config", bench.configuration.string] + arguments),
                environment: ["HOME": bench.root.string],
                logFile: bench.path("follow.log"),
                body
            )
        }

        /// Lets one file leave and come back: two changes of one entry each time.
        private static func turn(_ bench: Bench) async throws {
            for (from, to) in [("inbox/a.jpg", "inbox/.hidden"), ("inbox/.hidden", "inbox/a.jpg")] {
                try bench.move(from, to: to)
                try await bench.waitForManifest("a.jpg in its turn") {
                    $0.entries[bench.path("inbox/a.jpg").string]?.present == (to == "inbox/a.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `each change is told once and in order, over restarts and replacements of the journal`() async throws {
            try await withBench([.init(settle: "50ms")]) { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await Self.following(bench) { follower in
                    var replacements = 0
                    var length = 0
                    for restart in 0..<4 {
                        try await bench.withDaemon { daemon in
                            try await bench.waitForEntry("inbox/a.jpg")
                            // Before the first replacement, so that the follower misses none.
                            try await untilSo { Self.told(follower).first == "1" }
                            // Past four lines an entry, the journal is replaced.
                            for _ in 0..<8 {
                                try await Self.turn(bench)
                                let now = try bench.read(bench.journalFile).count
                                if now < length { replacements += 1 }
                                length = now
                            }
                            if restart == 1 { try daemon.send(SIGKILL) }
                        }
                    }
                    let newest = try #require(try bench.journal().last?.revision)
                    #expect(replacements >= 2 && newest > 60, "\(replacements) replacements, \(newest) changes")
                    try await untilSo { Self.told(follower).last == "\(newest)" }
                    #expect(Self.told(follower) == (1...newest).map { "\($0)" })
                    #expect(follower.isRunning)
                }
            }
        }

        /// How many changes at least: `OUTTRAY_CHANGES`.
        private static let changes = Int(ProcessInfo.processInfo.environment["OUTTRAY_CHANGES"] ?? "") ?? 600

        /// Many files leave and come back at once. Each process ends while they do: three in good order, two by a kill.
        @Test(.timeLimit(.minutes(10)))
        func `changes in a mass are told once and in order, over ends, kills and replacements of the journal`()
            async throws
        {
            try await withBench([.init(settle: "50ms")]) { bench in
                let files = max(10, Self.changes / 20)
                try bench.makeDirectory("inbox/d")
                for number in 0..<files { try bench.write(Media.jpeg(number), to: "inbox/d/\(number).jpg") }
                try bench.makeDirectory("away")
                let (here, away) = ("inbox/d", "away/d")
                func waitUntil(present count: Int) async throws {
                    try await bench.waitForManifest("\(count) files that are there") { manifest in
                        manifest.entries.count == files && manifest.entries.values.count { $0.present } == count
                    }
                }
                try await Self.following(bench) { follower in
                    var replacements = 0
                    var inode: Int?
                    for process in 0..<5 {
                        try await bench.withDaemon { daemon in
                            try await waitUntil(present: files)
                            let begun = try bench.journal().last?.revision ?? 0
                            // The follower has begun, before the first replacement.
                            try await untilSo { Self.told(follower).first == "1" }
                            while try (bench.journal().last?.revision ?? 0) - begun < Self.changes / 5 {
                                try bench.move(here, to: away)
                                try await waitUntil(present: 0)
                                try bench.move(away, to: here)
                                try await waitUntil(present: files)
                                let journal = try FileManager.default.attributesOfItem(atPath: bench.journalFile.string)
                                let now = journal[.systemFileNumber] as? Int
                                if now != inode { replacements += 1 }
                                inode = now
                            }
                            // The end comes amid changes.
                            try bench.move(here, to: away)
                            try bench.move(away, to: here)
                            if !process.isMultiple(of: 2) { try daemon.send(SIGKILL) }
                        }
                    }
                    try await bench.sync()
                    let newest = try #require(try bench.journal().last?.revision)
                    try await untilSo { Self.told(follower).last == "\(newest)" }
                    let told = Self.told(follower)
                    print("\(told.count) changes of \(files) files, the journal was replaced \(replacements - 1) times")
                    #expect(newest >= Self.changes && replacements > 2, "\(newest) changes, \(replacements)")
                    #expect(told == (1...newest).map { "\($0)" })
                    #expect(follower.isRunning)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a revision of another ledger is a reset, and one that is there goes on`() async throws {
            try await withBench([.init(settle: "50ms")]) { bench in
                for number in 0..<3 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                try await bench.sync()
                let newest = try #require(try bench.journal().last?.revision)

                for (since, expected) in [
                    ("1", (2...newest).map { "\($0)" }), ("8211", ["reset"] + (1...newest).map { "\($0)" }),
                ] {
                    try await Self.following(bench, ["--since", since]) { follower in
                        try await untilSo { Self.told(follower).count >= expected.count }
                        #expect(Self.told(follower) == expected)
                    }
                }
            }
        }

        /// The state directory is emptied, as by a person who begins anew.
        @Test(.timeLimit(.minutes(5)))
        func `a ledger that begins anew is a reset for who follows`() async throws {
            try await withBench([.init(settle: "50ms")]) { bench in
                for number in 0..<3 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                try await bench.sync()
                let newest = try #require(try bench.journal().last?.revision)
                try await Self.following(bench) { follower in
                    try await untilSo { Self.told(follower).last == "\(newest)" }
                    for path in [bench.state, bench.manifestFile, bench.journalFile] {
                        try FileManager.default.removeItem(atPath: path.string)
                    }
                    for number in 1..<3 { try bench.remove("inbox/\(number).jpg") }
                    try await bench.sync()
                    try await untilSo { Self.told(follower).contains("reset") }
                    try await untilSo { Self.told(follower).last != "reset" }
                    let after = Self.told(follower).drop { $0 != "reset" }
                    #expect(after.dropFirst().first == "1", "\(after)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `over the socket the same lines come, and end with the newest unless it follows`() async throws {
            try await withBench([.init(settle: "50ms")]) { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg") { $0.status == "ready" }
                    let socket = bench.state.appending("control.sock")
                    let connection = try UnixConnection(socket)
                    connection.send("GET /api/v1/manifest HTTP/1.1\r\nHost: outtray\r\nConnection: close\r\n\r\n")
                    let answer = await connection.readToEnd()
                    let journal = try String(contentsOfFile: bench.journalFile.string, encoding: .utf8)
                    for line in journal.split(separator: "\n") { #expect(answer.contains(line), "\(answer)") }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `events tell what happens, until the service ends`() async throws {
            try await withBench([.init(settle: "50ms")]) { bench in
                let end = try await bench.withDaemon { _ in
                    let connection = try UnixConnection(bench.state.appending("control.sock"))
                    connection.send("GET /api/v1/events HTTP/1.1\r\nHost: outtray\r\n\r\n")
                    // Held back by a pause, until the request is surely served.
                    #expect(try await bench.run("pause").code == 0)
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    #expect(try await bench.run("resume").code == 0)
                    try bench.write(Array("notes".utf8), to: "inbox/notes.txt")
                    try await bench.waitForEntry("inbox/a.jpg")
                    try await bench.waitForRejection("inbox/notes.txt")
                    return connection
                }
                // The answer ends with the service.
                let told = await end.value.readToEnd()
                #expect(told.contains("content-type: text/event-stream") || told.contains("Content-Type: text/event"))
                #expect(told.contains("event: uploaded\ndata: {\"at\":"), "\(told)")
                #expect(told.contains("event: rejected\n"), "\(told)")
                #expect(told.contains("\"path\":\"\(bench.path("inbox/a.jpg"))\""), "\(told)")
            }
        }
    }
}
