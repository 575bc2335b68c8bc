import Foundation
import Glibc
import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// Files that lie in a folder when it is watched for the first time: all stages, on a real folder.
@Suite(.timeLimit(.minutes(5))) struct ExistingFilesTests {
    private let directory: TemporaryDirectory
    private let manifest: TemporaryDirectory
    private let ledger: SQLiteLedger

    init() throws {
        directory = try TemporaryDirectory()
        manifest = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    private func plan(_ existing: ExistingFiles = .skip, name: String = "inbox") -> PipelinePlan {
        let account = AccountPlan.scripted()
        let folder = FolderPlan(
            name: name,
            path: directory.at("inbox"),
            account: "main",
            settle: .milliseconds(50),
            settleRenamed: .milliseconds(50),
            admission: account.admission,
            existing: existing
        )
        return PipelinePlan(
            folders: [folder],
            accounts: [account],
            manifest: .at(manifest)
        )
    }

    /// Runs a pipeline on the ledger, as one process after the other would.
    private func run(
        _ plan: PipelinePlan,
        _ body: (Pipeline, RecordedEvents) async throws -> Void
    ) async throws {
        let events = RecordedEvents()
        let pipeline = Pipeline(plan, ledger: ledger, logger: quiet, observer: events.observer)
        try await pipeline.running { try await body(pipeline, events) }
    }

    /// A photo whose bytes are its own.
    private static func photo(_ name: String) -> [UInt8] {
        MediaBytes.jpeg(MediaBytes.segment(0xFE, Array(name.utf8)))
    }

    private func write(_ name: String) throws {
        try directory.write(name, Self.photo(name))
    }

    /// Waits until what was written is older than the clock that stamps files can tell.
    private func rest() async throws {
        try await Task.sleep(for: .milliseconds(40))
    }

    private func move(_ name: String, to other: String) throws {
        try #require(rename(directory.at(name).string, directory.at(other).string) == 0)
    }

    /// Waits until a file that is dropped now is up: whatever was dropped before has settled.
    private func expectOnly(_ names: [String], _ events: RecordedEvents) async throws {
        try await events.event(names.count) { if case .uploaded = $0 { true } else { false } }
        // What must not go up has settled long before the last of these would.
        try write("inbox/last-\(names.count).jpg")
        try await events.event(names.count + 1) { if case .uploaded = $0 { true } else { false } }
        let paths = events.all.compactMap { if case .uploaded(let file, _) = $0 { file.path } else { nil } }
        #expect(Set(paths.dropLast()) == Set(names.map { directory.at("inbox/" + $0) }))
    }

    private func state(_ name: String) async throws -> FileState? {
        try await ledger.record(of: directory.at("inbox/" + name))?.state
    }

    @Test func `what lay there is skipped, and what comes goes up, also in directories that are older`() async throws {
        try write("inbox/old.jpg")
        try write("inbox/sub/deep.jpg")
        try write("inbox/old.txt")
        try write("elsewhere/a.jpg")
        try await rest()
        try await run(plan()) { _, events in
            #expect(events.all.contains { if case .lookedThrough("inbox", skipped: 3) = $0 { true } else { false } })

            try write("inbox/new.jpg")
            try write("inbox/sub/new.jpg")
            try move("elsewhere", to: "inbox/elsewhere")
            try await expectOnly(["new.jpg", "sub/new.jpg", "elsewhere/a.jpg"], events)
        }
        for name in ["old.jpg", "sub/deep.jpg", "old.txt"] { #expect(try await state(name) == .skipped) }
        #expect(try await ledger.row(of: directory.at("inbox/old.txt")) == nil)
    }

    @Test func `a restart, and another name of the folder, are no first time`() async throws {
        try write("inbox/old.jpg")
        try await rest()
        try await run(plan()) { _, _ in }
        try write("inbox/meanwhile.jpg")

        try await run(plan(name: "other")) { _, events in
            try await expectOnly(["meanwhile.jpg"], events)
        }

        #expect(try await state("old.jpg") == .skipped)
        #expect(try await ledger.record(of: directory.at("inbox/old.jpg"))?.folder == "other")
    }

    @Test func `a folder that was watched without the key skips nothing later`() async throws {
        try directory.makeDirectory("inbox")
        try await run(plan(.upload)) { _, _ in }
        try write("inbox/meanwhile.jpg")

        try await run(plan()) { _, events in try await expectOnly(["meanwhile.jpg"], events) }
    }

    @Test func `a first look that was broken off goes on, and what came since is no old file`() async throws {
        try write("inbox/old.jpg")
        try await rest()
        let path = directory.at("inbox")
        #expect(try await ledger.beginFirstLook(of: path, .skip, at: .now()) != nil)
        try await rest()
        try write("inbox/later.jpg")

        try await run(plan()) { _, events in try await expectOnly(["later.jpg"], events) }

        #expect(try await state("old.jpg") == .skipped)
        #expect(try await ledger.beginFirstLook(of: path, .skip, at: .now()) == nil)
    }

    @Test func `a folder that comes later is looked through then, and what is older than the watch is skipped`()
        async throws
    {
        try write("away/old.jpg")
        try await rest()
        try await run(plan()) { pipeline, events in
            try move("away", to: "inbox")
            pipeline.watcher.rescan()
            try await events.event { if case .lookedThrough("inbox", skipped: 1) = $0 { true } else { false } }
            try await expectOnly([], events)
        }
        #expect(try await state("old.jpg") == .skipped)
    }

    @Test func `another name, other rights and a move within the folder leave a skipped file skipped`() async throws {
        for name in ["a", "b", "c", "sub/d"] { try write("inbox/\(name).jpg") }
        try await rest()
        try await run(plan()) { _, events in
            try move("inbox/a.jpg", to: "inbox/renamed.jpg")
            try move("inbox/sub", to: "inbox/other")
            changeRights(of: directory.at("inbox/b.jpg"))
            try #require(Glibc.link(directory.at("inbox/c.jpg").string, directory.at("inbox/linked.jpg").string) == 0)
            try await expectOnly([], events)
        }
        for name in ["renamed", "b", "c", "linked", "other/d"] { #expect(try await state("\(name).jpg") == .skipped) }
        #expect(try await state("a.jpg") == nil)
    }

    @Test func `a skipped file that is written again, or replaced, goes up`() async throws {
        try write("inbox/written.jpg")
        try write("inbox/replaced.jpg")
        try await rest()
        try await run(plan()) { _, events in
            try directory.write("inbox/written.jpg", Self.photo("other"))
            try write("new.jpg")
            try move("new.jpg", to: "inbox/replaced.jpg")
            try await expectOnly(["written.jpg", "replaced.jpg"], events)
        }
    }

    @Test func `a skipped file goes up when somebody asks, also after a rename`() async throws {
        for name in ["a", "b", "c"] { try write("inbox/\(name).jpg") }
        try await rest()
        try await run(plan()) { pipeline, events in
            try move("inbox/b.jpg", to: "inbox/renamed.jpg")
            try await untilSo { try await state("renamed.jpg") == .skipped }

            let paths = ["a.jpg", "renamed.jpg"].map { directory.at("inbox/" + $0) }
            let report = try await pipeline.retry(.paths(paths))
            #expect(report.retried == 2)
            try await expectOnly(["a.jpg", "renamed.jpg"], events)
            // All that was rejected or waits is not what was skipped.
            _ = try await pipeline.retry(.scope(.all))
        }
        #expect(try await state("c.jpg") == .skipped)
    }

    @Test func `a file of another story is looked at as ever`() async throws {
        try write("inbox/known.jpg")
        let known = try directory.media("inbox/known.jpg")
        try await ledger.reject(
            FoundFile(folder: "inbox", path: known.path, version: known.version),
            Rejection(.empty, "it was empty"),
            at: .now()
        )
        try directory.write("inbox/known.jpg", Self.photo("written since"))
        try write("inbox/old.jpg")
        try await rest()

        try await run(plan()) { _, events in try await expectOnly(["known.jpg"], events) }

        #expect(try await state("old.jpg") == .skipped)
    }

    @Test func `a file that leaves one folder for another is new there`() async throws {
        try write("inbox/old.jpg")
        try await rest()
        try await run(plan()) { _, _ in }
        try move("inbox/old.jpg", to: "old.jpg")
        try await run(plan()) { _, events in try await expectOnly([], events) }
        #expect(try await state("old.jpg") == nil)

        #expect(
            try await !ledger.skipAgain(
                try FoundFile(folder: "other", path: "/other/old.jpg", version: directory.media("old.jpg").version),
                beneath: "/other",
                at: .now()
            )
        )
    }

    @Test func `who waits for a file before the first look does not make it new`() async throws {
        try write("away/old.jpg")
        try await rest()
        try await run(plan()) { pipeline, events in
            try move("away", to: "inbox")
            let path = directory.at("inbox/old.jpg")
            _ = try await pipeline.waitedFiles([path])
            pipeline.watcher.rescan()
            try await events.event { if case .lookedThrough("inbox", skipped: 1) = $0 { true } else { false } }
            try await expectOnly([], events)
        }
        #expect(try await state("old.jpg") == .skipped)
    }

    @Test func `without the key any more, all that was skipped goes up`() async throws {
        try write("inbox/a.jpg")
        try write("inbox/sub/b.jpg")
        try await rest()
        try await run(plan()) { pipeline, events in
            try await pipeline.apply(plan(.upload))
            try await expectOnly(["a.jpg", "sub/b.jpg"], events)
        }
    }
}
