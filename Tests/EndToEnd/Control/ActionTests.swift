import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// What people ask of the running service: retry, pause, resume, rescan, reload, forget.
    struct ActionTests {
        private static let presign = "POST /media/presign"
        private static let folders: [Bench.Folder] = [
            .init(settle: "100ms"), .init(name: "second", account: "linkedin", settle: "100ms"),
        ]

        private static func answer(_ status: Int, _ words: String, to request: String = presign) -> PreparedAnswer {
            PreparedAnswer(
                to: request,
                .given(status: status, headers: ["content-type": "application/json"], body: Array(words.utf8))
            )
        }

        // MARK: Retry

        /// By itself the account is tried again after a minute.
        @Test(
            .timeLimit(.minutes(5)),
            arguments: [["--account", "main"], ["--all"], ["--cause", "quota"], ["--folder", "inbox"], ["PATH"]]
        )
        func `when room was made, retry opens the account and its files go up`(choice: [String]) async throws {
            try await withBench(Self.folders) { bench in
                let words = #"{"statusCode":403,"code":"STORAGE_LIMIT","message":"Storage limit reached"}"#
                bench.sandbox.prepare([Self.answer(403, words)])
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("account blocked")
                    try await untilSo {
                        try await bench.run("why", path, "--json").output.contains(#""cause":"quota""#)
                    }

                    let ending = try await bench.retry(choice.map { $0 == "PATH" ? path : $0 })

                    #expect(ending.code == 0, "\(ending)")
                    #expect(ending.output.contains("account main is open again"), "\(ending)")
                    try await bench.waitForEntry("inbox/a.jpg")
                }
                let why = try await bench.run("why", path, "--json")
                #expect(why.output.contains(#""step":"retried""#), "\(why)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a rejected file is tried anew, and the answer tells of others why not`() async throws {
            try await withBench(Self.folders) { bench in
                bench.sandbox.prepare([Self.answer(413, #"{"statusCode":413,"message":"Payload Too Large"}"#)])
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                try await bench.withDaemon { _ in
                    try await bench.waitForRejection("inbox/a.jpg")

                    let ending = try await bench.retry([path, bench.path("inbox/none.jpg").string])

                    #expect(ending.code == 1, "\(ending)")
                    #expect(ending.output.contains("\(path): looked at anew"), "\(ending)")
                    #expect(ending.output.contains("none.jpg: not known") && ending.output.contains("tried again: 1"))
                    try await bench.waitForEntry("inbox/a.jpg")
                    let again = try await bench.retry([path, "--json"])
                    #expect(again.code == 0 && again.output.contains(#""outcome":"uploaded""#), "\(again)")
                }
                #expect(try bench.manifest()?.rejected.isEmpty == true)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `the bytes of an asset that the provider could not process go up anew`() async throws {
            try await withBench(Self.folders) { bench in
                let words = #"{"mediaId":"x","normalizationStatus":"FAILED","status":"FAILED"}"#
                bench.sandbox.weather.normaliseImagesFor = .seconds(1)
                bench.sandbox.prepare([Self.answer(200, words, to: "GET /media/{id}")])
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await bench.withDaemon { _ in
                    let failed = try await bench.waitForEntry("inbox/a.jpg") { $0.status == "failed" }
                    #expect(try await bench.retry(["--all"]).code == 0)
                    let entry = try await bench.waitForEntry("inbox/a.jpg") { $0.status == "ready" }
                    #expect(entry.id != failed.id)
                }
                #expect(bench.page.assets.count == 2)
            }
        }

        // MARK: Pause

        @Test(.timeLimit(.minutes(5)), arguments: [["--account", "main"], ["--folder", "inbox"], []])
        func `what is paused begins nothing, over a restart and a reload, until it is resumed`(scope: [String])
            async throws
        {
            try await withBench(Self.folders) { bench in
                let path = bench.path("inbox/a.jpg").string
                try await bench.withDaemon { _ in
                    let ending = try await bench.run(arguments: ["pause"] + scope)
                    #expect(ending.code == 0 && ending.output.contains("paused: "), "\(ending)")
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await untilSo {
                        try await bench.run("why", path, "--json").output.contains(#""cause":"paused""#)
                    }
                }
                // The keys of the configuration have other names now, for the same account and the same path.
                let renamed = [
                    Bench.Account(name: "first", provider: "postbreeze"), Bench.Account.usual[1],
                ]
                try bench.writeKey("pb_live_sandbox", of: "first")
                let yaml = bench.yaml(
                    [.init(name: "inbox", account: "first", settle: "100ms"), Self.folders[1]],
                    accounts: renamed
                )
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try await bench.sync(endsWith: 75)
                let push = try await bench.run("push", path)
                #expect(push.code == 75 && push.error.contains("is paused; to go on: outtray resume"), "\(push)")
                try await bench.withDaemon { daemon in
                    #expect(daemon.lines("paused, nothing new begins there") == 1)
                    let reload = try await bench.run("reload")
                    #expect(reload.code == 0, "\(reload)")
                    if !scope.isEmpty {
                        try bench.write(Media.jpeg(2), to: "second/b.jpg")
                        try await bench.waitForEntry("second/b.jpg")
                    }
                    let why = try await bench.run("why", path)
                    #expect(why.output.contains("is paused; to go on: outtray resume"), "\(why)")
                    #expect(bench.page.assets.allSatisfy { $0.provider == .connectsafely })

                    let ending = try await bench.run(
                        arguments: ["resume"] + scope.map { $0 == "main" ? "first" : $0 }
                    )
                    #expect(ending.code == 0 && ending.output == "nothing is paused\n", "\(ending)")
                    try await bench.waitForEntry("inbox/a.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an upload that is under way when its account is paused finishes`() async throws {
            try await withBench(Self.folders) { bench in
                bench.sandbox.weather.latency = .milliseconds(300)
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await bench.withDaemon { _ in
                    _ = try await bench.sandbox.books.wait { !$0.assets.isEmpty }
                    #expect(try await bench.run("pause").code == 0)
                    try await bench.waitForEntry("inbox/a.jpg")
                    #expect(try await bench.run("resume").code == 0)
                }
            }
        }

        // MARK: Rescan, reload

        @Test(.timeLimit(.minutes(5)))
        func `a rescan is begun when the command returns`() async throws {
            try await withBench(Self.folders) { bench in
                try await bench.withDaemon { daemon in
                    let socket = bench.state.appending("control.sock")
                    func scans() async throws -> Int {
                        try await asked(socket, "/metrics").split(separator: "\n")
                            .filter { $0.hasPrefix("outtray_rescans_total{folder=\"inbox\"") }
                            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
                    }
                    let before = try await scans()
                    let ending = try await bench.run("rescan", "--account", "main")
                    #expect(ending.code == 0 && ending.output == "inbox is looked through\n", "\(ending)")
                    #expect(try await scans() == before + 1)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `reload says whether the configuration was taken, and what is wrong with it`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    try bench.configure(Self.folders)
                    let taken = try await bench.run("reload")
                    #expect(taken.code == 0 && taken.output.contains("folders: inbox, second"), "\(taken)")

                    // The command itself reads the state directory's place alone from this file.
                    let good = try bench.read(bench.configuration)
                    try bench.makeDirectory("third")
                    let yaml = bench.yaml(Self.folders) + "  third: {path: \(bench.path("third")), account: none}\n"
                    try bench.write(Array(yaml.utf8), to: "bad.yaml")
                    try bench.move("bad.yaml", to: "outtray.yaml")
                    let socket = bench.state.appending("control.sock")
                    let refused = try await asked(socket, "/api/v1/reload", method: "POST")
                    #expect(refused.hasPrefix("HTTP/1.1 422 ") && refused.contains("invalid-configuration"))
                    #expect(refused.contains("folders.third.account"), "\(refused)")
                    #expect(try await bench.run("reload").code == 78)
                    try bench.write(good, to: "outtray.yaml")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a name that the configuration does not have is wrong usage`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    for command in [["pause"], ["resume"], ["rescan"], ["retry"]] {
                        let ending = try await bench.run(arguments: command + ["--folder", "nowhere"])
                        #expect(ending.code == 64, "\(ending)")
                        #expect(ending.error.contains("there is no folder nowhere: there is: inbox"), "\(ending)")
                    }
                }
            }
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [["pause"], ["resume"], ["rescan"], ["reload"], ["retry", "--all"]]
        )
        func `without a service that is said, with an exit code of its own`(command: [String]) async throws {
            try await withBench { bench in
                let ending = try await bench.run(arguments: command)
                #expect(ending.code == 69 && ending.error.contains("no service runs"), "\(ending)")
            }
        }

        // MARK: Forget

        @Test(.timeLimit(.minutes(5)), arguments: [true, false])
        func `the entry of a file that left is forgotten, with and without a service`(isRunning: Bool) async throws {
            try await withBench(Self.folders) { bench in
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                let other = try bench.write(Media.jpeg(2), to: "inbox/b.jpg").string
                func forget() async throws {
                    let ending = try await bench.run("forget", path, other)
                    #expect(ending.code == 65, "\(ending)")
                    #expect(ending.output.contains("\(path): forgotten"), "\(ending)")
                    #expect(ending.output.contains("\(other): is there"), "\(ending)")
                    try await bench.waitForManifest("one entry") { Set($0.entries.keys) == [other] }
                    let again = try await bench.run("forget", path)
                    #expect(again.code == 1, "\(again)")
                }
                try await bench.withDaemon { _ in
                    for name in ["a", "b"] { try await bench.waitForEntry("inbox/\(name).jpg") }
                    try bench.remove("inbox/a.jpg")
                    try await bench.waitForManifest("it left") { $0.entries[path]?.present == false }
                    if isRunning { try await forget() }
                }
                if !isRunning { try await forget() }
                #expect(try bench.journal().last { $0.path == path }?.event == "forgotten")
                try bench.expectJournalLeadsToSnapshot()
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `entries of files that left are forgotten after keep_gone`() async throws {
            try await withBench(Self.folders) { bench in
                let path = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                try await bench.withDaemon { _ in
                    try await bench.waitForEntry("inbox/a.jpg")
                    try bench.remove("inbox/a.jpg")
                    try await bench.waitForManifest("it left") { $0.entries[path]?.present == false }
                }
                let yaml = bench.yaml(Self.folders).replacingOccurrences(
                    of: "interval: 50ms",
                    with: "interval: 50ms, keep_gone: 1ms"
                )
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try await bench.withDaemon { _ in
                    try await bench.waitForManifest("it is forgotten") { $0.entries.isEmpty }
                }
                #expect(try bench.journal().last?.event == "forgotten")
            }
        }

        // MARK: Crashes

        @Test(.timeLimit(.minutes(5)))
        func `what was asked for holds, whenever the service is killed after it was recorded`() async throws {
            try await forEach(CrashSide.actions, atATime: 4) { point in
                try await withBench(Self.folders) { bench in
                    bench.sandbox.prepare([Self.answer(413, #"{"statusCode":413,"message":"Payload Too Large"}"#)])
                    let rejected = try bench.write(Media.jpeg(), to: "inbox/a.jpg").string
                    let left = try bench.write(Media.jpeg(2), to: "second/b.jpg").string
                    try await bench.withDaemon { _ in
                        try await bench.waitForRejection("inbox/a.jpg")
                        try await bench.waitForEntry("second/b.jpg")
                        try bench.remove("second/b.jpg")
                        try await bench.waitForManifest("it left") { $0.entries[left]?.present == false }
                    }
                    let command =
                        switch point {
                        case "retry-recorded": ["retry", rejected]
                        case "pause-recorded": ["pause"]
                        default: ["forget", left]
                        }
                    try await bench.crashDaemon(at: point) { daemon in
                        try await daemon.waitForLog(" watching")
                        let ending = try await bench.run(arguments: command)
                        #expect(ending.code == 75, "\(ending)")
                    }
                    bench.expectReadable("after \(point)")
                    try await bench.withDaemon { daemon in
                        switch point {
                        case "retry-recorded": try await bench.waitForEntry("inbox/a.jpg")
                        case "pause-recorded": #expect(daemon.lines("paused, nothing new begins there") == 1)
                        default: try await bench.waitForManifest("it is forgotten") { $0.entries.isEmpty }
                        }
                    }
                    let forgotten = try bench.wholeJournal().count { $0.event == "forgotten" }
                    #expect(forgotten == (point == "forgotten" ? 1 : 0), "\(point)")
                }
            }
        }
    }
}

extension Bench {
    /// Runs a command that is given as a list.
    func run(arguments: [String]) async throws -> Ending {
        try await BuiltBinary.run(
            arguments + ["--config", configuration.string],
            environment: ["HOME": root.string]
        )
    }

    fileprivate func retry(_ choice: [String]) async throws -> Ending { try await run(arguments: ["retry"] + choice) }
}
