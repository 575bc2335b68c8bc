import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `outtray sync` and its exit codes.
    struct SyncTests {
        @Test(.timeLimit(.minutes(5)))
        func `a pass uploads what is there, and a second one calls no API`() async throws {
            try await withBench([.init(), .init(name: "linkedin", account: "linkedin")]) { bench in
                try bench.makeDirectory("inbox/deep")
                try bench.write(Media.jpeg(), to: "inbox/deep/a.jpg")
                try bench.write(Media.pdf(), to: "linkedin/b.pdf")

                let first = try await bench.run("sync")
                let calls = bench.page.calls.count
                let second = try await bench.run("sync")

                #expect(first.code == 0, "\(first)")
                #expect(second.code == 0, "\(second)")
                try bench.expectUploadedOnce("inbox/deep/a.jpg", Media.jpeg(), kind: "IMAGE")
                try bench.expectUploadedOnce("linkedin/b.pdf", Media.pdf(), kind: "DOCUMENT")
                let later = bench.page.calls.dropFirst(calls).map(\.route)
                // How far a document is may be asked; nothing is uploaded.
                #expect(later.allSatisfy { $0.hasPrefix("GET ") }, "\(later)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a pass does not end before it has looked at what was there, however often it is run`() async throws {
            try await withBench { bench in
                for number in 0..<20 {
                    try bench.write(Media.pdf(number), to: "inbox/\(number).pdf")

                    let ending = try await bench.run("sync")

                    #expect(ending.code == 0, "\(ending)")
                    #expect(try bench.manifest()?.entries.count == number + 1, "pass \(number): \(ending)")
                    // A pass that ends is no failure.
                    #expect(!ending.error.contains("CancellationError"), "pass \(number): \(ending)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a pass over empty folders is done at once and leaves an empty manifest`() async throws {
            try await withBench { bench in
                let ending = try await bench.run("sync")

                #expect(ending.code == 0, "\(ending)")
                #expect(try bench.manifest()?.entries.isEmpty == true)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a rejected file gives 65, and the others go up`() async throws {
            try await withBench { bench in
                try bench.write(Media.sample("recording.mkv"), to: "inbox/a.mkv")
                try bench.write(Media.jpeg(), to: "inbox/b.jpg")

                let ending = try await bench.run("sync")

                #expect(ending.code == 65, "\(ending)")
                try bench.expectUploadedOnce("inbox/b.jpg", Media.jpeg(), kind: "IMAGE")
                #expect(try bench.manifest()?.rejected[bench.path("inbox/a.mkv").string]?.code == "unsupported-type")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a provider that cannot be reached gives 75, and the file waits with the reason`() async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")

                let ending = try await ClosedPort.run { nobody in
                    let yaml = bench.yaml([.init()], addresses: ("\(nobody)/api/v1", "\(nobody)/linkedin"))
                    try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                    return try await bench.run("sync")
                }

                #expect(ending.code == 75, "\(ending)")
                #expect(ending.error.contains("a.jpg"))
                #expect(ending.error.localizedCaseInsensitiveContains("refused"), "\(ending)")
                #expect(try bench.manifest()?.entries.isEmpty == true)

                try bench.configure([.init()])
                let later = try await bench.run("sync")

                #expect(later.code == 0, "\(later)")
                try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(), kind: "IMAGE")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a refused key gives 75, and says that it is the key`() async throws {
            try await withBench { bench in
                try bench.write(Array("pb_live_wrong_and_secret".utf8), to: "main.key")
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")

                let ending = try await bench.run("sync")

                #expect(ending.code == 75, "\(ending)")
                #expect(ending.error.contains("key"), "\(ending)")
                #expect(!ending.description.contains("pb_live_wrong_and_secret"))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `while the daemon has the directory, sync and a second daemon give 75 and name its process`() async throws
        {
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    for command in ["sync", "run"] {
                        let ending = try await bench.run(command)

                        #expect(ending.code == 75, "\(ending)")
                        #expect(ending.error.contains("\(daemon.id)"), "\(ending)")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), .enabled(if: OtherUser.canRunTheBinary))
        func `a directory that cannot be read gives 75, as there may be files in it, and the rest goes up`()
            async throws
        {
            try await withBench { bench in
                try bench.makeDirectory("inbox/closed")
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try bench.give(to: OtherUser.id)
                let closed = bench.path("inbox/closed").string
                #expect(chmod(closed, 0) == 0)

                let ending = try await bench.run("sync", user: OtherUser.argument)
                #expect(chmod(closed, 0o755) == 0)
                let later = try await bench.run("sync", user: OtherUser.argument)

                #expect(ending.code == 75, "\(ending)")
                #expect(ending.error.contains("folder inbox was not looked through"), "\(ending)")
                try bench.expectUploadedOnce("inbox/a.pdf", Media.pdf(), kind: "DOCUMENT")
                #expect(later.code == 0, "\(later)")
            }
        }
    }
}
