import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// What Watch tells, and what the pipeline does about it.
@Suite(.timeLimit(.minutes(5))) struct PipelineHandOversTests {
    @Test(arguments: [WatchEvent.scanned(folder: "inbox"), .scannedInPart(folder: "inbox"), .ignoring(folder: "inbox")])
    func `files of undecided directories are tried again`(event: WatchEvent) async throws {
        let directory = try TemporaryDirectory()
        let plan = PipelinePlan(
            folders: [directory.plan()],
            accounts: [.scripted("main", provider: ScriptedProvider())],
            manifest: .at(directory)
        )
        let pipeline = Pipeline(plan, ledger: try SQLiteLedger(inMemory: quiet), logger: quiet) { _ in }
        let undecided = pipeline.disks.undecided
        _ = undecided.add(directory.at("stick"))
        _ = undecided.add("/elsewhere")

        await pipeline.handle([.scanned(folder: "other")])
        #expect(undecided.heldBack.directories == [directory.at("stick"), "/elsewhere"])
        await pipeline.handle([event])

        #expect(undecided.heldBack.directories == ["/elsewhere"])
    }
}
