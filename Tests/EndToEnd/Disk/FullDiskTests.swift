import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// The ledger or the manifest on a full or read-only disk.
    ///
    /// Nothing starts while its result could not be recorded. With room again, work goes on by itself.
    struct FullDiskTests {
        @Test(.timeLimit(.minutes(5)))
        func `while the ledger's disk is full nothing is asked for, and with room all goes up once`() async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                try await withSmallDisk(on: bench.state, size: "8m") { disk in
                    try await bench.withDaemon(in: disk) { daemon in
                        try bench.write(Media.pdf(0), to: "inbox/0.pdf")
                        try await bench.waitForEntry("inbox/0.pdf")
                        try disk.fill()
                        for number in 1..<20 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }
                        try await daemon.waitForLog("nothing can be recorded, uploads wait")
                        let asked = bench.page.calls.count
                        #expect(daemon.log.contains("there is no room left to write"), "the cause is told")

                        try disk.free()
                        try await daemon.waitForLog("recording works again")
                        try await bench.waitForManifest("20 entries") { $0.entries.count == 20 }
                        #expect(asked <= 1 + 4, "\(asked) asked for: no more than were under way")
                    }
                }

                for number in 0..<20 {
                    try bench.expectUploadedOnce("inbox/\(number).pdf", Media.pdf(number), kind: "DOCUMENT")
                }
                #expect(bench.page.assets.count == 20)
                #expect(bench.page.puts.count == 20)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a disk that fills up while files go up loses none and doubles none`() async throws {
            try await withBench([.init(settle: "100ms"), .init(name: "linkedin", account: "linkedin")]) { bench in
                bench.sandbox.weather.latency = .milliseconds(30)
                try await withSmallDisk(on: bench.state, size: "8m") { disk in
                    try await bench.withDaemon(in: disk) { daemon in
                        var told = 0
                        for number in 0..<30 {
                            try bench.write(Media.pdf(number), to: "inbox/\(number).pdf")
                            try bench.write(Media.jpeg(number), to: "linkedin/\(number).jpg")
                            // In the middle of any work. The log may name one full disk more than once: ledger and
                            // manifest stop separately.
                            if number % 6 == 3 {
                                told = daemon.lines("nothing can be recorded")
                                try disk.fill()
                            }
                            if number % 6 == 5 {
                                try await daemon.waitForLog("nothing can be recorded", times: told + 1)
                                let goneOn = daemon.lines("recording works again")
                                try disk.free()
                                try await daemon.waitForLog("recording works again", times: goneOn + 1)
                            }
                        }
                        try await bench.waitForManifest("60 entries") { $0.entries.count == 60 }
                    }
                }

                for number in 0..<30 {
                    try bench.expectUploadedOnce("inbox/\(number).pdf", Media.pdf(number), kind: "DOCUMENT")
                    try bench.expectUploadedOnce("linkedin/\(number).jpg", Media.jpeg(number), kind: "IMAGE")
                }
                #expect(bench.page.assets.count == 60)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `killed on a full disk, it says why it does not start, and goes on once there is room`() async throws {
            try await withBench([.init(account: "linkedin", settle: "100ms")]) { bench in
                let video = Media.mp4(bytes: 18 << 20)
                try await withSmallDisk(on: bench.state, size: "8m") { disk in
                    try await bench.withDaemon(in: disk) { daemon in
                        bench.sandbox.weather.latency = .milliseconds(300)
                        try bench.write(video, to: "inbox/a.mp4")
                        _ = try await bench.sandbox.books.wait { $0.puts.contains(where: \.stored) }
                        try disk.fill()
                        try await daemon.waitForLog("nothing can be recorded")
                        try daemon.send(SIGKILL)
                    }
                    bench.sandbox.weather.latency = .zero
                    let refused = try await bench.run("sync", in: disk)
                    #expect(refused.code == 75, "\(refused)")
                    #expect(refused.error.contains("free some space"), "\(refused)")
                    try disk.free()

                    try await bench.sync(in: disk)
                }

                try bench.expectUploadedOnce("inbox/a.mp4", video, kind: "VIDEO")
                #expect(bench.page.assets.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a directory in the manifest's place is told before anything starts, though nothing is new`() async throws
        {
            try await withBench { bench in
                try bench.write(Media.pdf(), to: "inbox/a.pdf")
                try await bench.sync()
                try bench.remove("manifest.json")
                try bench.makeDirectory("manifest.json")

                let ending = try await bench.run("sync")

                #expect(ending.code == 78, "\(ending)")
                #expect(ending.error.contains("manifest.path: \(bench.manifestFile)"), "\(ending)")
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["full", "read-only"])
        func `while the manifest cannot be written nothing more is sent`(fault: String) async throws {
            try await withBench([.init(settle: "100ms")]) { bench in
                try await withSmallDisk(on: bench.path("public"), size: "64k") { disk in
                    let yaml = try String(decoding: bench.read(bench.configuration), as: UTF8.self)
                        .replacing(
                            "manifest: {path: \(bench.manifestFile)",
                            with: "manifest: {path: \(disk.path)/m.json"
                        )
                    try bench.write(Array(yaml.utf8), to: "outtray.yaml")
                    try await bench.withDaemon(in: disk) { daemon in
                        // With the first snapshot written, the file's upload is the first thing to fail.
                        let snapshot = disk.outside("m.json").string
                        try await wait(for: "the first snapshot") { FileManager.default.fileExists(atPath: snapshot) }
                        if fault == "full" { try disk.fill() } else { try await disk.remount(readOnly: true) }
                        try bench.write(Media.pdf(0), to: "inbox/0.pdf")
                        try await daemon.waitForLog("nothing can be recorded, uploads wait")
                        let asked = bench.page.calls.count
                        for number in 1..<10 { try bench.write(Media.pdf(number), to: "inbox/\(number).pdf") }
                        try await daemon.waitForLog("file settled", times: 10)
                        #expect(bench.page.calls.count == asked)

                        if fault == "full" { try disk.free() } else { try await disk.remount(readOnly: false) }
                        try await daemon.waitForLog("file uploaded", times: 10)
                        try await wait(for: "the snapshot") {
                            let text = try? String(decoding: bench.read(disk.outside("m.json")), as: UTF8.self)
                            return (0..<10).allSatisfy { text?.contains("/\($0).pdf\"") == true }
                        }
                    }
                }

                #expect(bench.page.assets.count == 10)
            }
        }
    }
}
