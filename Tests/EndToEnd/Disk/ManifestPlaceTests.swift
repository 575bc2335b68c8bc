import Foundation
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The places of the manifest's files: behind links, or where they cannot be replaced.
    struct ManifestPlaceTests {
        @Test(.timeLimit(.minutes(5)), arguments: [true, false])
        func `files that are links stay links, and what they lead to is the manifest`(isThere: Bool) async throws {
            try await withBench { bench in
                let links = [(bench.manifestFile, "web/public.json"), (bench.journalFile, "web/public.ndjson")]
                try bench.makeDirectory("web")
                for (link, target) in links {
                    try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: target)
                    if isThere { try bench.write([], to: target) }
                }
                try bench.write(Media.pdf(), to: "inbox/a.pdf")

                try await bench.withDaemon { daemon in
                    try await bench.waitForEntry("inbox/a.pdf")
                    // The journal grows until it is replaced.
                    for number in 0..<6 {
                        try bench.write(Media.pdf(number + 1), to: "inbox/a.pdf")
                        try await bench.waitForManifest("version \(number)") { $0.revision >= number + 2 }
                    }
                    #expect(daemon.lines("nothing can be recorded") == 0)
                }
                let again = try await bench.run("sync")

                #expect(again.code == 0, "\(again)")
                for (link, target) in links {
                    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.string) == target)
                    #expect(try bench.read(bench.path(target)).count > 0)
                }
                let beside = try FileManager.default.contentsOfDirectory(atPath: bench.path("web").string)
                #expect(beside.sorted() == ["public.json", "public.ndjson"])
                #expect(try bench.manifest()?.entries[bench.path("inbox/a.pdf").string]?.present == true)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["manifest.json", "manifest.ndjson"])
        func `a file that is mounted by itself is told before anything starts`(name: String) async throws {
            try await withBench { bench in
                let given = try bench.write([], to: "given")
                let place = try bench.write([], to: name)
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                let mount = "mount --bind '\(given)' '\(place)'"
                try await withMount(mount, on: bench.path("holder")) { process in
                    let disk = SmallDisk(path: bench.root, holder: process.id)

                    let check = try await bench.run("check", in: disk)
                    let sync = try await bench.run("sync", in: disk)

                    for ending in [check, sync] {
                        #expect(ending.code == 78, "\(ending)")
                        #expect(ending.error.contains("\(place) is mounted by itself"), "\(ending)")
                    }
                    #expect(bench.page.calls.isEmpty)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["manifest.json", "manifest.ndjson"])
        func `a file of something else is neither replaced nor written to`(name: String) async throws {
            try await withBench { bench in
                let text = Array("Mother's recipe,\n1 cup\n".utf8)
                let place = try bench.write(text, to: name)
                try bench.write(Media.pdf(), to: "inbox/a.pdf")

                for command in ["check", "sync", "run"] {
                    let ending = try await bench.run(command)
                    #expect(ending.code == 78, "\(ending)")
                    #expect(ending.error.contains("\(place) is a file of something else"), "\(ending)")
                }
                #expect(try bench.read(place) == text)
                #expect(bench.page.calls.isEmpty)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `what becomes a place that cannot be replaced later is named in the log`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    try await bench.waitForManifest("the first snapshot") { _ in true }
                    try bench.remove("manifest.json")
                    try bench.makeDirectory("manifest.json/full")
                    try bench.write(Media.pdf(), to: "inbox/a.pdf")

                    try await daemon.waitForLog("nothing can be recorded") {
                        $0.contains("\(bench.manifestFile) cannot be replaced")
                    }
                }
            }
        }
    }
}
