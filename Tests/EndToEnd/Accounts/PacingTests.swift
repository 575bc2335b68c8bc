import Foundation
import Sandbox
import Testing

extension EndToEnd {
    /// Bursts of files at an account's rate: Postbreeze's 60 calls a minute, ten times as fast, held to by both sides.
    struct PacingTests {
        private static let rate = RateLimit(calls: 60, window: .seconds(6))

        /// A PDF of 20 KiB, different for each number.
        private static func document(_ number: Int) -> [UInt8] {
            let document = Media.pdf(number)
            return document + Array(repeating: UInt8(ascii: "%"), count: (20 << 10) - document.count)
        }

        private func withPacedBench(_ body: (Bench) async throws -> Void) async throws {
            try await withBench(sandbox: { $0.postbreezeRates = [Self.rate] }) { bench in
                let yaml = bench.yaml([.init()]).replacing("rate: [10000/1s]", with: "rate: [60/6s]")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try await body(bench)
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `500 files go up at the account's rate, with no 429 and no call too many`() async throws {
            try await withPacedBench { bench in
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
                print("500 files: \(took) s from the first to the last ask; the rate allows \(allowed) s")
                #expect(took >= allowed)
                #expect(took <= allowed * 1.15)
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `images keep to the same rate, and looks at those in processing leave half of it to the asks`()
            async throws
        {
            try await withPacedBench { bench in
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
                print("120 images: asked for in \(took) s, beside \(looks.count) looks")
                // The fourth half of a window begins after three whole ones.
                #expect(took <= 3 * 6 * 1.15 + 1)
                #expect(!looks.isEmpty)
                for look in looks {
                    #expect(looks.count { (0..<6).contains($0.at.timeIntervalSince(look.at)) } <= 30)
                }
            }
        }
    }
}
