import Foundation
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// Folders that say themselves when a file is done: by a marker beside it, and by its age.
    struct DoneTests {
        @Test(.timeLimit(.minutes(5)))
        func `a file waits for its marker over passes and restarts, goes with it, and both leave together`()
            async throws
        {
            let folder = Bench.Folder(settle: "100ms", lines: ["done_suffix: .done", "after_upload: delete"])
            try await withBench([folder]) { bench in
                try bench.write(Media.pdf(1), to: "inbox/a.pdf")
                try bench.write(Media.pdf(2), to: "inbox/b.pdf")
                try bench.write([], to: "inbox/alone.pdf.done")
                try await bench.sync(endsWith: 75)
                let why = try await bench.run("why", bench.path("inbox/a.pdf").string)
                #expect(why.output.contains("is waited for: it waits for a.pdf.done"), "\(why)")
                #expect(why.output.contains("postponed"), "\(why)")
                let marker = try await bench.run("why", bench.path("inbox/alone.pdf.done").string)
                #expect(marker.output.contains("is a marker, and its file is not there"), "\(marker)")
                #expect(bench.page.assets.isEmpty)

                try await bench.withDaemon { _ in
                    try bench.write([], to: "inbox/a.pdf.done")
                    let key = bench.path("inbox/a.pdf").string
                    try await bench.waitForManifest("a.pdf up and gone") { $0.entries[key]?.present == false }
                }
                try await bench.sync(endsWith: 75)

                try bench.write([], to: "inbox/b.pdf.done")
                try await bench.sync()

                #expect(try bench.manifest()?.entries.count == 2)
                #expect(try bench.manifest()?.rejected.isEmpty == true)
                #expect(bench.page.assets.count == 2)
                let left = try FileManager.default.contentsOfDirectory(atPath: bench.path("inbox").string)
                #expect(left == ["alone.pdf.done"])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is too young is left for the next pass, and an old one is not`() async throws {
            try await withBench([.init(settle: "100ms", lines: ["min_age: 1h"])]) { bench in
                try bench.write(Media.pdf(1), to: "inbox/young.pdf")
                try bench.write(Media.pdf(2), to: "inbox/old.pdf")
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -7200)],
                    ofItemAtPath: bench.path("inbox/old.pdf").string
                )

                try await bench.sync(endsWith: 75)

                #expect(try bench.manifest()?.entries.keys.map { FilePath($0).lastComponent?.string } == ["old.pdf"])
                let why = try await bench.run("why", bench.path("inbox/young.pdf").string)
                #expect(why.output.contains("is waited for: it is younger than min_age"), "\(why)")
            }
        }
    }
}
