import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray manifest verify --remote`: what the providers still have.
    struct RemoteVerifyTests {
        private static let route = "GET /media/{id}"

        private static func answer(_ status: Int, _ words: String, times: Int = 1) -> PreparedAnswer {
            let type = words.hasPrefix("<") ? "text/html" : "application/json"
            return PreparedAnswer(
                to: route,
                times: times,
                .given(status: status, headers: ["content-type": type], body: Array(words.utf8))
            )
        }

        private static func fill(_ bench: Bench, _ count: Int = 4) async throws {
            for number in 0..<count { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
            try await settleStatus(bench)
        }

        /// Runs passes until no asset is processed any more. Then the service looks at none by itself.
        private static func settleStatus(_ bench: Bench) async throws {
            try await untilSo {
                try await bench.sync()
                return try bench.manifest()?.entries.values.contains { $0.status == "processing" } == false
            }
        }

        private static func id(_ name: String, _ bench: Bench) throws -> String {
            try #require(try bench.manifest()?.entries[bench.path(name).string]?.mediaId)
        }

        /// The service asks if it runs, else the command itself.
        private static func eachWay(_ bench: Bench, _ body: () async throws -> Void) async throws {
            try await body()
            try await bench.withDaemon { _ in try await body() }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an asset that was removed is gone, and nothing changes`() async throws {
            try await withBench([.init(), .init(name: "reels", account: "linkedin")]) { bench in
                try bench.write(Media.mp4(bytes: 20_000), to: "reels/a.mp4")
                try await Self.fill(bench)
                try bench.write(Media.jpeg(0), to: "inbox/copy.jpg")
                try bench.remove("inbox/2.jpg")
                try await Self.settleStatus(bench)
                let id = try Self.id("inbox/0.jpg", bench)
                bench.sandbox.remove(asset: id)
                let before = try bench.manifest()?.entries.mapValues { "\($0)" }
                let calls = bench.page.calls.count

                try await Self.eachWay(bench) {
                    let before = bench.page.calls.count
                    let ending = try await bench.run("manifest", "verify", "--remote")

                    #expect(ending.code == 65, "\(ending)")
                    #expect(ending.lines.first?.hasPrefix("ok  6 entries") == true, "\(ending)")
                    for name in ["0", "copy"] {
                        let line =
                            "differs  provider \(bench.path("inbox/\(name).jpg")): postbreeze has no \(id) any more — "
                        #expect(ending.lines.contains { $0.hasPrefix(line) }, "\(ending)")
                    }
                    let words = "unasked  1 entry of account linkedin: connectsafely has no call that tells whether an "
                    #expect(ending.lines.contains { $0.hasPrefix(words) }, "\(ending)")
                    #expect(ending.lines.last == "remote  6 entries: 3 there, 2 differ, 1 not asked for", "\(ending)")
                    // Four assets at Postbreeze, each asked for once.
                    let made = bench.page.calls.dropFirst(before).map(\.route)
                    #expect(made == Array(repeating: Self.route, count: 4))
                }
                #expect(bench.page.calls.count == calls + 8)
                #expect(try bench.manifest()?.entries.mapValues { "\($0)" } == before)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `paths limit it, and the object for scripts has all`() async throws {
            try await withBench { bench in
                try bench.makeDirectory("inbox/sub")
                try bench.write(Media.jpeg(9), to: "inbox/sub/9.jpg")
                try await Self.fill(bench, 2)
                bench.sandbox.remove(asset: try Self.id("inbox/sub/9.jpg", bench))

                let sub = try await bench.run(
                    "manifest",
                    "verify",
                    "--remote",
                    "--json",
                    bench.path("inbox/sub").string
                )
                let other = try await bench.run("manifest", "verify", "--remote", bench.path("inbox/0.jpg").string)
                let none = try await bench.run("manifest", "verify", "--remote", bench.path("inbox/no").string)
                let usage = try await bench.run("manifest", "verify", bench.path("inbox").string)

                let json = try JSONTree(parsing: Array(sub.output.utf8))
                #expect(sub.code == 65 && json["differences"]?.items.count == 1, "\(sub)")
                #expect(json["differences"]?.items.first?["place"]?.string == "provider")
                #expect(json["remote"]?["entries"]?.number == 1 && json["remote"]?["differ"]?.number == 1, "\(sub)")
                #expect(other.code == 0 && other.lines.last == "remote  1 entry: 1 there", "\(other)")
                #expect(none.code == 75 && none.error.contains("no entry at"), "\(none)")
                #expect(usage.code == 64)
            }
        }

        /// Of each row, one asset is asked for under that answer.
        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                (500, #"{"statusCode":500,"message":"Internal server error"}"#, "unknown"),
                (404, "<html><title>Not here</title></html>", "unknown"),
                (404, #"{"statusCode":404,"message":"Cannot GET /api/v1/media/ID"}"#, "unknown"),
                (200, #"{"error":"no such asset"}"#, "unknown"),
                (410, #"{"statusCode":410,"message":"Gone"}"#, "unknown"),
                (410, #"{"statusCode":410,"message":"Gone","requestId":"req_1"}"#, "differs"),
                (200, #"{"id":"ID","normalizationStatus":"FAILED"}"#, "differs"),
            ]
        )
        func `only the API's own word makes an asset gone`(status: Int, words: String, heading: String) async throws {
            try await withBench { bench in
                try await Self.fill(bench, 1)
                let words = words.replacing("ID", with: try Self.id("inbox/0.jpg", bench))

                try await Self.eachWay(bench) {
                    bench.sandbox.prepare([Self.answer(status, words)])
                    let ending = try await bench.run("manifest", "verify", "--remote")

                    #expect(ending.code == (heading == "differs" ? 65 : 75), "\(ending)")
                    #expect(ending.lines.contains { $0.hasPrefix(heading) && $0.contains("0.jpg: ") }, "\(ending)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a refused key ends the questions, and says nothing of the assets`() async throws {
            try await withBench { bench in
                try await Self.fill(bench)

                try await Self.eachWay(bench) {
                    bench.sandbox.prepare([Self.answer(401, #"{"statusCode":401,"message":"Unauthorized"}"#)])
                    let before = bench.page.calls.count
                    let ending = try await bench.run("manifest", "verify", "--remote")

                    #expect(ending.code == 75, "\(ending)")
                    #expect(
                        ending.lines.contains { $0.hasPrefix("unknown  3 more entries of account main: ") },
                        "\(ending)"
                    )
                    #expect(ending.lines.last == "remote  4 entries: 0 there, 4 unknown", "\(ending)")
                    #expect(bench.page.calls.count == before + 1)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an API that is not there says nothing of the assets`() async throws {
            try await withBench { bench in
                try await Self.fill(bench, 2)

                // In a network of its own, where nobody listens.
                let ending = try await BuiltBinary.run(
                    script: "outtray manifest verify --remote --config \(bench.configuration)",
                    environment: ["HOME": bench.root.string],
                    isolated: true
                )

                #expect(ending.code == 75, "\(ending)")
                #expect(ending.lines.last == "remote  2 entries: 0 there, 2 unknown", "\(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `no other account's key asks for an asset`() async throws {
            try await withBench { bench in
                try await Self.fill(bench, 2)
                let calls = bench.page.calls.count
                let other = Bench.Account(name: "main", provider: "postbreeze", lines: ["workspace_id: w2"])
                try bench.configure([.init()], accounts: [other])

                let ending = try await bench.run("manifest", "verify", "--remote")

                #expect(ending.code == 0, "\(ending)")
                #expect(
                    ending.lines.contains {
                        $0.hasPrefix("unasked  2 entries of account main: account main is another")
                    },
                    "\(ending)"
                )
                #expect(bench.page.calls.count == calls)
            }
        }

        /// The sandbox counts as the account does, and refuses each call too many.
        @Test(.timeLimit(.minutes(5)))
        func `the looks keep to the account's pace, also those of a second process`() async throws {
            let rate = RateLimit(calls: 6, window: .seconds(2))
            try await withBench(sandbox: { $0.postbreezeRates = [rate] }) { bench in
                let account = Bench.Account(name: "main", provider: "postbreeze", lines: [])
                let yaml = bench.yaml([.init()], accounts: [account]).replacing(
                    "rate: [10000/1s]",
                    with: "rate: [6/2s]"
                )
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try await Self.fill(bench, 7)
                let before = bench.page.calls.count

                try await Self.eachWay(bench) {
                    let ending = try await bench.run("manifest", "verify", "--remote")
                    #expect(ending.code == 0 && ending.lines.last == "remote  7 entries: 7 there", "\(ending)")
                }
                let calls = bench.page.calls
                #expect(calls.count == before + 14, "\(calls)")
                #expect(calls.allSatisfy { $0.status != 429 }, "\(calls)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `Ctrl-C ends it, and what was found is told`() async throws {
            try await withBench { bench in
                try await Self.fill(bench, 3)
                let account = Bench.Account(name: "main", provider: "postbreeze")
                let yaml = bench.yaml([.init()], accounts: [account]).replacing(
                    "rate: [10000/1s]",
                    with: "rate: [1/1h]"
                )
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                let calls = bench.page.calls.count
                let arguments = ["manifest", "verify", "--remote", "--config", bench.configuration.string]

                try await withProcess(
                    BuiltBinary.command(arguments),
                    environment: ["HOME": bench.root.string],
                    logFile: bench.path("verify.log")
                ) { process in
                    try await untilSo { process.log.contains("ok  3 entries") }
                    try process.send(SIGINT)
                    try await untilSo { !process.isRunning }
                    #expect(process.log.contains("remote  3 entries: ") && process.log.contains("interrupted, "))
                }
                #expect(bench.page.calls.count <= calls + 1)
            }
        }
    }
}
