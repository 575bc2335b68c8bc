import Foundation
import Glibc
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// A folder that is not there is waited for; the others run.
    struct MissingFolderTests {
        private static let folders = [Bench.Folder(), Bench.Folder(name: "stick")]

        @Test(.timeLimit(.minutes(5)))
        func `a start watches the others, and the folder as soon as it is there`() async throws {
            try await withBench(Self.folders) { bench in
                #expect(rmdir(bench.path("stick").string) == 0)
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("folder not watched as it should be") { $0.contains("folder=stick") }
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")

                    try bench.makeDirectory("stick")
                    try bench.write(Media.jpeg(2), to: "stick/b.jpg")
                    try await bench.waitForEntry("stick/b.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload takes it, and the others do not notice`() async throws {
            try await withBench([Self.folders[0]]) { bench in
                try await bench.withDaemon { daemon in
                    try await bench.reload(daemon, bench.yaml(Self.folders))
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")

                    try bench.makeDirectory("stick")
                    try bench.write(Media.jpeg(2), to: "stick/b.jpg")
                    try await bench.waitForEntry("stick/b.jpg")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `check tells it and ends with 75, a pass does the others and names it`() async throws {
            try await withBench(Self.folders) { bench in
                #expect(rmdir(bench.path("stick").string) == 0)
                try bench.write(Media.jpeg(1), to: "inbox/a.jpg")

                let check = try await bench.run("check")
                let sync = try await bench.run("sync")

                #expect(check.code == 75, "\(check)")
                let line = check.lines.first { $0.hasPrefix("no") }
                #expect(
                    line?.contains("folder stick") == true && line?.contains("as soon as it is there") == true,
                    "\(check)"
                )
                #expect(check.output.contains("ok  folder inbox"))
                #expect(sync.code == 75, "\(sync)")
                #expect(sync.error.contains("folder stick was not looked through"), "\(sync)")
                try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(1), kind: "IMAGE")
            }
        }
    }
}
