import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// Bytes that went up without the file's being told so: touched meanwhile, their answer lost, or moved away.
    struct SameBytesTests {
        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a file that is touched while it waits for the storage's answer is no second asset`(account: String)
            async throws
        {
            let video = Media.mp4(bytes: 200_000)
            try await withBench([.init(account: account, settle: "100ms")]) { bench in
                try await bench.withDaemon { daemon in
                    let before = try daemon.bytesRead()
                    bench.sandbox.weather.latency = .milliseconds(500)
                    try bench.write(video, to: "inbox/a.mp4")
                    // A PUT waits before its body is taken; these bytes are one chunk, which is ready by then.
                    _ = try await bench.sandbox.books.wait { !$0.assets.isEmpty }
                    try await wait(for: "the file read") { try daemon.bytesRead() > before + video.count }
                    try bench.touch("inbox/a.mp4")
                    try await bench.waitForEntry("inbox/a.mp4")
                }
                bench.sandbox.weather.latency = .zero
                // Whatever the daemon may have left to do is done here.
                #expect(try await bench.run("sync").code == 0)

                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
                #expect(bench.page.assets.count == 1, "it was asked for again")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a large file that is touched in the middle of its upload goes on`(account: String) async throws {
            let video = Media.mp4(bytes: 24 << 20)
            try await withBench([.init(account: account, settle: "100ms")]) { bench in
                bench.sandbox.weather.latency = .milliseconds(400)
                try await bench.withDaemon { daemon in
                    try bench.write(video, to: "inbox/a.mp4")
                    _ = try await bench.sandbox.books.wait { !$0.assets.isEmpty }
                    let before = try daemon.bytesRead()
                    try await wait(for: "some of it read") { try daemon.bytesRead() > before + (2 << 20) }
                    try bench.touch("inbox/a.mp4")
                    try await bench.waitForEntry("inbox/a.mp4")
                }

                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
                #expect(bench.page.assets.count == 1, "it was asked for again")
                #expect(bench.page.puts.count == (account == "main" ? 1 : 6), "bytes went twice")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"], [false, true])
        func `a copy of a file whose answer was lost goes on with its asset`(account: String, isKilled: Bool)
            async throws
        {
            try await withBench([.init(account: account, settle: "100ms")]) { bench in
                bench.sandbox.weather.loseAnswerEveryNthPut = 1
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    try await daemon.waitForLog("waits for another try")
                    if isKilled { return try daemon.send(SIGKILL) }
                    bench.sandbox.weather = Weather()
                    try bench.write(Media.jpeg(), to: "inbox/b.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")
                    try await bench.waitForEntry("inbox/b.jpg")
                }
                if isKilled {
                    bench.sandbox.weather = Weather()
                    try bench.write(Media.jpeg(), to: "inbox/b.jpg")
                    try await bench.withDaemon { _ in
                        try await bench.waitForEntry("inbox/a.jpg")
                        try await bench.waitForEntry("inbox/b.jpg")
                    }
                }

                let ids = Set(try #require(try bench.manifest()).entries.values.map(\.id))
                #expect(ids == Set(bench.page.assets.map(\.id)) && ids.count == 1, "a second asset was asked for")
                #expect(bench.page.puts.count(where: \.stored) == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `files that change places while nobody watches keep what went up`(account: String) async throws {
            try await withBench([.init(account: account, settle: "100ms")]) { bench in
                try await bench.crashDaemon(at: "piece-answered") { _ in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                }
                try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                for (from, to) in [("a.jpg", ".x"), ("b.jpg", "a.jpg"), (".x", "b.jpg")] {
                    try bench.move("inbox/\(from)", to: "inbox/\(to)")
                }
                try await bench.withDaemon { _ in
                    try await bench.waitForEntry("inbox/a.jpg")
                    try await bench.waitForEntry("inbox/b.jpg")
                }

                try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(2), kind: "IMAGE")
                try bench.expectUploadedOnce("inbox/b.jpg", Media.jpeg(1), kind: "IMAGE")
                #expect(bench.page.assets.count == 2)
            }
        }
    }
}
