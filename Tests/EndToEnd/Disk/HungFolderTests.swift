import Foundation
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// A folder on a file system that stops answering holds up nothing but itself, and goes on by itself.
    struct HungFolderTests {
        private static let folders = [Bench.Folder(), Bench.Folder(name: "hung")]

        @Test(.timeLimit(.minutes(3)))
        func `files that hang while they are read give their slots to another folder, and go up whole in the end`()
            async throws
        {
            try await withBench(Self.folders) { bench in
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    // Different sizes: files of the same size would be read once before they are sent.
                    let videos = (0..<4).map { Media.mp4(bytes: 600_000 + $0, number: $0) }
                    for (number, video) in videos.enumerated() { disk.add("\(number).mp4", video) }
                    disk.hang(.reads(from: 256 << 10))
                    try await bench.withDaemon(in: disk) { daemon in
                        // One read for each of the account's slots.
                        try await wait(for: "4 reads that hang") {
                            disk.unanswered >= 4
                        } state: {
                            daemon.log
                        }
                        try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                        try await daemon.waitForLog("file waits for its file system", times: 4)
                        try await bench.waitForEntry("inbox/a.jpg")

                        #expect(daemon.log.contains("the file system of \(bench.path("hung")) does not answer"))
                        #expect(!daemon.log.contains("account blocked"))
                        #expect(try bench.manifest()?.entries.count == 1)
                        let asked = bench.page.assets.count

                        disk.letGo()
                        for number in videos.indices { try await bench.waitForEntry("hung/\(number).mp4") }
                        #expect(asked == 5)
                        #expect(bench.page.assets.count == asked, "they go on with what was asked for")
                    }
                    for (number, video) in videos.enumerated() {
                        try bench.expectUploadedOnce("hung/\(number).mp4", video, kind: "VIDEO")
                    }
                    try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(), kind: "IMAGE")
                }
            }
        }

        @Test(.timeLimit(.minutes(3)))
        func `a pass ends without a file that hangs while it is read, and has the others up`() async throws {
            try await withBench(Self.folders) { bench in
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    disk.add("v.mp4", Media.mp4(bytes: 600_000, number: 1))
                    disk.add("b.pdf", Media.pdf())
                    disk.hang(.reads(from: 256 << 10))
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")

                    let ending = try await bench.run("sync", in: disk)

                    #expect(ending.code == 75, "\(ending)")
                    #expect(ending.error.contains("2 uploaded"), "\(ending)")
                    #expect(ending.error.contains("v.mp4"), "\(ending)")
                    #expect(ending.error.contains("does not answer"), "\(ending)")
                }
            }
        }

        /// The service, one pass, one push and one check run side by side, each with its own state. All wait for half a
        /// minute.
        @Test(.timeLimit(.minutes(3)))
        func `a folder that hangs keeps the service from being ready, and a pass and a push from their end, for 30 s`()
            async throws
        {
            try await withBench(Self.folders) { bench in
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    disk.add("b.pdf", Media.pdf())
                    disk.hang(.all)
                    try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                    let cause = "the file system of \(bench.path("hung")) does not answer"
                    let sync = ["sync", "--config", try configuration(of: bench, named: "sync").string]
                    let files = ["hung/b.pdf", "hung/c.pdf", "inbox/a.jpg"].map { bench.path($0).string }
                    let push = ["push", "--config", try configuration(of: bench, named: "push").string] + files
                    let check = ["check", "--config", try configuration(of: bench, named: "check").string]
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            let ending = try await BuiltBinary.run(check, in: disk)
                            #expect(ending.code == 75, "\(ending)")
                            #expect(ending.output.contains("no  folder hung: \(cause)"), "\(ending)")
                            #expect(ending.output.contains("ok  folder inbox"), "\(ending)")
                        }
                        group.addTask {
                            let ending = try await BuiltBinary.run(sync, in: disk)
                            #expect(ending.code == 75, "\(ending)")
                            #expect(ending.error.contains("1 uploaded"), "\(ending)")
                            #expect(ending.error.contains("folder hung waits: \(cause)"), "\(ending)")
                        }
                        group.addTask {
                            let ending = try await BuiltBinary.run(push, in: disk)
                            #expect(ending.code == 75, "\(ending)")
                            #expect(ending.output.contains("a.jpg"), "\(ending)")
                            #expect(ending.error.split(separator: "\n").count { $0.contains(cause) } == 2, "\(ending)")
                        }
                        try await expectReadyAlone(bench, disk) { try await group.waitForAll() }
                    }
                }
            }
        }

        /// The command itself gives up after 30 s.
        @Test(.timeLimit(.minutes(5)))
        func `a retry of a file does not wait for its folder, and the file goes up when that answers`() async throws {
            try await withBench(Self.folders) { bench in
                let words = #"{"statusCode":413,"message":"Payload Too Large"}"#
                let form = PreparedAnswer.Form.given(
                    status: 413,
                    headers: ["content-type": "application/json"],
                    body: Array(words.utf8)
                )
                bench.sandbox.prepare([PreparedAnswer(to: "POST /media/presign", form)])
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    disk.add("b.pdf", Media.pdf())
                    try await bench.withDaemon(in: disk) { _ in
                        try await bench.waitForRejection("hung/b.pdf")
                        disk.hang(.all)

                        let ending = try await bench.run("retry", bench.path("hung/b.pdf").string)

                        #expect(ending.code == 0 && ending.output.contains("b.pdf: looked at anew"), "\(ending)")
                        disk.letGo()
                        try await bench.waitForEntry("hung/b.pdf")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a target of move that hangs keeps neither check nor the folder waiting`() async throws {
            try await withBench([.init(), .init(name: "hung")]) { bench in
                let yaml = bench.yaml([.init(lines: ["after_upload: {move: \(bench.path("hung"))}"])])
                try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                try await withHangingDisk(on: bench.path("hung")) { disk in
                    disk.hang(.all)

                    let check = try await bench.run("check", in: disk)

                    #expect(check.code == 75, "\(check)")
                    let cause = "the file system of \(bench.path("hung")) does not answer"
                    #expect(check.output.contains("no  folder inbox: \(cause)"), "\(check)")
                    try await bench.withDaemon(in: disk) { daemon in
                        #expect(daemon.lines("uploaded files cannot leave their folder yet") == 1)
                        try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                        try await bench.waitForManifest("an upload") { !$0.entries.isEmpty }
                        disk.letGo()
                    }
                }
            }
        }

        /// Runs the service and expects that it is ready without the hung folder. Then runs `body`, and lets the folder
        /// go.
        private func expectReadyAlone(_ bench: Bench, _ disk: HangingDisk, _ body: () async throws -> Void) async throws
        {
            let socket = try NotifySocket(bench.path("notify"))
            try await withProcess(
                bench.runCommand(in: disk),
                environment: ["NOTIFY_SOCKET": bench.path("notify").string],
                logFile: bench.path("daemon.log")
            ) { _ in
                try await bench.waitForEntry("inbox/a.jpg")
                let ready = try await socket.next()
                #expect(ready.contains("READY=1") && ready.contains("not looked through yet: hung"), "\(ready)")
                try await body()

                disk.letGo()
                try await bench.waitForEntry("hung/b.pdf")
                #expect(try await socket.next().contains("READY=1"))
            }
        }

        /// The bench's configuration with its own state and manifest.
        private func configuration(of bench: Bench, named name: String) throws -> FilePath {
            try bench.makeDirectory(name)
            let text = bench.yaml(Self.folders)
                .replacingOccurrences(of: "\(bench.root)/state", with: "\(bench.root)/\(name)/state")
                .replacingOccurrences(of: "\(bench.root)/manifest", with: "\(bench.root)/\(name)/manifest")
            return try bench.write(Array(text.utf8), to: "\(name)/outtray.yaml")
        }
    }
}
