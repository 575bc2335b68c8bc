import Logging
import ServiceLifecycle
import SystemPackage
import Threads
import Watch

/// The stages connected: from "a path changed" to "it is in the manifest". This is the one place that explains the
/// flow.
///
/// 1. **Watch** tells in batches what happened on disk. Each folder has one channel, which is bounded and pushes back.
///    A dropped event leads to a scan. Folders share no thread that may block, so a hung folder holds up only itself.
/// 2. **Settle** (``Settler``) keeps each path until it has stopped changing. The last look opens the file once: for
///    its version, for a writer, and for what it is. Settle passes over a scanned file whose version the ledger
///    has dealt with. So a restart costs one look a file and no request.
/// 3. **Classify** (``Classifier``) decides by what the file is, and admits or rejects the file.
/// 4. **Queue** (``Intake`` into ``FileQueue``) is durable: the only hand-over that must survive a crash. The next scan
///    finds again all files before the queue. Files after it go on from their last recorded step.
/// 5. **Upload** (``AccountLane``, one an account) claims files at the account's pace. The present configuration judges
///    each file once more (``WaitingRules``). Then an ``UploadJob`` runs. ``StatusWatch`` looks after assets that their
///    provider is still processing.
/// 6. **Manifest** (``ManifestWriter``) writes the ledger's revisions into the two files for other scripts. A second
///    one writes those of all hosts of the fleet.
///
/// If a folder's `after_upload` wants it, the commit of an upload also records a departure. ``Departures`` carries it
/// out. No file leaves without a recorded departure.
///
/// If a hook wants to know of a change, the commit of the change also records an event. ``HookDeliveries`` calls the
/// hook.
///
/// `Pipeline+HandOvers.swift` has the hand-overs from stage to stage, in this order. A stage passes values to the next
/// one. Wake-ups go back, and one kind of file: a file that has changed settles again, as if it were new.
///
/// ``Roster`` holds the folders and accounts in force. Each of them, and each hook, has a post of the ``Crew``, which
/// runs its loops. ``apply(_:)`` brings another plan. Whatever is equal in both plans (``PlanChange``) goes on
/// untouched.
package final class Pipeline: Service {
    package typealias Time = ContinuousClock

    let roster: Roster
    let crew = Crew()
    /// Outlives a reload, so no counted call is forgotten.
    let paces = Paces(clock: Time())
    /// Outlives a reload, so uploads go on.
    let bandwidth = BandwidthTurns(clock: Time())
    let ledger:
        any FileQueue & AccountRoll & PaceRecord & HostManifest & DepartureBook & HookBook
            & ActionBook & FleetBook & FleetCopy
    /// This host among the hosts of its fleet; nil for a host of its own.
    let fleet: (any FleetMember)?
    let watcher: Watcher
    let settler: Settler<Time>
    let threads = FolderThreads()
    let disks: SourceDisks
    let memory = PieceMemory()
    /// What is under way now, for people who ask.
    package let board = UploadBoard()
    let manifest: ManifestWriter<Time>
    /// Writes what all hosts of the fleet show; nil for a host of its own.
    let fleetManifest: ManifestWriter<Time>?
    let departures: Departures<Time>
    let deliveries: HookDeliveries<Time>
    let bookkeeping: Bookkeeping<Time>
    let clock = Time()
    let observer: PipelineObserver
    /// Checked off for each folder when the stages have taken its first scan.
    let firstPasses: Latch
    /// The parts of folders that could not be read, by Watch's last report.
    let unread = FolderReports<Unread>()
    /// What each folder's last sweep found on file systems that are not mounted.
    let unmounted = FolderReports<UnmountedFiles>()
    /// Open after the first look at unwatched files.
    let unwatched = Latch(["all"])
    /// Rings when there may be new unwatched files.
    let unwatchedBell = Doorbell()
    /// Folders that may ignore other files than before.
    let ignoring: IgnoringChanges
    let pauseBoard = PauseBoard()
    /// Lets one caller at a time record a pause and put it in force.
    let pauseTurns = Turns()
    /// How many scans of each folder have begun.
    let scans = Monitor<[String: Int]>([:])
    private let end = Doorbell()
    /// Rings when graceful shutdown begins.
    private let shutdown = Doorbell()
    /// Open after all accounts and folders have begun.
    let beginning = Latch(["all"])
    /// Lets one caller at a time begin and end folders and accounts.
    let turns = Turns()

    var queue: any FileQueue { ledger }

    /// `explain` tells a person why a directory cannot be read. See ``Watcher``.
    package init(
        _ plan: PipelinePlan,
        ledger: some FileQueue & AccountRoll & PaceRecord & HostManifest & DepartureBook & HookBook
            & ActionBook & FleetBook & FleetCopy,
        fleet: (any FleetMember)? = nil,
        logger: Logger,
        explain: @escaping @Sendable (FilePath) -> String? = { _ in nil },
        observer: @escaping PipelineObserver
    ) {
        let roster = Roster(plan)
        let board = board
        let observer: PipelineObserver = { event in
            board.observe(event)
            observer(event)
        }
        let bookkeeping = Bookkeeping(clock: clock, observer: observer)
        watcher = Watcher(logger: logger, explain: explain) { [scans] report in
            if case .scanBegun(let folder, _) = report { scans.change { $0[folder, default: 0] += 1 } }
            observer(PipelineEvent(report))
        }
        ignoring = IgnoringChanges { [watcher] in watcher.rescan($0) }
        disks = SourceDisks(threads: threads, hung: HungFiles(observer: observer))
        settler = Settler(
            folders: [],
            threads: threads,
            queue: ledger,
            bookkeeping: bookkeeping,
            clock: clock,
            observer: observer
        )
        let deliveries = HookDeliveries(book: ledger, bookkeeping: bookkeeping, clock: clock, observer: observer)
        // After the journal, so that a hook finds its event there.
        manifest = ManifestWriter(plan: plan.manifest, source: ledger, bookkeeping: bookkeeping, clock: clock) {
            deliveries.wake()
            fleet?.wake()
        }
        fleetManifest = plan.fleetManifest.map { [clock] plan in
            ManifestWriter(
                plan: plan,
                source: ledger.manifestOfFleet,
                bookkeeping: bookkeeping,
                book: .fleetManifest,
                clock: clock
            )
        }
        self.fleet = fleet
        self.deliveries = deliveries
        departures = Departures(
            folders: [],
            allFolders: plan.folders,
            services: DepartureServices(
                book: ledger,
                bookkeeping: bookkeeping,
                places: watcher.places,
                disks: disks,
                clock: clock,
                observer: observer,
                manifest: manifest.bell,
                changed: { [settler] in await settler.changed($0, folder: $1) }
            )
        )
        firstPasses = Latch(plan.watched.map(\.name))
        self.roster = roster
        self.ledger = ledger
        self.bookkeeping = bookkeeping
        self.observer = observer
    }

    /// Returns when every folder is watched and Settle has all files of its first scan. A failed scan counts if its
    /// trouble was reported.
    ///
    /// Also returns when ``run()`` has ended or the task is cancelled. Waits for a folder whose file system hangs.
    package func ready() async {
        await firstPasses.wait()
    }

    /// The same, but waits at most for `patience`. Returns the folders that are not ready by then.
    package func ready(within patience: Duration) async -> [String] {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.firstPasses.wait() }
            group.addTask { try? await Task.sleep(for: patience, clock: Time()) }
            await group.next()
            group.cancelAll()
        }
        return firstPasses.missing.sorted()
    }

    /// Works until graceful shutdown or cancellation.
    ///
    /// At graceful shutdown, nothing more is begun. Uploads that can finish within the plan's `shutdownTimeout` do so.
    /// All others are broken off at once, like a crash. The next start goes on with them. A cancellation breaks off
    /// all. Brings the manifest's files up to date at the end.
    ///
    /// - Throws: A lasting ``RecordingFailure``, or the error that keeps Watch from working at all. A person must mend
    ///   the cause before the next start.
    package func run() async throws {
        defer { firstPasses.open() }
        do {
            try await withGracefulShutdownHandler {
                try await self.runStages()
            } onGracefulShutdown: {
                self.shutdown.ring()
            }
        } catch is CancellationError {}
        do {
            try await flushAtEnd()
        } catch {
            // Nothing is lost: the ledger keeps the missing changes for the next start.
            observer(.failed(stage: "write the manifest", reason: "\(error)"))
        }
    }

    /// Ends ``run()`` as graceful shutdown does.
    package func stop() {
        end.ring()
    }

    /// Brings both manifest files up to date. After a graceful shutdown, a disk that cannot be written does not hold up
    /// the end.
    private func flushAtEnd() async throws {
        guard Task.isShuttingDownGracefully else { return try await flushManifests() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.flushManifests() }
            group.addTask {
                try await Task.sleep(for: Schedules.closedBooks, clock: Time())
                throw LateFlush()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Lets the uploads under way finish that can, within the plan's time.
    private func finishUploads() async {
        let deadline = clock.now.advanced(by: shutdownTimeout)
        await withDiscardingTaskGroup { group in
            for lane in roster.lanes.values { group.addTask { await lane.finish(until: deadline) } }
        }
    }

    /// Runs all stages until ``stop()``, graceful shutdown or cancellation. Throws the error that keeps a stage from
    /// going on.
    private func runStages() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                await self.end.wait()
                await self.fleet?.drain()
            }
            group.addTask {
                await self.shutdown.wait()
                await self.finishUploads()
                await self.fleet?.drain()
            }
            group.addTask { try await self.bookkeeping.waitForLastingFailure() }
            group.addTask {
                try await self.begin()
                try await withThrowingDiscardingTaskGroup { stages in
                    stages.addTask { try await self.watcher.run() }
                    stages.addTask { await self.settleFiles() }
                    stages.addTask { try await self.crew.run() }
                    stages.addTask { await self.explainStrays() }
                    stages.addTask { await self.lookAfterUnwatched() }
                    stages.addTask { await self.letGoOfIgnored() }
                    stages.addTask { await self.manifest.run() }
                    stages.addTask { await self.writeFleetManifest() }
                    stages.addTask { await self.deliveries.recordBlocks() }
                    stages.addTask {
                        // What came while nothing ran is part of its directory.
                        _ = await self.ready(within: Schedules.firstDirectories)
                        await self.deliveries.watchDirectories()
                    }
                    stages.addTask { await self.shareWithFleet() }
                }
            }
            try await group.next()
        }
    }

    /// Opens all accounts and tries their files at once. Callers do so when a key has changed, or when somebody asks
    /// for it.
    package func openAccounts() async {
        for lane in roster.lanes.values { await lane.open() }
    }
}

/// The manifest's files could not be written in time at the end.
private struct LateFlush: Error, CustomStringConvertible {
    var description: String { "they were not written within \(Schedules.closedBooks)" }
}
