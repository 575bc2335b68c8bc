import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// Files that a killed process had set aside, where something has changed before the next start.
    struct LeftoverTests {
        private static let delete = Bench.Folder(settle: "100ms", lines: ["after_upload: delete"])

        /// Kills the service while one file is set aside, and returns the file's hidden name.
        private func setAside(_ bench: Bench, _ name: String) async throws -> String {
            try await bench.crashDaemon(at: "set-aside") { _ in try bench.write(Media.jpeg(1), to: name) }
            #expect(!bench.exists(name))
            let files = try bench.files(beneath: "inbox")
            return try #require(files.first { $0.contains(".outtray-") && $0.hasSuffix("a.jpg") })
        }

        @Test(.timeLimit(.minutes(5)))
        func `a directory that was renamed meanwhile loses no file, and the file leaves after all`() async throws {
            try await withBench([Self.delete]) { bench in
                try bench.makeDirectory("inbox/may")
                _ = try await setAside(bench, "inbox/may/a.jpg")
                try bench.move("inbox/may", to: "inbox/june")

                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("file stays in its folder") { $0.contains("june/a.jpg") }
                    try await bench.waitUntilGone("inbox/june/a.jpg")
                }

                #expect(try bench.files(beneath: "inbox") == ["june"])
                #expect(bench.page.assets.count == 1, "its bytes went up once")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a folder that is to keep its files by now, and was away at the start, has them back`() async throws {
            try await withBench([Self.delete]) { bench in
                _ = try await setAside(bench, "inbox/a.jpg")
                try bench.move("inbox", to: "away")
                try bench.configure([.init(settle: "100ms")])
                #expect(rmdir(bench.path("inbox").string) == 0)

                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("folder not watched as it should be")
                    try bench.move("away", to: "inbox")
                    try await wait(for: "its name") { bench.exists("inbox/a.jpg") }
                    try await daemon.waitForLog("file stays in its folder")
                    try await bench.waitForEntry("inbox/a.jpg")
                }

                #expect(try bench.files(beneath: "inbox") == ["a.jpg"])
                #expect(try bench.read(bench.path("inbox/a.jpg")) == Media.jpeg(1))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `after the ledger was lost and made anew, the file is found`() async throws {
            try await withBench([Self.delete]) { bench in
                // A first file, so that there is a manifest to repair from.
                try bench.write(Media.pdf(), to: "inbox/first.pdf")
                #expect(try await bench.run("sync").code == 0)
                _ = try await setAside(bench, "inbox/a.jpg")
                try FileManager.default.removeItem(atPath: bench.state.string)
                let repair = try await bench.run("check", "--repair")
                #expect(repair.code == 0, "\(repair)")

                let sync = try await bench.run("sync")

                #expect(sync.code == 0, "\(sync)")
                #expect(try bench.files(beneath: "inbox").allSatisfy { !$0.contains(".outtray") })
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `what was written to the file meanwhile goes up, whatever mtime it has`() async throws {
            try await withBench([Self.delete]) { bench in
                let hidden = try await setAside(bench, "inbox/a.jpg")
                let path = "inbox/\(hidden)"
                var status = stat()
                #expect(lstat(bench.path(path).string, &status) == 0)
                var content = Media.jpeg(1)
                content[content.count - 3] ^= 0xFF
                try bench.write(content, to: path)
                #expect(utimensat(AT_FDCWD, bench.path(path).string, [status.st_atim, status.st_mtim], 0) == 0)

                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("file stays in its folder")
                    try await bench.waitUntilStored(content, "the new bytes")
                    try await wait(for: "its leaving") { try bench.files(beneath: "inbox").isEmpty }
                }
            }
        }
    }
}
