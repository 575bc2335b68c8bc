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

    private var plan: PipelinePlan { plan() }

    private func plan(isWatching: Bool = true) -> PipelinePlan {
        PipelinePlan(
            folders: [directory.plan(settle: .milliseconds(50))],
            isWatching: isWatching,
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

    // MARK: A fleet that was left

    /// A ledger that an earlier process has left with a copy of what all hosts of a fleet show.
    private func ledgerOfFleet() async throws -> SQLiteLedger {
        let ledger = try SQLiteLedger(inMemory: quiet)
        let host = SharedHost(try await ledger.host(), name: "a")
        let place = FleetPlace(fleet: "f", revision: 1, mark: nil)
        try await ledger.show(try await ledger.beginCopy(), of: [host], at: place)
        return ledger
    }

    @Test func `a service without a fleet lets go of the copy that an earlier one had`() async throws {
        let ledger = try await ledgerOfFleet()
        let pipeline = Pipeline(plan, ledger: ledger, logger: quiet, observer: events.observer)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pipeline.run() }
            try await untilSo { try await ledger.placeOfCopy() == nil }
            pipeline.stop()
            try await group.waitForAll()
        }
    }

    @Test func `a push without a fleet leaves the copy to the service`() async throws {
        let ledger = try await ledgerOfFleet()
        let pipeline = Pipeline(plan(isWatching: false), ledger: ledger, logger: quiet, observer: events.observer)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pipeline.run() }
            try directory.write("a.jpg", photo)
            try await ledger.enqueue(try directory.media("a.jpg"), at: .now())
            try await events.uploaded("a.jpg")
            pipeline.stop()
            try await group.waitForAll()
        }

        #expect(try await ledger.placeOfCopy() != nil)
    }
}
