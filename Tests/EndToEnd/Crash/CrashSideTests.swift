import Foundation
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// Kills the daemon off the straight way: when nothing is uploaded, when a try fails, and when a file leaves.
    struct CrashSideTests {
        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a copy of known bytes takes the asset, whenever it is killed`(account: String) async throws {
            try await forEach(CrashSide.copy, atATime: 4) { point in
                try await Self.withUploaded("a.jpg", account: account) { bench in
                    // A start that finds its snapshot writes none.
                    try bench.remove("manifest.json")
                    try await bench.crashDaemon(at: point) { daemon in
                        try await bench.waitForFirstSnapshot(of: daemon)
                        try bench.write(Media.jpeg(), to: "inbox/b.jpg")
                    }
                    bench.expectReadable("after \(point)")
                    try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/b.jpg") }

                    let entries = try #require(try bench.manifest()).entries
                    #expect(Set(entries.values.map(\.id)).count == 1 && entries.count == 2, "\(point)")
                    #expect(bench.page.assets.count == 1, "\(point)")
                    try bench.expectJournalLeadsToSnapshot()
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a rename takes the entry along, whenever it is killed`(account: String) async throws {
            try await Self.expectMove(of: "a.jpg", by: "a.jpg", to: "b.jpg", "b.jpg", account, at: CrashSide.rename)
        }

        @Test(.timeLimit(.minutes(5)))
        func `a renamed directory takes its entries along, whenever it is killed`() async throws {
            let points = CrashSide.renamedDirectory
            try await Self.expectMove(of: "old/a.jpg", by: "old", to: "new", "new/a.jpg", "main", at: points)
        }

        /// Renames something while the daemon is killed at each point. The entry is then alone at the file's new place.
        private static func expectMove(
            of file: String,
            by name: String,
            to newName: String,
            _ newPlace: String,
            _ account: String,
            at points: [String]
        ) async throws {
            try await forEach(points, atATime: 4) { point in
                try await withUploaded(file, account: account) { bench in
                    // The scan at start finds nothing new, so the crash point lies on the way of the rename.
                    try bench.remove("manifest.json")
                    try await bench.crashDaemon(at: point) { daemon in
                        try await bench.waitForFirstSnapshot(of: daemon)
                        try bench.move("inbox/\(name)", to: "inbox/\(newName)")
                    }
                    bench.expectReadable("after \(point)")
                    try await bench.withDaemon { _ in
                        try await bench.waitForManifest("the entry alone at \(newPlace)") { manifest in
                            manifest.entries.values.count(where: \.present) == 1
                                && manifest.entries[bench.path("inbox/\(newPlace)").string]?.present == true
                        }
                    }

                    #expect(bench.page.assets.count == 1, "\(point)")
                    try bench.expectJournalLeadsToSnapshot()
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is rejected is told once, whenever it is killed`() async throws {
            try await forEach(CrashSide.rejection, atATime: 4) { point in
                try await withBench([.init(settle: "100ms")]) { bench in
                    try await bench.crashDaemon(at: point) { _ in
                        try bench.write(Array("some notes\n".utf8), to: "inbox/notes.txt")
                    }
                    try await bench.withDaemon { _ in try await bench.waitForRejection("inbox/notes.txt") }

                    #expect(try bench.wholeJournal().map(\.event) == ["rejected"], "\(point)")
                    #expect(bench.page.calls.isEmpty, "\(point)")
                }
            }
        }

        @Test(.timeLimit(.minutes(4)), arguments: ["delete", "{move: DONE}", "{move: OTHER}"])
        func `an uploaded file leaves its folder once, whenever it is killed`(afterUpload: String) async throws {
            let moves = afterUpload != "delete"
            let crosses = afterUpload.contains("OTHER")
            let points = CrashSide.departure + (moves ? CrashSide.move : []) + (crosses ? CrashSide.crossing : [])
            try await forEach(points, atATime: 4) { point in
                let other = try OtherDisk()
                try await withBench([.init(settle: "100ms")]) { bench in
                    try bench.makeDirectory("done")
                    let done = crosses ? other.path : bench.path("done")
                    let target = afterUpload.replacing("DONE", with: done.string).replacing("OTHER", with: done.string)
                    try bench.configure([.init(settle: "100ms", lines: ["after_upload: \(target)"])])
                    try await bench.crashDaemon(at: point) { _ in
                        try bench.makeDirectory("inbox/sub")
                        try bench.write(Media.pdf(), to: "inbox/sub/a.pdf")
                    }
                    bench.expectReadable("after \(point)")
                    let manifest = try await bench.withDaemon { _ in
                        try await bench.waitForManifest("an entry that is not present") { manifest in
                            manifest.entries[bench.path("inbox/sub/a.pdf").string]
                                .map { !$0.present && ($0.movedTo != nil) == moves } ?? false
                        }
                    }.value

                    let entry = try #require(manifest.entries[bench.path("inbox/sub/a.pdf").string])
                    #expect(try bench.files(beneath: "inbox") == ["sub"], "\(point)")
                    let kept = try FileManager.default.subpathsOfDirectory(atPath: done.string).sorted()
                    #expect(kept == (moves ? ["sub", "sub/a.pdf"] : []), "\(point)")
                    #expect(entry.movedTo == (moves ? "\(done)/sub/a.pdf" : nil), "\(point)")
                    #expect(bench.page.assets.count == 1, "\(point)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that is put back for its writer stays, whenever it is killed`() async throws {
            try await withBench([.init(settle: "100ms", lines: ["after_upload: delete"])]) { bench in
                var writer: FileDescriptor?
                try await bench.crashDaemon(
                    at: CrashSide.writer[0],
                    environment: ["OUTTRAY_STOP_AT": "departure-looked"]
                ) { daemon in
                    try bench.write(Media.pdf(), to: "inbox/a.pdf")
                    try await daemon.whileStopped { writer = try bench.openForAppending("inbox/a.pdf") }
                }
                #expect(try bench.files(beneath: "inbox") == ["a.pdf"])

                try await bench.withDaemon { daemon in
                    try await daemon.waitForLog("watching")
                    try writer?.writeAll(Array("% and more\n".utf8))
                    try writer?.close()
                    try await bench.waitUntilGone("inbox/a.pdf")
                }

                #expect(bench.stored.contains(Media.sha256(Media.pdf() + Array("% and more\n".utf8))))
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a ticket that expired is asked for anew, whenever it is killed`(account: String) async throws {
            try await forEach(CrashSide.expiry, atATime: 4) { point in
                try await withBench([.init(account: account, settle: "100ms")]) { bench in
                    bench.sandbox.weather.urlLifetime = .zero
                    try await bench.crashDaemon(at: point) { _ in try bench.write(Media.jpeg(), to: "inbox/a.jpg") }
                    let asked = bench.page.assets.count
                    bench.sandbox.weather.urlLifetime = nil
                    try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.jpg") }

                    try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(), kind: "IMAGE")
                    #expect(bench.page.assets.count == asked + 1, "\(point)")
                    #expect(bench.page.assets.count(where: \.isComplete) == 1, "\(point)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a try that failed is gone on with on the same asset, whenever it is killed`(account: String)
            async throws
        {
            try await forEach(CrashSide.failure, atATime: 4) { point in
                try await withBench([.init(account: account, settle: "100ms")]) { bench in
                    bench.sandbox.weather.failEveryNthPut = 1
                    try await bench.crashDaemon(at: point) { _ in try bench.write(Media.jpeg(), to: "inbox/a.jpg") }
                    bench.sandbox.weather.failEveryNthPut = nil
                    try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.jpg") }

                    try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(), kind: "IMAGE")
                    #expect(bench.page.assets.count == 1, "\(point)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a file that is touched before the next start keeps its asset, whenever it is killed`(account: String)
            async throws
        {
            try await forEach(CrashSide.touch, atATime: 4) { point in
                try await withBench([.init(account: account, settle: "100ms")]) { bench in
                    try await bench.crashDaemon(at: point) { _ in try bench.write(Media.jpeg(), to: "inbox/a.jpg") }
                    try bench.touch("inbox/a.jpg")
                    try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.jpg") }

                    try bench.expectUploadedOnce("inbox/a.jpg", Media.jpeg(), kind: "IMAGE")
                    #expect(bench.page.assets.count == 1, "\(point)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["main", "linkedin"])
        func `a file that changed while it was sent goes up as it is then, whenever it is killed`(account: String)
            async throws
        {
            let newer = Media.jpeg(22)
            try await forEach(CrashSide.change, atATime: 4) { point in
                try await withBench([.init(account: account, settle: "100ms")]) { bench in
                    bench.sandbox.weather.latency = .milliseconds(500)
                    try await bench.crashDaemon(at: point) { daemon in
                        try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                        _ = try await bench.sandbox.books.wait { !$0.assets.isEmpty }
                        // The PUT is not answered before the change.
                        bench.sandbox.weather.latency = .seconds(2)
                        try bench.write(newer, to: "inbox/a.jpg")
                    }
                    bench.sandbox.weather.latency = .zero
                    try await bench.withDaemon { _ in
                        try await bench.waitForEntry("inbox/a.jpg") { $0.bytes == newer.count }
                    }

                    let entry = try #require(try bench.manifest()?.entries[bench.path("inbox/a.jpg").string])
                    let assets = bench.page.assets
                    #expect(assets.first { $0.id == entry.id }?.sha256 == entry.sha256, "\(point)")
                    #expect(assets.count { $0.sha256 == entry.sha256 } == 1, "\(point)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a file that leaves and comes back is told so, whenever it is killed`() async throws {
            try await forEach(CrashSide.absence, atATime: 4) { point in
                try await Self.withUploaded("a.jpg", account: "main") { bench in
                    try bench.remove("manifest.json")
                    try await bench.crashDaemon(at: point) { daemon in
                        try await bench.waitForFirstSnapshot(of: daemon)
                        try bench.remove("inbox/a.jpg")
                    }
                    try await bench.withDaemon { _ in
                        let key = bench.path("inbox/a.jpg").string
                        try await bench.waitForManifest("it is gone") { $0.entries[key]?.present == false }
                        try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                        try await bench.waitForEntry("inbox/a.jpg")
                    }

                    #expect(bench.page.assets.count == 1, "\(point)")
                    let events = try bench.wholeJournal().map(\.event).filter { $0 != "updated" }
                    #expect(events == ["uploaded", "removed", "uploaded"], "\(point)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a journal that is replaced is whole, whenever it is killed`() async throws {
            try await forEach(CrashSide.replacement, atATime: 4) { point in
                try await Self.withUploaded("a.jpg", account: "main") { bench in
                    try await bench.whileScriptsRead {
                        try await bench.crashDaemon(at: point) { daemon in
                            // Each turn writes two lines for one entry. Past four lines an entry, the journal is
                            // replaced.
                            for _ in 0..<12 where daemon.isRunning {
                                try bench.move("inbox/a.jpg", to: "inbox/.hidden")
                                try await bench.waitForPresence(false, of: "inbox/a.jpg", orEndOf: daemon)
                                try bench.move("inbox/.hidden", to: "inbox/a.jpg")
                                try await bench.waitForPresence(true, of: "inbox/a.jpg", orEndOf: daemon)
                            }
                        }
                        bench.expectReadable("after \(point)")
                        if bench.exists("inbox/.hidden") { try bench.move("inbox/.hidden", to: "inbox/a.jpg") }
                        try await bench.withDaemon { _ in try await bench.waitForEntry("inbox/a.jpg") }
                    }

                    try bench.expectJournalLeadsToSnapshot()
                    #expect(bench.page.assets.count == 1, "\(point)")
                }
            }
        }

        /// Makes a bench whose daemon has uploaded one file and ended.
        private static func withUploaded(
            _ name: String,
            account: String,
            _ body: (Bench) async throws -> Void
        ) async throws {
            try await withBench([.init(account: account, settle: "100ms")]) { bench in
                if let directory = name.split(separator: "/").dropLast().first {
                    try bench.makeDirectory("inbox/\(directory)")
                }
                try bench.write(Media.jpeg(), to: "inbox/\(name)")
                try await bench.withDaemon { _ in
                    try await bench.waitForEntry("inbox/\(name)") { ["ready", "unknown"].contains($0.status) }
                }
                try await body(bench)
            }
        }
    }
}

extension Bench {
    /// Waits until the manifest shows a file as present (or not), or until the daemon has ended.
    fileprivate func waitForPresence(_ present: Bool, of name: String, orEndOf daemon: RunningProcess) async throws {
        try await wait(for: "\(name) present: \(present)") {
            try !daemon.isRunning || manifest()?.entries[path(name).string]?.present == present
        }
    }
}
