import Foundation
import Sandbox
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// A damaged or foreign ledger, seen from outside.
    struct LedgerDamageTests {
        @Test(.timeLimit(.minutes(5)), arguments: LedgerDamage.allCases)
        func `a damaged ledger is refused with 78, told in one sentence, and left as it is`(
            damage: LedgerDamage
        ) async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await bench.sync()
                try bench.damageLedger(damage, of: "inbox/a.jpg")
                let before = try bench.read(bench.ledgerFile)
                let calls = bench.page.calls.count

                for arguments in [["run"], ["sync"], ["push", bench.path("inbox/a.jpg").string]] {
                    let ending = try await BuiltBinary.run(arguments + ["--config", bench.configuration.string])

                    #expect(ending.code == 78, "\(ending)")
                    let said = ending.error.split(separator: "\n")
                    #expect(said.count == 1, "\(ending)")
                    #expect(said.first?.contains("\(bench.ledgerFile) is damaged (") == true, "\(ending)")
                    #expect(said.first?.contains(#"run "outtray check --repair" with the service stopped"#) == true)
                }

                #expect(try bench.read(bench.ledgerFile) == before)
                #expect(bench.page.calls.count == calls)
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: [true, false])
        func `a ledger that is gone or empty is not begun anew beside its manifest`(isThere: Bool) async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                try await bench.sync()
                let (calls, manifest) = (bench.page.calls.count, try bench.manifestTree())
                try FileManager.default.removeItem(atPath: bench.ledgerFile.string)
                if isThere { try Data().write(to: URL(fileURLWithPath: bench.ledgerFile.string)) }

                for command in ["run", "sync"] {
                    let ending = try await bench.run(command)

                    #expect(ending.code == 78, "\(ending)")
                    #expect(ending.error.contains("\(bench.ledgerFile) is missing or empty"), "\(ending)")
                }
                #expect(bench.page.calls.count == calls)
                #expect(try bench.manifestTree() == manifest)
                #expect(try await bench.run("check", "--repair").code == 0)
                try await bench.sync()
                #expect(bench.page.assets.count == 1)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a ledger that is removed under a daemon ends it with 78`() async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(), to: "inbox/a.jpg")
                let end = try await bench.withDaemon { daemon in
                    try await bench.waitForEntry("inbox/a.jpg")
                    try FileManager.default.removeItem(atPath: bench.ledgerFile.string)
                    try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                    // A zombie (ended, not yet waited for) has no executable any more.
                    let executable = "/proc/\(daemon.id)/exe"
                    try await wait(for: "the daemon's end") { !FileManager.default.fileExists(atPath: executable) }
                }

                #expect(end.status == .exited(78), "\(end.log)")
                #expect(end.log.contains("outtray: \(bench.ledgerFile) was removed since it was opened"), "\(end.log)")
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `after a repair nothing goes up again, the manifest says what it said, and new files go up`() async throws
        {
            let folders: [Bench.Folder] = [.init(), .init(name: "linkedin", account: "linkedin")]
            try await withBench(folders) { bench in
                try await bench.fillForRepair()
                let before = try bench.manifestTree()
                let revision = try #require(try bench.manifest()).revision
                let page = bench.page
                try bench.damageLedger(.index, of: "inbox/a.jpg")
                let damaged = try bench.read(bench.ledgerFile)
                #expect(try await bench.run("run").code == 78)

                let check = try await bench.run("check")
                #expect(check.code == 78 && check.error.contains("check --repair"), "\(check)")
                let repair = try await bench.run("check", "--repair")

                #expect(repair.code == 0, "\(repair)")
                #expect(repair.output.contains("rebuilt 5 entries, 4 assets, 1 rejected"), "\(repair)")
                let kept = repair.lines.filter { $0.hasPrefix("kept") }.compactMap { $0.split(separator: " ").last }
                #expect(kept.first?.contains("/outtray.db.damaged-") == true, "\(repair)")
                #expect(try bench.read(FilePath(String(kept[0]))) == damaged)

                try bench.write(Media.pdf(77), to: "linkedin/new.pdf")
                try await bench.withDaemon { daemon in
                    try await bench.waitForEntry("linkedin/new.pdf")
                    try await daemon.waitForLog("file known already", times: 4)
                    try await daemon.waitForLog("file rejected")
                }

                let after = try bench.manifestTree(without: "linkedin/new.pdf")
                #expect(after["entries"] == before["entries"])
                #expect(after["rejected"] == before["rejected"])
                #expect(try #require(try bench.manifest()).revision > revision)
                let revisions = try bench.journal().map(\.revision)
                #expect(revisions == revisions.sorted() && (revisions.last ?? 0) > revision)
                #expect(bench.page.assets.count == page.assets.count + 1)
                let fresh = bench.page.calls.dropFirst(page.calls.count).map(\.route).filter { !$0.hasPrefix("GET ") }
                #expect(fresh == ["POST /posts/upload/init"], "\(fresh)")
                #expect(bench.page.puts.count == page.puts.count + 1)
                #expect(try await bench.run("check", "--repair").output.contains("is whole: nothing was changed"))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `files that leave before the first start after a repair are told as not present`() async throws {
            try await withBench { bench in
                for name in ["a", "b"] { try bench.write(Media.jpeg(name == "a" ? 1 : 2), to: "inbox/\(name).jpg") }
                try await bench.sync()
                try bench.remove("state/outtray.db")
                #expect(try await bench.run("check", "--repair").code == 0)
                try bench.remove("inbox/b.jpg")

                try await bench.sync()

                let entries = try #require(try bench.manifest()).entries
                #expect(entries[bench.path("inbox/a.jpg").string]?.present == true)
                #expect(entries[bench.path("inbox/b.jpg").string]?.present == false)
                #expect(bench.page.assets.count == 2)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `nothing is repaired beside a daemon, nor without anything to rebuild from`() async throws {
            try await withBench { bench in
                try await bench.withDaemon { daemon in
                    let ending = try await bench.run("check", "--repair")
                    #expect(ending.code == 75 && ending.error.contains("process \(daemon.id)"), "\(ending)")
                }
                for name in ["state/outtray.db", "manifest.json", "manifest.ndjson"] { try bench.remove(name) }

                let ending = try await bench.run("check", "--repair")

                #expect(ending.code == 78 && ending.error.contains("put back a copy"), "\(ending)")
                #expect(!bench.exists("state/outtray.db"))
            }
        }
    }
}

