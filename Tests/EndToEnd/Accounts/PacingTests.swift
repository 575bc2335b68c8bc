import Foundation
import Glibc
import Sandbox
import Testing

extension EndToEnd {
    /// Bursts of files at an account's rate: Postbreeze's 60 calls a minute, ten times as fast, held to by both sides.
    ///
    /// Times are those of the sandbox's books, and what they may be longer counts from when the machine did work: a
    /// ``Heartbeat`` tells for how long it did not.
    struct PacingTests {
        private static let rate = RateLimit(calls: 60, window: .seconds(6))

        /// A PDF of 20 KiB, different for each number.
        private static func document(_ number: Int) -> [UInt8] {
            let document = Media.pdf(number)
            return document + Array(repeating: UInt8(ascii: "%"), count: (20 << 10) - document.count)
        }

        private func withPacedBench(_ body: (Bench, Heartbeat) async throws -> Void) async throws {
            try await withBench(sandbox: { $0.postbreezeRates = [Self.rate] }) { bench in
                let yaml = bench.yaml([.init()]).replacing("rate: [10000/1s]", with: "rate: [60/6s]")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try await Heartbeat.run(onDiskOf: bench.root) { try await body(bench, $0) }
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `500 files go up at the account's rate, with no 429 and no call too many`() async throws {
            try await withPacedBench { bench, heartbeat in
                for number in 0..<500 { try bench.write(Self.document(number), to: "inbox/\(number).pdf") }

                let ending = try await bench.run("sync")

                #expect(ending.code == 0, "\(ending)")
                let asks = bench.page.calls.filter { $0.route == "POST /media/presign" }
                #expect(asks.count == 500)
                #expect(bench.page.calls.count == 500)
                #expect(asks.allSatisfy { $0.status == 201 })
                #expect(bench.page.assets.count(where: \.isComplete) == 500)
                #expect(try bench.manifest()?.entries.count == 500)

                let first = try #require(asks.first).at
                let took = try #require(asks.last).at.timeIntervalSince(first)
                // Eight whole windows lie before the 500th.
                let allowed = 8 * 6.0
                let lost = heartbeat.lost / .seconds(1)
                print(
                    "500 files: \(took) s from the first to the last ask; the rate allows \(allowed) s; \(lost) s lost"
                )
                #expect(took >= allowed)
                // A busy machine takes a little longer. A pace that wastes windows takes twice as long.
                #expect(took - lost <= allowed * 1.5)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `images keep to the same rate, and looks at those in processing leave half of it to the asks`()
            async throws
        {
            try await withPacedBench { bench, heartbeat in
                bench.sandbox.weather.normaliseImagesFor = .seconds(3600)
                for number in 0..<120 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }

                try await bench.withDaemon { _ in
                    try await bench.waitForManifest("120 entries") { $0.entries.count == 120 }
                }

                let calls = bench.page.calls
                let asks = calls.filter { $0.route == "POST /media/presign" }
                let looks = calls.filter { $0.route == "GET /media/{id}" }
                #expect(calls.allSatisfy { $0.status < 300 }, "\(calls.filter { $0.status >= 300 })")
                #expect(asks.count == 120)
                let took = try #require(asks.last).at.timeIntervalSince(try #require(asks.first).at)
                let lost = heartbeat.lost / .seconds(1)
                print("120 images: asked for in \(took) s, beside \(looks.count) looks; \(lost) s lost")
                // The fourth half of a window begins after three whole ones.
                #expect(took - lost <= 3 * 6 * 1.5)
                #expect(!looks.isEmpty)
                for look in looks {
                    #expect(looks.count { (0..<6).contains($0.at.timeIntervalSince(look.at)) } <= 30)
                }
            }
        }

        // MARK: Whose calls are counted together

        private static let narrow = RateLimit(calls: 6, window: .seconds(4))

        /// An account, with the sandbox's key and as many calls as that takes.
        private static func account(_ name: String, _ lines: [String] = []) -> Bench.Account {
            Bench.Account(name: name, provider: "postbreeze", lines: lines)
        }

        private func withNarrowBench(
            _ folders: [Bench.Folder],
            _ accounts: [Bench.Account],
            _ body: (Bench, _ configure: (String) throws -> Void) async throws -> Void
        ) async throws {
            try await withBench(folders, sandbox: { $0.postbreezeRates = [Self.narrow] }) { bench in
                func configure(_ comment: String) throws {
                    let yaml = bench.yaml(folders, accounts: accounts).replacing(
                        "rate: [10000/1s]",
                        with: "rate: [6/4s]"
                    )
                    try bench.write(Array((yaml + comment).utf8), to: "outtray.yaml")
                }
                try configure("")
                for account in accounts { try bench.writeKey("pb_live_sandbox", of: account.name) }
                try await body(bench, configure)
            }
        }

        private func expectNoRefusal(_ bench: Bench, asks: Int) {
            #expect(bench.page.calls.count == asks)
            #expect(bench.page.calls.allSatisfy { $0.status == 201 }, "\(bench.page.calls.map(\.status))")
        }

        @Test(.timeLimit(.minutes(5)))
        func `a restart forgets no call`() async throws {
            try await withNarrowBench([.init()], [Self.account("main")]) { bench, _ in
                for number in 0..<12 {
                    try bench.write(Self.document(number), to: "inbox/\(number).pdf")
                    if number % 4 == 3 { try await bench.sync() }
                }

                expectNoRefusal(bench, asks: 12)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload forgets no call`() async throws {
            try await withNarrowBench([.init()], [Self.account("main")]) { bench, configure in
                try await bench.withDaemon { daemon in
                    for number in 0..<12 {
                        try bench.write(Self.document(number), to: "inbox/\(number).pdf")
                        guard number % 4 == 3 else { continue }
                        try await bench.waitForManifest("\(number + 1) entries") { $0.entries.count == number + 1 }
                        try configure("  # \(number)\n")
                        try daemon.send(SIGHUP)
                    }
                }

                expectNoRefusal(bench, asks: 12)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `accounts with the same key and address share one pace`() async throws {
            let folders = [Bench.Folder(), Bench.Folder(name: "second", account: "second")]
            let accounts = [Self.account("main"), Self.account("second", ["workspace_id: w2"])]
            try await withNarrowBench(folders, accounts) { bench, _ in
                for number in 0..<6 {
                    try bench.write(Self.document(number), to: "inbox/\(number).pdf")
                    try bench.write(Self.document(number), to: "second/\(number).pdf")
                }

                try await bench.sync()

                expectNoRefusal(bench, asks: 12)
            }
        }
    }
}
