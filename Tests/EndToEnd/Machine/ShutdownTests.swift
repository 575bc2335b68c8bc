import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// What SIGTERM does to uploads under way: `shutdown_timeout`.
    ///
    /// A time limit grows by the time that the machine stood still (``Heartbeat``).
    struct ShutdownTests {
        private func configure(_ bench: Bench, _ folder: Bench.Folder = .init(), timeout: String) throws {
            let yaml = bench.yaml([folder]).replacing("shutdown_timeout: 1s", with: "shutdown_timeout: \(timeout)")
            try bench.write(Array(yaml.utf8), to: "outtray.yaml")
        }

        /// Runs a daemon, ends it with SIGTERM after `body`, and tells the end's time without what the machine lost.
        private func end(_ bench: Bench, after body: (RunningProcess) async throws -> Void) async throws -> (
            end: ProcessEnd<Duration>, took: Duration
        ) {
            try await Heartbeat.run(onDiskOf: bench.root) { heartbeat in
                let end = try await bench.withDaemon { daemon in
                    try await body(daemon)
                    let (start, lost) = (ContinuousClock.now, heartbeat.lost)
                    try daemon.send(SIGTERM)
                    await daemon.waitForEnd()
                    return start.duration(to: .now) - (heartbeat.lost - lost)
                }
                #expect(end.status == .exited(0), "\(end.log)")
                #expect(!end.log.contains(" error "), "\(end.log)")
                return (end, end.value)
            }
        }

        /// Runs `body` with a daemon's configuration whose API takes connections and never answers.
        private func withSilentAPI(_ bench: Bench, timeout: String, _ body: (ScriptedServer) async throws -> Void)
            async throws
        {
            try await ScriptedServer.run(.silence) { server in
                let yaml = bench.yaml([.init()], addresses: (server.url + "/api/v1", server.url + "/linkedin"))
                    .replacing("shutdown_timeout: 1s", with: "shutdown_timeout: \(timeout)")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try await body(server)
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `a large upload that cannot finish is parked at once, and only missing parts go up later`() async throws {
            let bytes = 200 << 20
            let parts = bytes / (4 << 20)
            try await withBench([.init(account: "linkedin")]) { bench in
                try configure(bench, .init(account: "linkedin"), timeout: "3s")
                try bench.write(Media.mp4(bytes: bytes), to: "inbox/a.mp4")
                let (_, took) = try await end(bench) { _ in
                    bench.sandbox.weather.latency = .milliseconds(700)
                    _ = try await bench.sandbox.books.wait { $0.puts.count(where: \.stored) >= 6 }
                }
                bench.sandbox.weather.latency = .zero
                let before = bench.page.puts.count(where: \.stored)
                #expect(took < .seconds(10), "parking takes a moment: \(took)")
                #expect(before < parts && bench.page.assets.map(\.isComplete) == [false])

                try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.mp4") }

                // Parts under way when it was parked may have arrived, and nobody heard of it.
                let after = bench.page.puts.count(where: \.stored) - before
                #expect(after >= parts - before && after <= parts - before + 3, "\(before) before, \(after) after")
                #expect(bench.page.assets.map(\.isComplete) == [true])
                let entry = try #require(try bench.manifest()?.entries[bench.path("inbox/a.mp4").string])
                #expect(entry.bytes == bytes && entry.sha256 == bench.page.assets.first?.sha256)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `an upload that is nearly done finishes and is recorded, and nothing new is begun`() async throws {
            try await withBench { bench in
                let yaml = bench.yaml(
                    [.init()],
                    accounts: [.init(name: "main", provider: "postbreeze", lines: ["concurrency: 1"])]
                ).replacing("shutdown_timeout: 1s", with: "shutdown_timeout: 40s")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                try bench.write(Media.jpeg(22), to: "inbox/b.jpg")
                let (_, took) = try await end(bench) { _ in
                    bench.sandbox.weather.latency = .seconds(1)
                    _ = try await bench.sandbox.books.wait { !$0.calls.isEmpty }
                }

                let manifest = try #require(try bench.manifest())
                #expect(manifest.entries.count == 1 && bench.page.assets.map(\.isComplete) == [true])
                #expect(bench.page.calls.count == 1)
                #expect(took < .seconds(20), "it ends as soon as the upload has: \(took)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a provider that does not answer holds up the end for the timeout alone`() async throws {
            try await withBench { bench in
                try await withSilentAPI(bench, timeout: "2s") { server in
                    let (_, took) = try await end(bench) { _ in
                        try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                        try await server.waitForRequests(1)
                    }
                    #expect(took >= .seconds(1) && took < .seconds(7), "\(took)")
                }
                try bench.configure([.init()])
                try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.jpg") }
                try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(), kind: "IMAGE")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload brings another timeout`() async throws {
            try await withBench { bench in
                try await withSilentAPI(bench, timeout: "10m") { server in
                    let (_, took) = try await end(bench) { daemon in
                        let text = try String(contentsOfFile: bench.configuration.string, encoding: .utf8)
                        let yaml = text.replacing("shutdown_timeout: 10m", with: "shutdown_timeout: 1s")
                        try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                        try daemon.send(SIGHUP)
                        try await daemon.waitForLog("configuration read again")
                        try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                        try await server.waitForRequests(1)
                    }
                    #expect(took < .seconds(10), "\(took)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [SIGTERM, SIGINT])
        func `a second signal ends at once`(signal: Int32) async throws {
            try await withBench { bench in
                try await withSilentAPI(bench, timeout: "10m") { server in
                    let end = try await bench.withDaemon { daemon in
                        try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                        try await server.waitForRequests(1)
                        try daemon.send(SIGTERM)
                        try await daemon.waitForLog("ending, uploads that can finish do so")
                        try daemon.send(signal)
                        await daemon.waitForEnd()
                    }
                    #expect(end.status == .exited(0), "\(end.log)")
                    #expect(end.log.contains("asked a second time to end"), "\(end.log)")
                }
            }
        }
    }
}
