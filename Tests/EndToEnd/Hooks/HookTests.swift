import Foundation
import Glibc
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Commands and webhooks that are called when a file is up, and the like.
    struct HookTests {
        @Test(.timeLimit(.minutes(5)))
        func `a command is called for what is up, rejected or blocked, and the file's steps say so`() async throws {
            try await withBench { bench in
                try bench.writeHook(Bench.keepingBody)
                try bench.configure(
                    hooks: [
                        bench.hookLine(), bench.hookLine("ready", name: "use"),
                        bench.hookLine("rejected", name: "tell"),
                        bench.hookLine("blocked", name: "page"),
                    ]
                )
                try await bench.withDaemon { daemon in
                    try bench.write(Media.pdf(), to: "inbox/a.pdf")
                    try bench.write(Array("text".utf8), to: "inbox/b.txt")
                    try await wait(for: "three calls") { try bench.hookCalls().count == 3 }
                    try bench.writeKey("pb_live_wrong", of: "main")
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog("configuration read again")
                    try bench.write(Media.pdf(2), to: "inbox/c.pdf")
                    try await wait(for: "the call for the blocked account") { try bench.hookBodies().count == 4 }
                    let why = try await bench.run("why", bench.path("inbox/a.pdf").string)
                    #expect(why.output.contains("post: done"), "\(why)")
                }

                let calls = try bench.hookCalls()
                let pdf = bench.path("inbox/a.pdf").string
                #expect(
                    Set(calls.map { "\($0.event) \($0.path)" })
                        == ["uploaded \(pdf)", "ready \(pdf)", "rejected \(bench.path("inbox/b.txt"))", "blocked "]
                )
                let bodies = try bench.hookBodies()
                for body in bodies {
                    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(body.utf8)) }
                }
                #expect(bodies.contains { $0.contains(#""account":"main","cause":"key-refused""#) })
            }
        }

        /// Each third event fails at its first try. The process is killed twice meanwhile. `OUTTRAY_EVENTS` sets the
        /// number of files.
        @Test(.timeLimit(.minutes(10)))
        func `hundreds of events come at least once and in order per file, over failures and kill -9`() async throws {
            let count = ProcessInfo.processInfo.environment["OUTTRAY_EVENTS"].flatMap(Int.init) ?? 300
            try await withBench { bench in
                try bench.writeHook(
                    #"""
                    [ $((0x${OUTTRAY_DELIVERY%????????????????????????????} % 3)) -eq 0 ] && [ "$OUTTRAY_ATTEMPT" -eq 1 ] && exit 1
                    exit 0
                    """#
                )
                try bench.configure(hooks: [
                    bench.hookLine(more: "concurrency: 8"), bench.hookLine("rejected", name: "no"),
                ])
                for number in 0..<count { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }
                try await Self.kill(bench) { try bench.hookCalls().count > count / 4 }
                // Some of the files become another file, and some a text.
                for number in stride(from: 0, to: count, by: 5) {
                    try bench.write(Media.pdf(number + 10_000), to: "inbox/\(number).pdf")
                }
                for number in stride(from: 1, to: count, by: 10) {
                    try bench.write(Array("text".utf8), to: "inbox/\(number).pdf")
                }
                try await Self.kill(bench) { try bench.hookCalls().count > count / 2 }
                try await bench.withDaemon { daemon in
                    try await wait(for: "all events") {
                        guard let manifest = try bench.manifest(), manifest.rejected.count == count / 10,
                            stride(from: 0, to: count, by: 5).allSatisfy({ number in
                                let entry = manifest.entries[bench.path("inbox/\(number).pdf").string]
                                return entry?.sha256 == Media.sha256(Media.pdf(number + 10_000))
                            })
                        else { return false }
                        let calls = try bench.hookCalls()
                        let told = Set(calls.map { "\($0.event) \($0.revision)" })
                        let again = Set(calls.filter { $0.attempt > 1 }.map(\.delivery))
                        return try bench.wholeJournal().allSatisfy { told.contains("\($0.event) \($0.revision)") }
                            && calls.allSatisfy { !$0.fails || again.contains($0.delivery) }
                    } state: {
                        "\((try? bench.hookCalls().count) ?? 0) calls\n\(daemon.log.suffix(3000))"
                    }
                }

                let calls = try bench.hookCalls()
                for (path, calls) in Dictionary(grouping: calls, by: \.path) {
                    for event in ["uploaded", "rejected"] {
                        let revisions = calls.filter { $0.event == event }.map(\.revision)
                        #expect(revisions == revisions.sorted(), "\(path)")
                    }
                }
                let failed = calls.filter(\.fails)
                #expect(failed.count > count / 8)
                print(
                    "hooks: \(calls.count) calls, \(Set(calls.map(\.delivery)).count) events, \(failed.count) failed once"
                )
            }
        }

        /// Kills the daemon when `isSo`.
        private static func kill(_ bench: Bench, when isSo: () throws -> Bool) async throws {
            try await withProcess(
                bench.runCommand(),
                environment: ["HOME": bench.root.string],
                logFile: bench.path("daemon.log")
            ) { daemon in
                try await wait(for: "calls", until: isSo) { daemon.log.suffix(3000).description }
                try daemon.send(SIGKILL)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a hook that hangs, floods, forks, dies or is not there holds up no file and no other hook`() async throws
        {
            try await withBench { bench in
                try bench.writeHook()
                func hook(_ name: String, _ script: String) -> String {
                    "  - {name: \(name), timeout: 1s, run: [/bin/sh, -c, '\(script)', \(bench.root)]}"
                }
                try bench.configure(
                    hooks: [
                        "on_uploaded:",
                        hook("hangs", #"sleep 600 & echo $! >> "$0/left"; wait"#),
                        hook("floods", "yes | head -c 20000000; exit 1"),
                        hook("forks", #"sleep 30 &"#),
                        hook("dies", "kill -KILL $$"),
                        "  - {name: missing, run: [/does/not/exist]}",
                        "  - {name: post, run: [\(bench.path("hook.sh"))]}",
                    ]
                )
                try await bench.withDaemon { daemon in
                    for number in 0..<3 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }
                    for number in 0..<3 { try await bench.waitForEntry("inbox/\(number).pdf") }
                    try await wait(for: "the calls of the last hook") { try bench.hookCalls().count == 3 }
                    for (name, words) in [
                        ("hangs", "it took longer than 1.0 seconds"), ("floods", "it ended with status 1"),
                        ("dies", "it was ended by signal 9"), ("missing", "/does/not/exist cannot be started"),
                    ] {
                        try await daemon.waitForLog("hook fails, its events wait") {
                            $0.contains("hook=\(name) ") && $0.contains(words)
                        }
                        // Three files fail for one cause.
                        #expect(daemon.lines("hook=\(name) ") == 1, "\(name)")
                    }
                    #expect(daemon.lines("hook=forks ") == 0)
                    let left = String(decoding: try bench.read(bench.path("left")), as: UTF8.self).split(
                        separator: "\n"
                    )
                    try await wait(for: "the children of the hook to end") {
                        left.compactMap { pid_t($0) }.prefix(1).allSatisfy {
                            Glibc.kill($0, 0) != 0 || Self.isZombie($0)
                        }
                    }
                }
            }
        }

        private static func isZombie(_ id: pid_t) -> Bool {
            let stat = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ""
            return stat.split(separator: ")").last?.first { $0 != " " } == "Z"
        }

        @Test(.timeLimit(.minutes(3)))
        func `a command that cannot be killed holds up no other hook, no reload and not the end of the service`()
            async throws
        {
            try await withBench { bench in
                try bench.makeDirectory("hung")
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    disk.hang(.all)
                    disk.keepKilled()
                    try bench.writeHook()
                    func yaml(timeout: String?) -> String {
                        let limit = timeout ?? ""
                        // Tells of itself, and then becomes a process that waits for the disk.
                        let script = "echo $$ \(limit) >> \(bench.root)/started; exec cat \(bench.path("hung/file"))"
                        let hangs = "  - {name: hangs, timeout: \(limit), run: [/bin/sh, -c, '\(script)']}\n"
                        return bench.yaml([.init(settle: "100ms")]) + "on_uploaded:\n"
                            + "  - {name: post, run: [\(bench.path("hook.sh"))]}\n" + (timeout == nil ? "" : hangs)
                    }
                    try bench.write(Array(yaml(timeout: "1s").utf8), to: "outtray.yaml")
                    let left = "hook cannot be ended, its process is left behind"
                    let end = try await bench.withDaemon(in: disk) { daemon in
                        try bench.write(Media.pdf(), to: "inbox/a.pdf")
                        try await daemon.waitForLog("hook fails, its events wait") {
                            $0.contains("SIGKILL does not end it: it is left behind") && $0.contains("process ")
                        }
                        try await wait(for: "the call of the other hook") { try bench.hookCalls().count == 1 }

                        // Nothing but a reload, and then the end of the service, ends the next calls.
                        try await bench.reload(daemon, yaml(timeout: "1h"))
                        try await Self.waitForStuck(bench, "1h")
                        let before = daemon.lines(left)
                        try await bench.reload(daemon, yaml(timeout: nil))
                        #expect(daemon.lines(left) == before + 1, "\(daemon.log.suffix(2000))")

                        try await bench.reload(daemon, yaml(timeout: "59m"))
                        try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                        try await Self.waitForStuck(bench, "59m")
                        try daemon.send(SIGTERM)
                        await daemon.waitForEnd()
                        #expect(
                            !daemon.isRunning && daemon.lines(left) == before + 2,
                            "\(daemon.log.suffix(2000))"
                        )
                    }
                    #expect(end.status == .exited(0), "\(end.status)")
                    #expect(try bench.hookCalls().count == 2)
                }
            }
        }

        /// Waits until a process of the hanging hook with this limit waits for the disk (state D: proc(5)).
        private static func waitForStuck(_ bench: Bench, _ limit: String) async throws {
            try await wait(for: "a process that cannot be ended") {
                let lines = String(decoding: try bench.read(bench.path("started")), as: UTF8.self).split(
                    separator: "\n"
                )
                guard let line = lines.last(where: { $0.hasSuffix(" \(limit)") }),
                    let process = line.split(separator: " ").first
                else { return false }
                let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
                return stat.split(separator: ")").last?.first { $0 != " " } == "D"
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a webhook that answers 500 first gets its events in the end, signed and under the same key`()
            async throws
        {
            try await ScriptedServer.run({ _, index in index < 3 ? .text(500, "later") : .answer(204) }) { server in
                try await withBench { bench in
                    try bench.write(Array("s3cret\n".utf8), to: "hook.secret", permissions: [.ownerReadWrite])
                    let settings = "allow_private: true, secret_file: \(bench.path("hook.secret"))"
                    try bench.configure(hooks: [
                        "on_uploaded: [{name: notify, webhook: '\(server.url)/h', \(settings)}]"
                    ])
                    try await bench.withDaemon { daemon in
                        try bench.write(Media.pdf(), to: "inbox/a.pdf")
                        try await daemon.waitForLog("hook fails, its events wait") { $0.contains("answered 500") }
                        try await daemon.waitForLog("no event of the hook fails any more")
                        try await untilSo {
                            try await bench.metric(#"outtray_hook_runs_total{hook="notify",outcome="delivered"}"#) == 1
                        }
                        #expect(
                            try await bench.metric(#"outtray_hook_runs_total{hook="notify",outcome="failed"}"#) == 3
                        )
                        #expect(daemon.lines("hook fails, its events") == 1)
                        #expect(!daemon.log.contains("s3cret"))
                    }
                    let requests = server.requests
                    #expect(requests.count == 4)
                    #expect(Set(requests.map(\.body)).count == 1)
                    #expect(Set(requests.flatMap { $0.values(of: "Outtray-Delivery") }).count == 1)
                    #expect(requests[0].values(of: "Outtray-Signature").first?.hasPrefix("sha256=") == true)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload takes a mended hook at once, and lets go of the events of one that is no more`() async throws {
            try await withBench { bench in
                try bench.writeHook("exit 1")
                try bench.configure(hooks: [bench.hookLine()])
                try await bench.withDaemon { daemon in
                    try bench.write(Media.pdf(), to: "inbox/a.pdf")
                    try await daemon.waitForLog("hook fails")
                    try bench.writeHook()
                    let before = try bench.hookCalls().count
                    try await bench.reload(
                        daemon,
                        bench.yaml([.init(settle: "100ms")]) + bench.hookLine(more: "timeout: 9s")
                    )
                    try await wait(for: "another call") { try bench.hookCalls().count > before }
                    try await untilSo {
                        try await bench.metric(#"outtray_hook_runs_total{hook="post",outcome="delivered"}"#) == 1
                    }

                    try bench.writeHook("exit 1")
                    try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                    try await daemon.waitForLog("hook fails", times: 2)
                    try await bench.reload(daemon, bench.yaml([.init(settle: "100ms")]))
                    let calls = try bench.hookCalls().count
                    try await bench.reload(daemon, bench.yaml([.init(settle: "100ms")]) + bench.hookLine())
                    try bench.writeHook()
                    try bench.write(Media.pdf(3), to: "inbox/c.pdf")
                    try await wait(for: "the call for the new file") {
                        try bench.hookCalls().contains { $0.path.hasSuffix("c.pdf") }
                    }
                    #expect(try bench.hookCalls().dropFirst(calls).allSatisfy { $0.path.hasSuffix("c.pdf") })
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a directory that is ready is told once, also over a restart, and again when a file is added`()
            async throws
        {
            try await withBench { bench in
                try bench.writeHook(Bench.keepingBody)
                try bench.configure(hooks: [bench.hookLine("folder_ready")])
                try bench.makeDirectory("inbox/set")
                try await bench.withDaemon { _ in
                    // The sandbox takes a moment to process an image.
                    try bench.write(Media.jpeg(), to: "inbox/set/a.jpg")
                    for number in 0..<3 { try bench.write(Media.pdf(number), to: "inbox/set/\(number).pdf") }
                    try bench.write(Array("text".utf8), to: "inbox/set/b.txt")
                    try await wait(for: "the call") { try bench.hookBodies().count == 1 }
                    // A service that ends before it recorded the call makes it once more.
                    try await untilSo {
                        try await bench.metric(#"outtray_hook_runs_total{hook="post",outcome="delivered"}"#) == 1
                    }
                }
                let journal = try bench.wholeJournal()
                try await bench.withDaemon { _ in
                    try bench.write(Media.pdf(9), to: "inbox/set/9.pdf")
                    try await wait(for: "another call") { try bench.hookBodies().count == 2 }
                }

                let calls = try bench.hookCalls()
                #expect(calls.map(\.path) == [bench.path("inbox/set").string, bench.path("inbox/set").string])
                #expect(calls[0].revision == journal.map(\.revision).max(), "all was recorded before the call")
                let bodies = try bench.hookBodies()
                #expect(bodies[0].contains(#""files":4,"failed":1"#), "\(bodies)")
                #expect(bodies[1].contains(#""files":5,"failed":1"#), "\(bodies)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `check calls no hook, and names one whose command cannot be started`() async throws {
            try await withBench { bench in
                try bench.writeHook()
                let webhook = "on_ready: [{name: tell, webhook: 'https://hooks.example/s3cret?x=y'}]"
                try bench.configure(hooks: [bench.hookLine(), webhook])

                let right = try await bench.run("check")
                #expect(right.code == 0, "\(right)")
                #expect(right.output.contains("ok  hook post: \(bench.path("hook.sh")) on_uploaded\n"))
                #expect(right.output.contains("ok  hook tell: POST to hooks.example, not signed on_ready\n"))
                #expect(!right.output.contains("s3cret"))
                try bench.remove("hook.sh")
                let wrong = try await bench.run("check")
                #expect(wrong.code == 75, "\(wrong)")
                #expect(
                    wrong.output.contains("no  hook post: \(bench.path("hook.sh")) cannot be started: No such file")
                )
                #expect(try bench.hookCalls().isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a pass calls hooks, and ends with 75 while one fails`() async throws {
            try await withBench { bench in
                try bench.writeHook("exit 4")
                try bench.configure(hooks: [bench.hookLine()])
                try bench.write(Media.pdf(), to: "inbox/a.pdf")

                let failed = try await bench.run("sync")
                #expect(
                    failed.code == 75 && failed.error.contains("hook post failed, 1 of its events wait"),
                    "\(failed)"
                )
                try bench.writeHook()
                try await bench.sync()
                #expect(try bench.hookCalls().map(\.attempt) == [1, 2])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an event is called for at least once, wherever the process is killed`() async throws {
            try await forEach(CrashSide.hook, atATime: 4) { point in
                try await withBench([.init(settle: "100ms")]) { bench in
                    try bench.writeHook(point == "hook-postponed" ? #"[ "$OUTTRAY_ATTEMPT" -gt 1 ]"# : "exit 0")
                    try bench.configure(hooks: [bench.hookLine()])
                    try await bench.crashDaemon(at: point) { _ in
                        try bench.write(Media.pdf(), to: "inbox/a.pdf")
                    }
                    try await bench.withDaemon { _ in
                        try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                        try await wait(for: "the call for the second file") {
                            try bench.hookCalls().contains {
                                $0.path.hasSuffix("b.pdf") && (point != "hook-postponed" || $0.attempt == 2)
                            }
                        }
                    }

                    let calls = try bench.hookCalls().filter { $0.path.hasSuffix("a.pdf") }
                    let attempts = calls.map(\.attempt)
                    switch point {
                    case "hook-recorded": #expect(attempts == [1], "\(point)")
                    case "hook-ran": #expect(attempts == [1, 1], "\(point)")
                    case "hook-postponed": #expect(attempts == [1, 2], "\(point)")
                    default: #expect(attempts == [1], "\(point)")
                    }
                    #expect(Set(calls.map(\.delivery)).count == 1, "\(point)")
                }
            }
        }
    }
}
