import Foundation
import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// A ledger that was put back from a copy, beside a manifest that went on.
    struct OldLedgerTests {
        /// What of the manifest was put back from the copy too, or is damaged.
        enum Remains: CaseIterable {
            case all, journalAlone, snapshotAlone, cutSnapshot, cutJournal, cutSnapshotAlone
        }

        @Test(.timeLimit(.minutes(5)), arguments: Remains.allCases)
        func `an old ledger is refused and told, and a repair takes up what went up since`(remains: Remains)
            async throws
        {
            try await withBench { bench in
                for number in 0..<2 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                try await bench.syncUntilReady()
                let copy = try bench.copy()
                let known = try #require(try bench.manifest()).revision
                for number in 2..<6 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                try bench.write(Media.jpeg(77), to: "inbox/0.jpg")
                try await bench.syncUntilReady()
                let (entries, newest) = try (bench.entries(), #require(try bench.manifest()).revision)
                let before = try bench.journalLines()
                try bench.putBack(copy, remains)
                let calls = bench.page.calls.count

                for arguments in [["run"], ["sync"], ["push", bench.path("inbox/5.jpg").string], ["check"]] {
                    let ending = try await BuiltBinary.run(arguments + ["--config", bench.configuration.string])

                    #expect(ending.code == 78, "\(ending)")
                    let said = ending.error.split(separator: "\n")
                    #expect(said.count == 1, "\(ending)")
                    #expect(
                        said.first?.contains("is older than the manifest: it knows revision \(known),") == true,
                        "\(ending)"
                    )
                    #expect(said.first?.contains(#"run "outtray check --repair""#) == true, "\(ending)")
                }
                #expect(bench.page.calls.count == calls)
                let repair = try await bench.run("check", "--repair")
                #expect(repair.code == 0 && repair.output.contains("took up 5 entries"), "\(repair)")
                #expect(!repair.output.contains("new revisions"), "\(repair)")
                #expect(try await bench.run("check", "--repair").output.contains("nothing was changed"))
                try bench.write(Media.jpeg(9), to: "inbox/new.jpg")
                try await bench.sync()

                #expect(bench.page.assets.count == 8 && bench.page.assets.allSatisfy { $0.isComplete })
                let after = try bench.entries()
                #expect(after.filter { !$0.key.hasSuffix("new.jpg") } == entries)
                let fresh = try bench.journal().first { $0.path == bench.path("inbox/new.jpg").string }
                #expect(fresh?.revision == newest + 1)
                try bench.expectNoRevisionTwice(before)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `renames, removals, rejections and statuses of the time between are taken up as well`() async throws {
            try await withBench([.init(), .init(name: "linkedin", account: "linkedin")]) { bench in
                try bench.write(Media.jpeg(1), to: "inbox/old.jpg")
                try bench.write(Media.jpeg(2), to: "inbox/left.jpg")
                try bench.write(Media.jpeg(3), to: "inbox/bad.jpg")
                try bench.write(Media.pdf(4), to: "linkedin/stays.pdf")
                try await bench.sync()
                let copy = try bench.copy()
                try bench.move("inbox/old.jpg", to: "inbox/renamed.jpg")
                try bench.remove("inbox/left.jpg")
                try bench.write(Media.sample("recording.mkv"), to: "inbox/bad.jpg")
                try bench.write(Media.sample("recording.mkv"), to: "inbox/other.mkv")
                try await bench.withDaemon { _ in
                    try await bench.waitForManifest("all in their last state") { manifest in
                        manifest.rejected.count == 2
                            && manifest.entries[bench.path("inbox/renamed.jpg").string]?.present == true
                            && manifest.entries[bench.path("inbox/left.jpg").string]?.present == false
                            && manifest.entries[bench.path("linkedin/stays.pdf").string]?.status == "ready"
                    }
                }
                let (entries, before) = try (bench.entries(), bench.journalLines())
                let rejected = try JSONSerialization.data(withJSONObject: bench.tree("rejected"), options: .sortedKeys)
                let page = bench.page
                try bench.putBack(copy, .all)

                let repair = try await bench.run("check", "--repair")
                #expect(repair.code == 0, "\(repair)")
                let pass = try await bench.run("sync")
                #expect(pass.code == 0 || pass.code == 65, "\(pass)")

                #expect(try bench.entries() == entries)
                let now = try JSONSerialization.data(withJSONObject: bench.tree("rejected"), options: .sortedKeys)
                #expect(now == rejected)
                #expect(bench.page.assets.count == page.assets.count && bench.page.puts.count == page.puts.count)
                try bench.expectNoRevisionTwice(before)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a manifest of another ledger is refused, and a repair keeps what both tell`() async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(1), to: "inbox/own.jpg")
                try await bench.syncUntilReady()
                let own = try bench.read(bench.configuration)
                // Another state directory with a folder and a manifest of its own.
                try bench.makeDirectory("elsewhere")
                let text = String(decoding: own, as: UTF8.self)
                let other =
                    text.replacing("\(bench.state)", with: "\(bench.path("other"))").replacing(
                        "manifest.",
                        with: "second."
                    )
                    .replacing("\(bench.path("inbox"))", with: "\(bench.path("elsewhere"))")
                try bench.write(Array(other.utf8), to: "outtray.yaml")
                for number in 2..<6 { try bench.write(Media.jpeg(number), to: "elsewhere/\(number).jpg") }
                try await bench.syncUntilReady("second.json")
                // The first state directory gets the manifest of the second.
                try bench.write(Array(text.replacing("manifest.", with: "second.").utf8), to: "outtray.yaml")
                let lines = try bench.lines(of: "second.ndjson")
                let newest = try bench.manifest(at: "second.json").revision

                let ending = try await bench.run("sync")
                #expect(ending.code == 78 && ending.error.contains("a manifest.path of its own"), "\(ending)")
                let repair = try await bench.run("check", "--repair")
                #expect(repair.code == 0 && repair.output.contains("took up 4 entries"), "\(repair)")
                #expect(repair.output.contains("1 paths that the manifest does not show so get new revisions"))
                try await bench.sync()

                let manifest = try bench.manifest(at: "second.json")
                #expect(manifest.entries.count == 5 && manifest.revision == newest + 1)
                #expect(manifest.entries[bench.path("inbox/own.jpg").string]?.revision == newest + 1)
                #expect(Array(try bench.lines(of: "second.ndjson").prefix(lines.count)) == lines)
                #expect(bench.page.assets.count == 5)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a reload does not take a manifest that is newer than the ledger`() async throws {
            try await withBench { bench in
                try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                try await bench.sync()
                let known = try #require(try bench.manifest()).revision
                let own = String(decoding: try bench.read(bench.manifestFile), as: UTF8.self)
                let newer = own.replacing("\"revision\":\(known)", with: "\"revision\":\(known + 99)")
                let foreign = Array(newer.utf8)
                try bench.write(foreign, to: "second.json")
                let end = try await bench.withDaemon { daemon in
                    let text = String(decoding: try bench.read(bench.configuration), as: UTF8.self)
                    try bench.write(
                        Array(text.replacing("manifest.json", with: "second.json").utf8),
                        to: "outtray.yaml"
                    )
                    try daemon.send(SIGHUP)
                    try await daemon.waitForLog("configuration not taken")
                    try bench.write(Media.jpeg(2), to: "inbox/b.jpg")
                    try await bench.waitForEntry("inbox/b.jpg")
                }

                #expect(
                    end.log.contains("manifest.path") && end.log.contains("is older than the manifest"),
                    "\(end.log)"
                )
                #expect(try bench.read(bench.path("second.json")) == foreign)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a ledger that is as new as a manifest that somebody cut is not refused`() async throws {
            try await withBench { bench in
                for number in 0..<3 { try bench.write(Media.jpeg(number), to: "inbox/\(number).jpg") }
                try await bench.sync()
                for file in [bench.manifestFile, bench.journalFile] {
                    let bytes = try bench.read(file)
                    try Data(bytes.prefix(bytes.count / 2)).write(to: URL(fileURLWithPath: file.string))
                }

                try await bench.sync()

                #expect(try bench.manifest()?.entries.count == 3)
                #expect(bench.page.assets.count == 3)
            }
        }
    }
}

extension Bench {
    /// The ledger and the manifest's two files of a process that has ended, as a backup takes them.
    fileprivate struct Copy {
        let ledger: [UInt8]
        let snapshot: [UInt8]
        let journal: [UInt8]
    }

    fileprivate func copy() throws -> Copy {
        Copy(ledger: try read(ledgerFile), snapshot: try read(manifestFile), journal: try read(journalFile))
    }

    fileprivate func putBack(_ copy: Copy, _ remains: EndToEnd.OldLedgerTests.Remains) throws {
        try put(copy.ledger, ledgerFile)
        let (snapshot, journal) = (try read(manifestFile), try read(journalFile))
        switch remains {
        case .all: break
        case .journalAlone: try put(copy.snapshot, manifestFile)
        case .snapshotAlone: try put(copy.journal, journalFile)
        case .cutSnapshot: try put(Array(snapshot.prefix(snapshot.count / 2)), manifestFile)
        case .cutJournal: try put(Array(journal.prefix(journal.count / 2)), journalFile)
        // Only the end is lost, which has no entry.
        case .cutSnapshotAlone:
            try put(Array(snapshot.dropLast(4)), manifestFile)
            try put([], journalFile)
        }
    }

    private func put(_ bytes: [UInt8], _ file: FilePath) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file.string))
    }

    /// Passes until the provider has said of each asset whether it can be used. So no later pass learns it.
    fileprivate func syncUntilReady(_ name: String = "manifest.json") async throws {
        for _ in 0..<100 {
            try await sync()
            if try manifest(at: name).entries.values.allSatisfy({ $0.status != "processing" }) { return }
        }
        Issue.record("assets are processed for ever")
    }

    fileprivate func tree(_ section: String) throws -> [String: Any] {
        let whole = try JSONSerialization.jsonObject(with: Data(read(manifestFile))) as? [String: Any]
        return try #require(whole?[section] as? [String: Any])
    }

    /// The manifest's entries: each as JSON text.
    fileprivate func entries() throws -> [String: String] {
        try tree("entries").mapValues { entry in
            String(decoding: try JSONSerialization.data(withJSONObject: entry, options: .sortedKeys), as: UTF8.self)
        }
    }

    fileprivate func manifest(at name: String) throws -> Manifest {
        try JSONDecoder().decode(Manifest.self, from: Data(read(path(name))))
    }

    fileprivate func lines(of name: String) throws -> [String] {
        String(decoding: try read(path(name)), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The path of each line of the journal, by revision.
    fileprivate func journalLines() throws -> [Int: String] {
        Dictionary(try journal().map { ($0.revision, $0.path) }) { first, _ in first }
    }

    /// Expects that each revision tells of the path that it told of before, and that revisions ascend.
    fileprivate func expectNoRevisionTwice(_ before: [Int: String]) throws {
        let lines = try journal()
        #expect(lines.map(\.revision) == lines.map(\.revision).sorted())
        let renamed = Set(lines.filter { $0.event == "renamed" || $0.event == "removed" }.map(\.revision))
        for line in lines where !renamed.contains(line.revision) {
            #expect(before[line.revision] == nil || before[line.revision] == line.path, "\(line)")
        }
    }
}
