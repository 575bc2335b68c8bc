import SystemPackage
import Threads
import Watch

extension Pipeline {
    /// Step 1: hands the events of Watch to Settle.
    ///
    /// Each folder has a task of its own for this, so a slow disk holds up no other folder. The files of a batch are
    /// handed on together, so thousands of events share commits.
    func handle(_ batch: [WatchEvent]) async {
        var sights: [Sight] = []
        for event in batch {
            switch event {
            case .found(let path, let version, let folder):
                sights.append(.found(FoundFile(folder: folder, path: path, version: version)))
            case .changed(let path, let folder): sights.append(.changed(path, folder: folder))
            case .renamedInto(let path, let folder): sights.append(.changed(path, folder: folder, renamed: true))
            case .hidden(let path, let folder): await departures.returnLeftover(path, in: folder)
            // The departure itself records the end of its file.
            case .gone(let path, _) where departures.takes(path): break
            case .gone(let path, _): sights.append(.gone(path))
            case .goneBelow(let path, _): sights.append(.goneBelow(path))
            case .scanned(let folder):
                // The sweep compares the disk with the ledger, so Settle must record first.
                await settle(&sights)
                await sweep(folder)
                firstPasses.checkOff(folder)
            case .scannedInPart(let folder):
                await settle(&sights)
                firstPasses.checkOff(folder)
            case .unread(let unread, let folder): remember(unread, of: folder)
            case .unwatched(let folder, let path, let reason):
                observer(.degraded(folder: folder, path: path, reason: reason))
            }
        }
        await settle(&sights)
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

    /// Sweeps a folder after a whole scan: records files as gone that the ledger knows and the disk has not.
    private func sweep(_ folder: String) async {
        guard let root = roster.folder(folder)?.path else { return }
        var last: FilePath?
        do {
            while true {
                let paths = try await queue.present(in: folder, after: last, limit: 512)
                guard let end = paths.last else { break }
                last = end
                let gone = try await threads[folder].run { paths.filter { FileStatus.isGone($0, beneath: root) } }
                    .filter { !departures.takes($0) }
                if !gone.isEmpty {
                    try await bookkeeping.durably { try await queue.recordGone(gone, at: .now()) }
                    manifest.bell.ring()
                }
            }
        } catch {
            tell("look for files that left", error)
        }
    }

    /// Reports the failure of a stage. A cancellation is no failure.
    func tell(_ stage: String, _ error: any Error) {
        guard !(error is CancellationError), !Task.isCancelled else { return }
        observer(.failed(stage: stage, reason: "\(error)"))
    }

    /// Steps 3 and 4, and what the other stages have to do about their outcome.
    func admit(_ settled: SettledFile) async {
        guard let plan = roster.folder(settled.folder) else { return }
        let intake = Intake(queue: queue, bookkeeping: bookkeeping, observer: observer)
        let outcome = await intake.admit(settled, by: plan) { roster.folder(plan.name) == plan }
        switch outcome {
        case .queued(let file): roster.lane(of: file.account)?.wake()
        case .rejected: manifest.bell.ring()
        case .changed:
            await settler.changed(settled.path, folder: settled.folder)
            manifest.bell.ring()
        case .waits(let cause, let reason): await settler.wait(for: settled, cause, reason: reason)
        case .passedOver: break
        }
    }
}
