import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// All stages together, on a real folder.
@Suite(.timeLimit(.minutes(5))) struct PipelineTests {
    private let directory: TemporaryDirectory
    private let manifest: TemporaryDirectory
    private let events = RecordedEvents()
    private let photo = MediaBytes.jpeg()

    init() throws {
        directory = try TemporaryDirectory()
        manifest = try TemporaryDirectory()
    }

    private var plan: PipelinePlan {
        PipelinePlan(
            folders: [directory.plan(settle: .milliseconds(50))],
            accounts: [.scripted()],
            manifest: .at(manifest)
        )
    }

    @Test func `a pipeline that has ended lets go of its lanes and of the ledger`() async throws {
        weak var ended: Pipeline?
        weak var lane: AccountLane<Pipeline.Time>?
        do {
            let ledger = try SQLiteLedger(inMemory: quiet)
            let pipeline = Pipeline(plan, ledger: ledger, logger: quiet, observer: events.observer)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pipeline.run() }
                try directory.write("a.jpg", photo)
                try await events.uploaded("a.jpg")
                (ended, lane) = (pipeline, pipeline.roster.lane(of: "main"))
                #expect(lane != nil)
                pipeline.stop()
                try await group.waitForAll()
            }
        }

        try await untilSo { ended == nil && lane == nil }
    }
}
