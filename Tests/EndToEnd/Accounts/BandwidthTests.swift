import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// `bandwidth` bounds how fast bytes go out, and a reload changes it for what is under way.
    struct BandwidthTests {
        private func configure(_ bench: Bench, all: String? = nil, main: String? = nil) throws {
            let main = Bench.Account(
                name: "main",
                provider: "postbreeze",
                lines: main.map { ["bandwidth: \($0)"] } ?? []
            )
            let yaml = bench.yaml(
                [.init(), .init(name: "linkedin", account: "linkedin")],
                accounts: [main, Bench.Account.usual[1]]
            )
            try bench.write(Array(((all.map { "bandwidth: \($0)\n" } ?? "") + yaml).utf8), to: "outtray.yaml")
        }

        /// From the first asset asked for to the last PUT that has ended.
        private func seconds(_ page: SandboxPage) throws -> Double {
            let begin = try #require(page.assets.map(\.at).min())
            return try #require(page.puts.map(\.at).max()).timeIntervalSince(begin)
        }

        @Test(.timeLimit(.minutes(5)), arguments: [true, false])
        func `files of all accounts, large and small, go out no faster than the rate together`(ofAll: Bool) async throws
        {
            let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders) { bench in
                try configure(bench, all: ofAll ? "8Mbit/s" : nil, main: ofAll ? nil : "8Mbit/s")
                // 3 MB and 1 MB at 1 MB/s; the other account's go as they like where the limit is of one.
                try bench.write(Media.mp4(bytes: 2_800_000), to: "inbox/a.mp4")
                for number in 0..<10 {
                    try bench.write(
                        Media.pdf(number) + [UInt8](repeating: 37, count: 20_000),
                        to: "inbox/\(number).pdf"
                    )
                }
                try bench.write(Media.mp4(bytes: 1_000_000), to: "linkedin/b.mp4")

                try await bench.sync()

                let took = try seconds(bench.page)
                let least = ofAll ? 4.0 : 3.0
                #expect(took > least * 0.9, "\(took) s")
                #expect(bench.page.puts.allSatisfy(\.stored) && bench.page.puts.count == 12)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload that lifts the limit lets an upload under way go on as it is`() async throws {
            let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders) { bench in
                // 20 MB take 42 minutes.
                try configure(bench, main: "64kbit/s")
                try await bench.withDaemon { daemon in
                    try bench.write(Media.mp4(bytes: 20 << 20), to: "inbox/a.mp4")
                    _ = try await bench.sandbox.books.wait { !$0.assets.isEmpty }
                    // Without a limit, the first would be up by then.
                    try bench.write(Media.pdf(), to: "linkedin/b.pdf")
                    try await bench.waitForEntry("linkedin/b.pdf")
                    #expect(bench.page.puts.map(\.provider) == [.connectsafely])
                    try configure(bench, main: "off")
                    try daemon.send(SIGHUP)
                    try await bench.waitForEntry("inbox/a.mp4")
                }
                #expect(bench.page.puts.count == 2)
                #expect(bench.page.assets.count == 2)
            }
        }
    }
}
