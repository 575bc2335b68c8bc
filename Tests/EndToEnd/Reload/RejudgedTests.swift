import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// What waits when the configuration is read again, or was read anew before a start, is judged by the new one.
    struct RejudgedTests {
        /// Has files wait for an account whose key is refused, then gives another configuration with a good key.
        private func withWaitingFiles(
            _ names: [String: [UInt8]],
            folder: Bench.Folder = .init(),
            isRestarted: Bool,
            _ change: (Bench) throws -> String,
            _ body: (Bench) async throws -> Void
        ) async throws {
            try await withBench([folder]) { bench in
                try bench.writeKey("pb_live_wrong", of: "main")
                for (name, bytes) in names {
                    try bench.makeDirectory(FilePath(name).removingLastComponent().string)
                    try bench.write(bytes, to: name)
                }
                try await bench.withDaemon { daemon in
                    for name in names.keys { try await daemon.waitForLog("file settled") { $0.contains(name) } }
                    try await daemon.waitForLog("account blocked")
                    if isRestarted { return }
                    try bench.writeKey("pb_live_sandbox", of: "main")
                    try await bench.reload(daemon, try change(bench))
                    try await body(bench)
                }
                guard isRestarted else { return }
                try bench.writeKey("pb_live_sandbox", of: "main")
                try bench.write(Array(try change(bench).utf8), to: "outtray.yaml")
                try await bench.withDaemon { _ in try await body(bench) }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func `a file that is ignored by now, or in a subdirectory, does not go up`(isRestarted: Bool) async throws {
            let files = [
                "inbox/a.pdf": Media.pdf(1), "inbox/draft.pdf": Media.pdf(2), "inbox/sub/b.pdf": Media.pdf(3),
            ]
            try await withWaitingFiles(files, isRestarted: isRestarted) { bench in
                bench.yaml([.init(lines: ["ignore: [\"draft*\"]", "recursive: false"])])
            } _: { bench in
                try await bench.waitForEntry("inbox/a.pdf")
                // Behind them all in the queue.
                try bench.write(Media.pdf(4), to: "inbox/last.pdf")
                try await bench.waitForEntry("inbox/last.pdf")

                #expect(try bench.manifest()?.entries.count == 2)
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func `a file above a lowered limit is rejected with its reason`(isRestarted: Bool) async throws {
            let files = [
                "inbox/a.pdf": Media.pdf(1), "inbox/large.jpg": Media.jpeg(2) + [UInt8](repeating: 0, count: 4096),
            ]
            try await withWaitingFiles(files, isRestarted: isRestarted) { bench in
                bench.yaml([.init(lines: ["limits: {image: 1KB}"])])
            } _: { bench in
                try await bench.waitForEntry("inbox/a.pdf")
                let rejected = try await bench.waitForRejection("inbox/large.jpg")

                #expect(rejected.code == "too-large")
                #expect(bench.page.assets.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func `a file outside a new range of pixels is rejected, by what was measured before`(isRestarted: Bool)
            async throws
        {
            let files = ["inbox/a.pdf": Media.pdf(1), "inbox/large.jpg": Media.jpeg(2)]
            try await withWaitingFiles(files, isRestarted: isRestarted) { bench in
                bench.yaml([.init(lines: ["limits: {image: {pixels: 255}}"])])
            } _: { bench in
                try await bench.waitForEntry("inbox/a.pdf")
                let rejected = try await bench.waitForRejection("inbox/large.jpg")

                #expect(
                    rejected.code == "unsuitable" && rejected.reason.contains("256 pixels (16 × 16)"),
                    "\(rejected)"
                )
                #expect(bench.page.assets.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func `a file has the warnings of the ranges of now`(isRestarted: Bool) async throws {
            try await withWaitingFiles(["inbox/a.mp4": MeasureTests.video(milliseconds: 0)], isRestarted: isRestarted) {
                $0.yaml([.init(lines: ["limits: {video: {seconds: 2..}}"])])
            } _: { bench in
                let entry = try await bench.waitForEntry("inbox/a.mp4")

                #expect(entry.warnings?.map(\.code) == ["unmeasured"])
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func `a file has no warning of a range that is gone`(isRestarted: Bool) async throws {
            try await withWaitingFiles(
                ["inbox/a.mp4": MeasureTests.video(milliseconds: 0)],
                folder: .init(lines: ["limits: {video: {seconds: 2..}}"]),
                isRestarted: isRestarted
            ) {
                $0.yaml([.init()])
            } _: { bench in
                let entry = try await bench.waitForEntry("inbox/a.mp4")

                #expect(entry.warnings == nil)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func `a file beneath the folder's old path does not go up, those beneath the new one do`(isRestarted: Bool)
            async throws
        {
            let files = ["inbox/a.pdf": Media.pdf(1), "inbox/sub/b.pdf": Media.pdf(2)]
            try await withWaitingFiles(files, isRestarted: isRestarted) { bench in
                bench.yaml([.init()]).replacing("path: \(bench.root)/inbox", with: "path: \(bench.root)/inbox/sub")
            } _: { bench in
                try await bench.waitForEntry("inbox/sub/b.pdf")
                try bench.write(Media.pdf(4), to: "inbox/sub/last.pdf")
                try await bench.waitForEntry("inbox/sub/last.pdf")

                #expect(try bench.manifest()?.entries.count == 2)
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [false, true])
        func `a file whose folder goes through another account by now goes up there`(isRestarted: Bool) async throws {
            try await withWaitingFiles(["inbox/a.pdf": Media.pdf(1)], isRestarted: isRestarted) { bench in
                bench.yaml([.init(account: "linkedin")])
            } _: { bench in
                let entry = try await bench.waitForEntry("inbox/a.pdf")

                #expect(entry.account == "linkedin")
                #expect(bench.page.assets.map(\.provider) == [.connectsafely])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `files of a folder that is watched no more are let go of, and come back with it`() async throws {
            try await withWaitingFiles(["inbox/a.pdf": Media.pdf(1)], isRestarted: false) { bench in
                try bench.makeDirectory("other")
                return bench.yaml([.init(name: "other")])
            } _: { bench in
                try bench.write(Media.pdf(2), to: "other/b.pdf")
                try await bench.waitForEntry("other/b.pdf")
                #expect(try bench.manifest()?.entries.count == 1)
                #expect(bench.page.assets.count == 1)
            }
        }
    }
}
