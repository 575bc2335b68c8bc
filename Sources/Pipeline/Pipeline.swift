import Logging
import ServiceLifecycle
import SystemPackage
import Threads
import Watch

/// The stages connected: from "a path changed" to "it is in the manifest". This is the one place that explains the flow.
///
/// 1. **Watch** tells what happened on disk, in batches. Its channels, one a folder, are bounded and push back; what it drops
///    it scans. Folders share no thread that may block, so one whose file system hangs holds up nothing but itself.
/// 2. **Settle** (``Settler``) keeps each path until it has stopped changing. A scan's files are passed over where the ledger
///    has dealt with that very version: a restart costs one look a file and no request.
/// 3. **Classify** (``Classifier``) reads the first bytes: media that may go up, or a rejection.
/// 4. **Queue** (``FileQueue``) is durable, and the only hand-over that has to survive a crash: everything before it is
///    found again by the next scan, everything after it goes on from the last step recorded.
/// 5. **Upload** (``AccountLane``, one an account) takes files from the queue at the account's pace and runs an
///    ``UploadJob`` for each, after a last look at what the present configuration says of it (``WaitingRules``).
///    ``StatusWatch`` looks after assets that their provider is still processing.
/// 6. **Manifest** (``ManifestWriter``) follows the ledger's revisions into the two files that other scripts read.
///
/// Where a folder's `after_upload` says so, the commit of an upload records a departure as well, and ``Departures`` carries
/// it out. No file leaves without one.
///
/// A stage tells the next one by value; back there is only a wake-up. A file that changes while it is sent goes to Settle
/// again, as if it had just been seen.
///
/// The folders and accounts that all this is done for stand in the ``Roster``; each has a post of the ``Crew``, where its
/// loops run. ``apply(_:)`` brings another plan: what is equal in both (``PlanChange``) does not notice.
package final class Pipeline: Service {
    package typealias Time = ContinuousClock

    let roster: Roster
    let crew = Crew()
    /// A reload forgets no call.
    let paces = Paces(clock: Time())
    let ledger: any FileQueue & AccountRoll & PaceRecord & ManifestSource & DepartureBook
    let watcher: Watcher
    let settler: Settler<Time>
    let threads = FolderThreads()
    let disks: SourceDisks
    let memory = PieceMemory()
    let manifest: ManifestWriter<Time>
    let departures: Departures<Time>
    let bookkeeping: Bookkeeping<Time>
    let clock = Time()
    let observer: PipelineObserver
    /// Each folder's first pass, as far as the stages have taken it.
    let firstPasses: Latch
    let unread = UnreadFolders()
    /// Whether files that no folder watches were looked at.
    let unwatched = Latch(["all"])
    /// Rings when there may be others.
    let unwatchedBell = Doorbell()
    private let end = Doorbell()
    /// Open once all accounts and folders have begun.
    let beginning = Latch(["all"])
    /// Whoever begins and ends folders and accounts.
    let turns = Turns()

    var queue: any FileQueue { ledger }

    package init(
        _ plan: PipelinePlan,
        ledger: some FileQueue & AccountRoll & PaceRecord & ManifestSource & DepartureBook,
        logger: Logger,
        observer: @escaping PipelineObserver
    ) {
        let roster = Roster(plan)
        let bookkeeping = Bookkeeping(clock: clock, observer: observer)
        disks = SourceDisks(threads: threads, hung: HungFiles(observer: observer))
        settler = Settler(
            folders: [],
            threads: threads,
            queue: ledger,
            bookkeeping: bookkeeping,
            clock: clock,
            observer: observer
        )
        manifest = ManifestWriter(plan: plan.manifest, source: ledger, bookkeeping: bookkeeping, clock: clock)
        departures = Departures(
            folders: [],
            allFolders: plan.folders,
            services: DepartureServices(
                book: ledger,
                bookkeeping: bookkeeping,
                disks: disks,
                clock: clock,
                observer: observer,
                manifestChanged: { [manifest] in manifest.wake() },
                changed: { [settler] in await settler.note($0, folder: $1) }
            )
        )
        firstPasses = Latch(plan.watched.map(\.name))
        watcher = Watcher(logger: logger)
        self.roster = roster
        self.ledger = ledger
        self.bookkeeping = bookkeeping
        self.observer = observer
    }

    /// Returns once every folder is watched and Settle has all that its first scan found, or its trouble was told; also
    /// when ``run()`` has ended or the task is cancelled. A folder whose file system hangs is waited for.
    package func ready() async {
        await firstPasses.wait()
    }

    /// The same, but after `patience` at the latest; returns the folders that are not ready then.
    package func ready(within patience: Duration) async -> [String] {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.firstPasses.wait() }
            group.addTask { try? await Task.sleep(for: patience, clock: Time()) }
            await group.next()
            group.cancelAll()
        }
        return firstPasses.missing.sorted()
    }

    /// Works until graceful shutdown or cancellation. Uploads under way are broken off, as a crash would: the next start
    /// goes on with them. The manifest's files are brought up to date at the end.
    ///
    /// - Throws: A ``RecordingFailure`` that is lasting, and what keeps Watch from working at all: whoever starts it again
    ///   has to mend something first.
    package func run() async throws {
        defer { firstPasses.open() }
        do {
            try await cancelWhenGracefulShutdown { try await self.runStages() }
        } catch is CancellationError {}
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

    /// Runs until it is told to end; throws why a stage cannot go on.
    private func runStages() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await self.end.wait() }
            group.addTask { try await self.bookkeeping.waitForLastingFailure() }
            group.addTask {
                try await self.begin()
                try await withThrowingDiscardingTaskGroup { stages in
                    stages.addTask { try await self.watcher.run() }
                    stages.addTask {
                        await self.settler.run(left: { self.manifest.wake() }) { await self.classify($0) }
                    }
                    stages.addTask { try await self.crew.run() }
                    stages.addTask { await self.explainStrays() }
                    stages.addTask { await self.lookAfterUnwatched() }
                    stages.addTask { await self.manifest.run() }
                }
            }
            try await group.next()
        }
    }

    /// What the accounts waited for is tried at once: a key was changed, or somebody asks for it.
    package func openAccounts() async {
        for lane in roster.lanes.values { await lane.open() }
    }
}