extension Bench {
    /// Makes files of both providers: uploaded, copied, renamed, rejected, and one that left. All reach their last
    /// status.
    fileprivate func fillForRepair() async throws {
        try write(Media.jpeg(), to: "inbox/a.jpg")
        try write(Media.jpeg(), to: "inbox/copy.jpg")
        try write(Media.jpeg(2), to: "inbox/left.jpg")
        try write(Media.sample("recording.mkv"), to: "inbox/bad.mkv")
        try write(Media.mp4(bytes: 9 << 20), to: "linkedin/b.mp4")
        try write(Media.pdf(), to: "linkedin/old.pdf")
        try await sync(endsWith: 65)
        try remove("inbox/left.jpg")
        try move("linkedin/old.pdf", to: "linkedin/renamed.pdf")
        try await withDaemon { _ in
            try await waitForManifest("all in their last state") { manifest in
                manifest.entries.count == 5 && manifest.entries.values.allSatisfy { $0.status != "processing" }
                    && manifest.entries[path("inbox/left.jpg").string]?.present == false
                    && manifest.entries[path("linkedin/old.pdf").string] == nil
            }
        }
    }

    fileprivate func manifestTree(without name: String? = nil) throws -> JSONTree {
        var tree = try JSONTree(parsing: read(manifestFile))
        if let name, var entries = tree["entries"] {
            entries[path(name).string] = nil
            tree["entries"] = entries
        }
        return tree
    }
}

/// A kind of damage to the ledger's file.
enum LedgerDamage: CaseIterable {
    /// One changed byte of an index: the index no longer fits its table. SQLite's quick check does not see it.
    case index
    case cutToHalf
    case otherFile
}

extension Bench {
    var ledgerFile: FilePath { state.appending("outtray.db") }

    /// Damages the ledger of a process that has ended. `name` is a file in this ledger.
    func damageLedger(_ damage: LedgerDamage, of name: String) throws {
        var bytes = try read(ledgerFile)
        switch damage {
        case .index:
            let pageSize = 4096
            // The type of an index's leaf page (https://www.sqlite.org/fileformat.html, "B-tree Pages").
            let leaves = stride(from: pageSize, to: bytes.count, by: pageSize).filter { bytes[$0] == 0x0A }
            let path = Array(path(name).string.utf8)
            let places = leaves.compactMap { start in
                bytes[start..<start + pageSize].firstRange(of: path)?.upperBound
            }
            let last = try #require(places.last, "no index has the path")
            bytes[last - 1] += 1
        case .cutToHalf:
            bytes.removeLast(bytes.count / 2)
        case .otherFile:
            bytes = Array("This is a shopping list: milk, bread, and a very long line.\n".utf8)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: ledgerFile.string))
    }
}
