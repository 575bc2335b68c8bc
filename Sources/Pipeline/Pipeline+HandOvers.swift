import SystemPackage
import Threads
import Watch

// The hand-overs between the stages, in the order of ``Pipeline``'s numbers. Each stage is in its own folder.

// MARK: 1 to 2: from Watch to Settle

extension Pipeline {
    /// Hands on what Watch tells of a folder, until the task is cancelled.
    ///
    /// Each folder has a task of its own for this, so a slow disk holds up no other folder.
    func handOnEvents(of folder: FolderPlan, from channel: EventChannel) async {
        let loop = Loops.join("events of \(folder.name)")
        defer { loop.leave() }
        for await batch in channel {
            await loop.step { await handle(batch) }
            await settler.waitForRoom(in: folder.name)
        }
    }

    /// Hands on the files of a batch together, so thousands of events share commits.
    func handle(_ batch: [WatchEvent]) async {
        var sights: [Sight] = []
        for event in batch {
            switch event {
            case .found(let files): sights.append(.found(files))
            case .changed(let path, let folder): sights.append(.changed(path, folder: folder))
            case .renamedInto(let path, let folder): sights.append(.changed(path, folder: folder, renamed: true))
            case .hidden(let path, let folder): await departures.returnLeftover(path, in: folder)
            // The departure itself records the end of its file.
            case .gone(let path, _) where departures.takes(path): break
            case .gone(let path, _): sights.append(.gone(path))
            case .goneBelow(let path, _): sights.append(.goneBelow(path))
            case .walked(let folder): sights.append(.walked(folder: folder))
            case .scanning(let folder):
                // What was found before does not count as seen by this scan.
                await settle(&sights)
                await settler.beginScan(of: folder)
            case .scanned(let folder):
                // The sweep compares the disk with the ledger, so Settle must record first.
                await settle(&sights)
                if let sweep = await sweep(folder) { await sweepSidecars(folder, after: sweep) }
                await endFirstLook(of: folder)
                tryUndecided(in: folder)
                firstPasses.checkOff(folder)
            case .scannedInPart(let folder):
                await settle(&sights)
                _ = await settler.endScan(of: folder)
                tryUndecided(in: folder)
                firstPasses.checkOff(folder)
            case .ignoring(let folder): noteIgnoring(of: folder)
            case .unread(let unread, let folder): remember(unread, of: folder)
            case .unwatched(let folder, let path, let reason):
                observer(.degraded(folder: folder, path: path, reason: reason))
            }
        }
        await settle(&sights)
    }

    private func endFirstLook(of folder: String) async {
        guard let skipped = await settler.endFirstLook(of: folder) else { return }
        observer(.lookedThrough(folder: folder, skipped: skipped))
    }

    /// Hands all sights to Settle and empties the list.
    private func settle(_ sights: inout [Sight]) async {
        guard !sights.isEmpty else { return }
        await settler.handle(sights)
        sights = []
    }

    /// Notes the parts of a folder that cannot be read, and reports them. An unreadable root is not reported here:
    /// Watch has reported it as not watched.
    private func remember(_ unread: Unread?, of folder: String) {
        self.unread.note(unread, in: folder)
        if unread?.isNews == false { return }
        if unread == nil || unread?.first != roster.folder(folder)?.path { observer(.unread(folder: folder, unread)) }
    }
}

// MARK: 2 to 4: from Settle through Classify into the queue

extension Pipeline {
    /// Settles files until the task is cancelled. Each settled file is classified and queued.
    func settleFiles() async {
        await settler.run(recorded: { self.manifest.bell.ring() }) { await self.admit($0) }
    }

    /// Classifies a settled file and queues or rejects it, and tells the stages that have to know.
    private func admit(_ settled: SettledFile) async {
        guard let plan = roster.folder(settled.folder) else { return }
        let intake = Intake(queue: queue, bookkeeping: bookkeeping, observer: observer)
        let outcome = await intake.admit(settled, by: plan) { roster.folder(plan.name) == plan }
        switch outcome {
        case .queued(let file):
            if disks.undecided.release(around: file.path) { wakeLanes() } else { roster.lane(of: file.account)?.wake() }
        case .rejected: manifest.bell.ring()
        case .noted:
            manifest.bell.ring()
            // A reload during the note may have made the file no sidecar.
            if roster.folder(plan.name) != plan { unwatchedBell.ring() }
        case .changed:
            await settler.changed(settled.path, folder: settled.folder)
            manifest.bell.ring()
        case .waits(let cause, let reason): await settler.settleAgain(settled, cause, reason: reason)
        case .passedOver: break
        }
    }
}

// MARK: 5 to 6: from an account's lane to the manifest, to departures, and back to Settle

extension Pipeline {
    /// The ways out of an account's lane. `processing` rings for assets that their provider is still processing.
    func hooks(of account: AccountPlan, processing: Doorbell) -> LaneHooks {
        let (roster, settler) = (roster, settler)
        let (deliveries, pauseBoard) = (deliveries, pauseBoard)
        return LaneHooks(
            manifest: manifest.bell,
            processing: processing,
            // The roster has the lane: a strong reference would keep both, and the ledger with them, for good.
            turn: { [weak roster] in roster?.rules.turn(of: $0) ?? .goes($0) },
            ignoring: ignoring,
            paused: { pauseBoard.heldBack(of: account.configured) },
            changed: { file in
                if let folder = file.folder { await settler.changed(file.path, folder: folder) }
            },
            blocked: { deliveries.note($0) }
        )
    }

    /// Works with the other hosts of the fleet until the task is cancelled. Without a fleet, lets go of what an earlier
    /// process has kept for one.
    func shareWithFleet() async {
        guard let fleet else { return await leaveFleet() }
        await fleet.run(
            release: { paths in
                guard (try? await self.bookkeeping.durably { try await self.queue.release(paths) }) != nil else {
                    return
                }
                self.wakeLanes()
            },
            opened: { self.wakeLanes() },
            copied: { self.fleetManifest?.bell.ring() }
        )
    }

    func wakeLanes() {
        for lane in roster.lanes.values { lane.wake() }
    }

    /// Files that are pushed by name leave this to the service, which may be part of a fleet still.
    private func leaveFleet() async {
        guard roster.plan.isWatching else { return }
        while !Task.isCancelled, (try? await bookkeeping.durably { try await ledger.leaveFleet() }) == true {}
    }

    /// Writes the fleet's manifest until the task is cancelled. Before the ledger has a copy of it, the files stay as
    /// they are: an older process may have left them.
    func writeFleetManifest() async {
        guard let fleetManifest else { return }
        while !Task.isCancelled {
            if (try? await ledger.placeOfCopy()) != nil { return await fleetManifest.run() }
            await fleetManifest.bell.wait(until: clock.now.advanced(by: Schedules.manifestFiles), clock: clock)
        }
    }

    /// Brings the files of both manifests up to date.
    func flushManifests() async throws {
        try await manifest.flush()
        guard let fleetManifest, try await ledger.placeOfCopy() != nil else { return }
        try await fleetManifest.flush()
    }

    /// Reports the failure of a stage. A cancellation is no failure.
    func tell(_ stage: String, _ error: any Error) {
        guard !(error is CancellationError), !Task.isCancelled else { return }
        observer(.failed(stage: stage, reason: "\(error)"))
    }
}
