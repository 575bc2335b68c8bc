import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray status`, `GET /api/v1/status` and `GET /api/v1/files`.
    struct StatusTests {
        @Test(.timeLimit(.minutes(5)))
        func `the service tells its folders, accounts, uploads and what needs a person`() async throws {
            let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders) { bench in
                try bench.writeKey("wrong", of: "main")
                try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                try bench.write(Media.pdf(), to: "linkedin/b.pdf")
                try await bench.withDaemon { _ in
                    try await bench.waitForEntry("linkedin/b.pdf")
                    let status = try await bench.waitForStatus("the blocked account") {
                        $0["waiting"]?.items.first?["cause"]?.string == "key-refused"
                    }
                    #expect(try controlSchema("status").problems(in: status) == [])
                    #expect(status["state"]?.string == "degraded")
                    let problem = status["problems"]?.items.first
                    #expect(problem?["code"]?.string == "account-blocked" && problem?["subject"]?.string == "main")
                    #expect(problem?["fix"]?.string?.contains("outtray retry --account main") == true)
                    let files = status["folders"]?.items.map { $0["files"]?["uploaded"]?.number }
                    #expect(files == [0, 1])
                    #expect(status["lastUploaded"]?["path"]?.string == bench.path("linkedin/b.pdf").string)

                    let text = try await bench.run("status")
                    #expect(text.code == 0 && text.error == "", "\(text)")
                    #expect(
                        text.lines.first?.hasPrefix("outtray ") == true
                            && text.lines.first?.hasSuffix("degraded") == true
                    )
                    #expect(
                        text.lines.dropFirst().first?.hasPrefix("! main is blocked: its key was refused. 1 file waits")
                            == true
                    )
                    let json = try await bench.run("status", "--json")
                    #expect(try controlSchema("status").problems(in: JSONTree(parsing: Array(json.output.utf8))) == [])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an upload shows how far it is, in the status and in why`() async throws {
            try await withBench([.init(name: "linkedin", account: "linkedin")]) { bench in
                let path = try bench.write(Media.mp4(bytes: 40 << 20), to: "linkedin/b.mp4").string
                // The storage answers each part late.
                bench.sandbox.weather.latency = .milliseconds(300)
                try await bench.withDaemon { _ in
                    let status = try await bench.waitForStatus("the upload") { status in
                        let upload = status["uploading"]?.items.first
                        return upload?["phase"]?.string == "sending" && (upload?["partsDone"]?.number ?? 0) >= 1
                    }
                    let upload = try #require(status["uploading"]?.items.first)
                    #expect(upload["path"]?.string == path && upload["parts"]?.number == 10)
                    #expect((upload["sent"]?.number ?? 0) > 4_000_000)
                    #expect(try controlSchema("status").problems(in: status) == [])
                    let query = path.replacing("/", with: "%2F")
                    let why = try await bench.ask("/api/v1/files/why?path=\(query)")
                    #expect(try controlSchema("why").problems(in: why) == [])
                    bench.sandbox.weather.latency = .zero
                    try await bench.waitForEntry("linkedin/b.mp4")
                    let after = try await bench.waitForStatus("nothing under way") {
                        $0["uploading"]?.items.isEmpty == true
                    }
                    #expect(after["rate"]?["filesPerMinute"]?.number == 1)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `without a service the ledger tells, and the command ends with 69`() async throws {
            try await withBench { bench in
                let none = try await bench.run("status")
                #expect(none.code == 69 && none.output.contains("stopped"), "\(none)")
                try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                try await bench.sync()
                let text = try await bench.run("status")
                #expect(text.code == 69 && text.error.contains("no service runs"), "\(text)")
                #expect(text.output.contains("inbox   main     -       1"), "\(text)")
                let json = try JSONTree(parsing: Array(try await bench.run("status", "--json").output.utf8))
                #expect(json["state"]?.string == "stopped")
                #expect(try controlSchema("status").problems(in: json) == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `status --watch tells each change on a line, and outlives the service`() async throws {
            try await withBench { bench in
                try await withProcess(
                    BuiltBinary.command(["status", "--watch", "--config", bench.configuration.string]),
                    environment: ["HOME": bench.root.string],
                    logFile: bench.path("status.log")
                ) { status in
                    try await status.waitForLog("stopped")
                    try await bench.withDaemon { _ in
                        try await status.waitForLog("ok; 0 up")
                        try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                        try await status.waitForLog("1 up")
                    }
                    try await status.waitForLog("stopped", times: 2)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `files are listed a page at a time, and a wrong question is refused in words`() async throws {
            try await withBench { bench in
                for number in 0..<5 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                try bench.write(Array("text".utf8), to: "inbox/bad \u{1F4F7}.txt")
                try await bench.sync(endsWith: 65)
                try await bench.withDaemon { _ in
                    var (paths, after): ([String], String?) = ([], "0")
                    while let cursor = after {
                        let page = try await bench.ask("/api/v1/files?limit=2&after=\(cursor)")
                        #expect(try controlSchema("files").problems(in: page) == [])
                        paths += page["files"]?.items.compactMap { $0["path"]?.string } ?? []
                        after = page["next"]?.string
                    }
                    #expect(paths.count == 6 && Set(paths).count == 6)
                    let rejected = try await bench.ask("/api/v1/files?state=rejected&q=bad%20%F0%9F%93%B7")
                    #expect(rejected["files"]?.items.count == 1)
                    #expect(try await bench.ask("/api/v1/files?folder=none")["files"]?.items.isEmpty == true)
                    for wrong in [
                        "files?limit=0", "files?limit=1001", "files?state=up", "files?cause=rain", "files?stat=queued",
                        "files?q=%FF", "files?after=-1", "files?after=x", "files?q=%", "files/why", "files/why?path=a",
                        "status?x=1",
                    ] {
                        let error = try await bench.ask("/api/v1/\(wrong)")
                        #expect(try controlSchema("error").problems(in: error) == [], "\(wrong): \(error)")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `each answer of an action fits the schema, and so does each refusal`() async throws {
            try await withBench { bench in
                let path = try bench.write(Media.jpeg(1), to: "inbox/a.jpg").string
                try await bench.withDaemon { _ in
                    try await bench.waitForEntry("inbox/a.jpg")
                    for (action, body, schema) in [
                        ("retry", #"{"paths": ["\#(path)", "/none.jpg"]}"#, "retry"),
                        ("retry", #"{"all": true}"#, "retry"),
                        ("pause", #"{"scope": "folder", "name": "inbox"}"#, "pauses"), ("resume", "", "pauses"),
                        ("rescan", #"{"scope": "all"}"#, "rescan"), ("reload", "{}", "reload"),
                        ("forget", #"{"paths": ["\#(path)", {"path": "/%FF", "pathEncoding": "percent"}]}"#, "forget"),
                        ("wait", #"{"paths": ["\#(path)"], "timeoutSeconds": 5}"#, "wait"),
                        ("wait", #"{"paths": ["/none.jpg"], "timeoutSeconds": 0}"#, "wait"), ("retry", "{}", "error"),
                        ("retry", "[", "error"), ("pause", #"{"scope": "folder", "name": "none"}"#, "error"),
                        ("forget", #"{"paths": ["a.jpg"]}"#, "error"), ("wait", #"{"path": 1}"#, "error"),
                        ("rescan", #"{"scope": "some"}"#, "error"),
                    ] {
                        let answer = try await bench.act("/api/v1/\(action)", body)
                        #expect(try controlSchema(schema).problems(in: answer) == [], "\(action) \(body): \(answer)")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `why answers for any path`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { _ in
                    let long = "%2F" + String(repeating: "x", count: 4096)
                    for path in ["%2F", "%2Fetc%2Fpasswd", "%2Fin%2F%FF.jpg", long, "%2F%2E%2E%2F%2E%2E"] {
                        let why = try await bench.ask("/api/v1/files/why?path=\(path)")
                        #expect(why["known"] == .bool(false), "\(why)")
                        #expect(try controlSchema("why").problems(in: why) == [], "\(why)")
                    }
                }
            }
        }
    }
}
