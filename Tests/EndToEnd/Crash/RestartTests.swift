import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The daemon's end, of any kind, and its next start.
    ///
    /// The time limit for an end grows by the time that the machine stood still (``Heartbeat``).
    struct RestartTests {
        @Test(.timeLimit(.minutes(5)))
        func `a restart with everything uploaded calls no API`() async throws {
            let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders) { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try bench.write(Media.pdf(), to: "linkedin/b.pdf")
                try bench.write(Media.mp4(bytes: 100_000), to: "linkedin/c.mp4")
                try await bench.withDaemon { _ in
                    try await bench.waitForManifest("all ready") { manifest in
                        manifest.entries.count == 3
                            && manifest.entries.values.allSatisfy { ["ready", "unknown"].contains($0.status) }
                    }
                }
                let before = bench.page

                try await bench.withDaemon { _ in
                    // When this new file is up, the daemon has looked at all older files.
                    try bench.write(Media.pdf(2), to: "inbox/new.pdf")
                    try await bench.waitForEntry("inbox/new.pdf")
                }

                let fresh = bench.page.calls.dropFirst(before.calls.count).map(\.route)
                #expect(fresh == ["POST /media/presign"])
                #expect(bench.page.puts.count == before.puts.count + 1)
                try await bench.sync()
                #expect(bench.page.calls.count == before.calls.count + 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `SIGTERM ends an idle daemon with exit code 0 within 5 s`() async throws {
            try await withBench { bench in
                let yaml = bench.yaml([.init()]).replacing("shutdown_timeout: 1s", with: "shutdown_timeout: 60s")
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                let (end, lost) = try await Heartbeat.run(onDiskOf: bench.root) { heartbeat in
                    (try await bench.withDaemon { _ in }, heartbeat.lost)
                }

                #expect(end.status == .exited(0), "\(end.log)")
                #expect(end.took - lost < .seconds(5))
                #expect(!end.log.contains(" error "), "to end is no failure: \(end.log)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a daemon killed while it uploads goes on where it was, and every file that scripts see parses`()
            async throws
        {
            let video = Media.mp4(bytes: 40 << 20)
            try await withBench([.init(account: "linkedin")]) { bench in
                try bench.write(Media.pdf(), to: "inbox/known.pdf")
                let end = try await bench.withDaemon { daemon in
                    try await bench.waitForEntry("inbox/known.pdf")
                    bench.sandbox.weather.latency = .milliseconds(500)
                    try bench.write(video, to: "inbox/a.mp4")
                    _ = try await bench.sandbox.books.wait { $0.puts.count { $0.stored && $0.part != nil } >= 5 }
                    try daemon.send(SIGKILL)
                }
                bench.sandbox.weather.latency = .zero
                #expect(end.status == .signaled(9))
                #expect(try bench.manifest()?.entries.count == 1)
                #expect(try bench.journal().count >= 1)

                try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.mp4") }

                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
                try bench.expectUploadedOnce("inbox/known.pdf", Media.pdf(), kind: "DOCUMENT")
                #expect(bench.page.assets.count == 2, "a second asset was asked for")
                let revisions = try bench.journal().map(\.revision)
                #expect(revisions == revisions.sorted() && Set(revisions).count == revisions.count)
                // Three parts are under way at a time. Only parts without an acknowledgement may go again.
                let stored = bench.page.puts.filter { $0.stored && $0.part != nil }
                #expect(stored.count <= 10 + 3, "\(stored.count - 10) parts went again")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [true, false])
        func `a file that is renamed in the middle of its upload is no second asset`(isRunning: Bool) async throws {
            let video = Media.mp4(bytes: 40 << 20)
            try await withBench([.init(account: "linkedin")]) { bench in
                try bench.write(video, to: "inbox/a.mp4")
                try await bench.withDaemon { daemon in
                    bench.sandbox.weather.latency = .milliseconds(500)
                    _ = try await bench.sandbox.books.wait { $0.puts.count { $0.stored && $0.part != nil } >= 3 }
                    if isRunning {
                        try bench.move("inbox/a.mp4", to: "inbox/b.mp4")
                        bench.sandbox.weather.latency = .zero
                        try await bench.waitForEntry("inbox/b.mp4")
                    } else {
                        try daemon.send(SIGKILL)
                    }
                }
                bench.sandbox.weather.latency = .zero
                if !isRunning {
                    try bench.move("inbox/a.mp4", to: "inbox/b.mp4")
                    try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/b.mp4") }
                }

                let entry = try #require(try bench.manifest()?.entries[bench.path("inbox/b.mp4").string])
                let asset = try #require(bench.page.assets.first)
                #expect(entry.id == asset.id && entry.sha256 == asset.sha256 && entry.sha256 == Media.sha256(video))
                #expect(bench.page.assets.count == 1, "a second asset was asked for")
                #expect(try bench.manifest()?.entries.count == 1)
                if isRunning { #expect(bench.page.puts.count(where: \.stored) == 10, "no part went twice") }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a daemon killed between many small uploads loses none and repeats none that was told`() async throws {
            try await withBench { bench in
                for number in 0..<40 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                bench.sandbox.weather.latency = .milliseconds(20)
                try await bench.withDaemon { daemon in
                    _ = try await bench.sandbox.books.wait { $0.puts.count >= 15 }
                    try daemon.send(SIGKILL)
                }
                bench.sandbox.weather.latency = .zero
                let told = try bench.manifest()?.entries ?? [:]

                try await bench.withDaemon { _ in
                    try await bench.waitForManifest("40 entries") { $0.entries.count == 40 }
                }

                let manifest = try #require(try bench.manifest())
                for (path, entry) in told { #expect(manifest.entries[path]?.mediaId == entry.mediaId) }
                let journal = try bench.journal().filter { $0.event == "uploaded" }
                #expect(Set(journal.map(\.path)).count == 40 && journal.count == 40)
                let whole = bench.page.assets.filter(\.isComplete)
                // Four files are under way at a time.
                #expect(whole.count <= 44, "\(whole.count - 40) assets more than files")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `SIGHUP with a bad configuration changes nothing`() async throws {
            try await withBench { bench in
                let good = try bench.read(bench.configuration)
                let end = try await bench.withDaemon { daemon in
                    try bench.write(good + Array("nonsense: 1\n".utf8), to: "outtray.yaml")
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog("nonsense")
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")
                }

                #expect(end.status == .exited(0))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `SIGHUP with a good configuration takes a new folder and keeps the old one`() async throws {
            try await withBench { bench in
                let end = try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")
                    try bench.configure([.init(), .init(name: "second", account: "linkedin")])
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog(" watching", times: 2)
                    try bench.write(Media.jpeg(2), to: "second/b.jpg")
                    try bench.write(Media.jpeg(3), to: "inbox/c.jpg")
                    try await bench.waitForEntry("second/b.jpg")
                    try await bench.waitForEntry("inbox/c.jpg")
                }

                #expect(end.status == .exited(0))
                #expect(try bench.manifest()?.entries.count == 3)
                #expect(bench.page.assets.count == 3)
            }
        }
    }
}
