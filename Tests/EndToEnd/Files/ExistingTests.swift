import Foundation
import Sandbox
import SystemPackage
import Testing

extension EndToEnd {
    /// `existing: skip` and `folder_id`, as users meet them.
    struct ExistingTests {
        @Test(.timeLimit(.minutes(5)))
        func `what lay there is skipped and told, what comes goes up, and a reload takes the rest`() async throws {
            let folder = Bench.Folder(settle: "100ms", lines: ["existing: skip", "folder_id: fld_launch"])
            try await withBench([folder]) { bench in
                try bench.makeDirectory("inbox/sub")
                try bench.write(Media.pdf(1), to: "inbox/old.pdf")
                try bench.write(Media.pdf(2), to: "inbox/sub/old.pdf")
                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("files that lay in the folder before it was watched are skipped")
                    try bench.write(Media.pdf(3), to: "inbox/new.pdf")
                    try await bench.waitForEntry("inbox/new.pdf")

                    let status = try await bench.run("status")
                    #expect(status.output.contains("SKIPPED  2 in inbox lay there before it was watched"), "\(status)")
                    let why = try await bench.run("why", bench.path("inbox/old.pdf").string)
                    #expect(why.output.contains("was skipped: it lay there before its folder was watched"), "\(why)")
                    let wait = try await bench.run("wait", "--timeout", "5s", bench.path("inbox/old.pdf").string)
                    #expect(wait.code == 65, "\(wait)")
                    let all = try await bench.run("wait", "--timeout", "20s", bench.path("inbox").string)
                    #expect(all.code == 0, "\(all)")
                }
                #expect(bench.page.assets.map(\.folderId) == ["fld_launch"])

                // A pass is no first time, and has nothing left to do.
                #expect(try await bench.run("sync").code == 0)
                #expect(bench.page.assets.count == 1)

                try await bench.withDaemon { daemon in
                    let retry = try await bench.run("retry", bench.path("inbox/old.pdf").string)
                    #expect(retry.code == 0, "\(retry)")
                    try await bench.waitForEntry("inbox/old.pdf")
                    #expect(try bench.manifest()?.entries[bench.path("inbox/sub/old.pdf").string] == nil)

                    try await bench.reload(daemon, bench.yaml([Bench.Folder(settle: "100ms")]))
                    try await bench.waitForEntry("inbox/sub/old.pdf")
                }
                #expect(bench.page.assets.map(\.folderId) == ["fld_launch", "fld_launch", nil])
                #expect(try await !bench.run("status").output.contains("SKIPPED"))
            }
        }
    }
}
