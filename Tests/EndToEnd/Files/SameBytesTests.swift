import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// Bytes that went up without the file's being told so: touched meanwhile.
    struct SameBytesTests {
        @Test(.timeLimit(.minutes(1)), arguments: ["main", "linkedin"])
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

        @Test(.timeLimit(.minutes(1)), arguments: ["main", "linkedin"])
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
    }
}
