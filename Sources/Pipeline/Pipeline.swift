import Logging
import ServiceLifecycle
import SystemPackage
import Watch

/// The stages connected: from "a path changed" to "it is in the manifest". This is the one place that explains the flow.
///
/// 1. **Watch** tells what happened on disk, in batches. Its channel is bounded and pushes back; what it drops it scans.
/// 2. **Settle** (``Settler``) keeps each path until it has stopped changing. A scan's files are passed over where the ledger
///    has dealt with that very version: a restart costs one look a file and no request.
/// 3. **Classify** (``Classifier``) reads the first bytes: media that may go up, or a rejection.
/// 4. **Queue** (``FileQueue``) is durable, and the only hand-over that has to survive a crash: everything before it is
///    found again by the next scan, everything after it goes on from the last step recorded.
/// 5. **Upload** (``AccountLane``, one an account) takes files from the queue at the account's pace and runs an
///    ``UploadJob`` for each. ``StatusWatch`` looks after assets that their provider is still processing.
/// 6. **Manifest** (``ManifestWriter``) follows the ledger's revisions into the two files that other scripts read.
///
/// A stage tells the next one by value; back there is only a wake-up. A file that changes while it is sent goes to Settle
/// again, as if it had just been seen.
package final class Pipeline: Service {
    package typealias Time = ContinuousClock

    let folders: [String: FolderPlan]
    let queue: any FileQueue
    let watcher: Watcher
    let settler: Settler<Time>
    let lanes: [String: AccountLane<Time>]
    let statusWatches: [String: StatusWatch<Time>]
    let manifest: ManifestWriter<Time>
    let departures: Departures
    let observer: PipelineObserver
    /// Each folder's first pass, as far as the stages have taken it.
    let firstPasses: Latch
    private let end = Doorbell()

    package init(
        _ plan: PipelinePlan,
        ledger: some FileQueue & AssetBook & ManifestSource,
        logger: Logger,
        observer: @escaping PipelineObserver
    ) {
        let clock = Time()
        let settler = Settler(folders: plan.folders, queue: ledger, clock: clock, observer: observer)
        let manifest = ManifestWriter(plan: plan.manifest, source: ledger, clock: clock, observer: observer)
        let departures = Departures(folders: plan.folders, observer: observer)
        let memory = PieceMemory()
        var lanes: [String: AccountLane<Time>] = [:]
        var watches: [String: StatusWatch<Time>] = [:]
        for account in plan.accounts {
            let services = AccountServices(
                plan: account,
                queue: ledger,
                book: ledger,
                memory: memory,
                clock: clock,
                observer: observer
            )
            let processing = Doorbell()
            let hooks = LaneHooks(
                manifestChanged: { manifest.wake() },
                processing: { processing.ring() },
                uploaded: { await departures.take($0) },
                changed: { file in
                    if let folder = file.folder { await settler.note(file.path, folder: folder) }
                }
            )
            let lane = AccountLane(services: services, retry: plan.retry, hooks: hooks)
            lanes[account.name] = lane
            watches[account.name] = StatusWatch(lane: lane, services: services, bell: processing) { manifest.wake() }
        }
        folders = Dictionary(plan.folders.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        firstPasses = Latch(plan.folders.map(\.name))
        queue = ledger
        watcher = Watcher(folders: plan.watched, logger: logger)
        self.departures = departures
        self.settler = settler
        self.lanes = lanes
        statusWatches = watches
        self.manifest = manifest
        self.observer = observer
    }

    /// Returns once every folder is watched and Settle has all that its first scan found; also when ``run()`` has ended.
    package func ready() async {
        await watcher.ready()
        await firstPasses.wait()
    }

    /// Works until graceful shutdown or cancellation. Uploads under way are broken off, as a crash would: the next start
    /// goes on with them. The manifest's files are brought up to date at the end.
    package func run() async throws {
        defer { firstPasses.open() }
        if !folders.isEmpty {
            try await queue.release(exceptFolders: folders.mapValues(\.account), at: .now())
        }
        try await queue.recover(at: .now())
        await cancelWhenGracefulShutdown { await self.runStages() }
        do {
            try await manifest.flush()
        } catch {
            // Nothing is lost by it: the ledger keeps what the files lack, for the next start.
            observer(.failed(stage: "write the manifest", reason: "\(error)"))
        }
    }

    /// Ends ``run()`` as graceful shutdown does.
    package func stop() {
        end.ring()
    }

    private func runStages() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.end.wait() }
            group.addTask {
                await withDiscardingTaskGroup { stages in
                    stages.addTask { await self.watch() }
                    stages.addTask { await self.settler.run { await self.classify($0) } }
                    for lane in self.lanes.values { stages.addTask { await lane.run() } }
                    for watch in self.statusWatches.values { stages.addTask { await watch.run() } }
                    stages.addTask { await self.manifest.run() }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// What the accounts waited for is tried at once: a key was changed, or somebody asks for it.
    package func openAccounts() async {
        for lane in lanes.values { await lane.open() }
    }
}
