import ServiceLifecycle
import SystemPackage
import Threads
import Watch

/// Waits until files have stopped changing. Takes the events of Watch, and hands on ``SettledFile``s.
///
/// A file is settled after its quiet time under three conditions. Nothing has happened to it, its version is the same
/// at both ends of that time, and no process holds it open for writing. There is no maximum: a file that never rests
/// never goes up. A folder may ask for more: an age (`min_age`), or a marker beside each file (`done_suffix`).
///
/// The quiet time is never shorter than the granularity of the file system's times. Otherwise a later write could leave
/// the same version.
package actor Settler<C: Clock> where C.Duration == Duration {
    /// How many files that left may wait to be recorded. With more, the caller of ``handle(_:)`` waits.
    private static var mostLeaving: Int { 32_768 }

    /// How many files of a folder may be in their first quiet time before ``waitForRoom(in:)`` waits.
    let mostPending: Int
    private(set) var folders: [String: FolderPlan] = [:]
    let queue: any FileQueue
    let bookkeeping: Bookkeeping<C>
    let clock: C
    /// What the age of files is measured by.
    let wallTime: @Sendable () -> Timestamp
    let observer: PipelineObserver
    let bell = Doorbell()
    let threads: FolderThreads
    /// By folder. So a folder with a hung disk uses up no other folder's room.
    var windows = SettleWindows<C.Instant>()
    /// How many files of each folder are out of its window and being looked at.
    var looking: [String: Int] = [:]
    /// Files that left, to be recorded in a task of their own. So thousands of them hold up no new file.
    var leaving = Leaving()
    /// Until when the files that left wait to be recorded, as they may have moved with their directories; by folder.
    var leavingHolds: [String: C.Instant] = [:]
    /// The folders of which found files are being dealt with, while files that left are held back there.
    var foldersWithNews: Set<String> = []
    private let leavingBell = Doorbell()
    let leavingTurns = Turns()
    /// The files that are being looked at, of folders with markers.
    var lookedAt: [String: [FilePath: LookAtMarked]] = [:]
    /// The known files that the present scan of each folder has seen so far.
    private var seen: [String: SeenFiles] = [:]
    /// Each rings when its folder's window has become smaller.
    var roomBells: [String: Doorbell] = [:]
    /// Files that only the ledger has, by folder.
    var shelves: [String: ShelvedFiles<C.Instant>] = [:]
    /// Files, by folder, whose markers were heard of and that may be shelved. True: the marker changed just now.
    var heardMarkers: [String: [FilePath: Bool]] = [:]
    /// By folder.
    var firstLooks: [String: FirstLookStage] = [:]
    /// Other names (hard links) of changed files, to be looked at, by folder.
    var otherNames: [String: Set<FilePath>] = [:]
    /// The folders of which such names are being looked at.
    var foldersWithNames: Set<String> = []
    /// By folder.
    var failedLooks: [String: FailedLooks<C.Instant>] = [:]
    /// A new number for each folder that begins. Files of an earlier folder with the same name have another number.
    private(set) var numbers: [String: Int] = [:]
    private var lastNumber = 0

    package init(
        folders: [FolderPlan],
        threads: FolderThreads? = nil,
        queue: any FileQueue,
        bookkeeping: Bookkeeping<C>,
        clock: C,
        mostPending: Int = 32_768,
        wallTime: @escaping @Sendable () -> Timestamp = Timestamp.now,
        observer: @escaping PipelineObserver
    ) {
        self.mostPending = mostPending
        self.threads = threads ?? FolderThreads(folders.map(\.name))
        self.queue = queue
        self.bookkeeping = bookkeeping
        self.clock = clock
        self.wallTime = wallTime
        self.observer = observer
        for folder in folders {
            lastNumber += 1
            numbers[folder.name] = lastNumber
            self.folders[folder.name] = folder
            firstLooks[folder.name] = .unknown(since: .now())
            windows[folder.name] = SettleWindow()
        }
    }

    /// Begins to take the files of a folder.
    func begin(_ folder: FolderPlan) {
        lastNumber += 1
        numbers[folder.name] = lastNumber
        folders[folder.name] = folder
        windows[folder.name] = SettleWindow()
        looking[folder.name] = nil
        lookedAt[folder.name] = nil
        shelves[folder.name] = nil
        seen[folder.name] = nil
        firstLooks[folder.name] = .unknown(since: .now())
    }

    /// Drops all files of a folder, including those that are being looked at.
    func end(_ folder: String) {
        numbers[folder] = nil
        folders[folder] = nil
        windows[folder] = nil
        looking[folder] = nil
        lookedAt[folder] = nil
        leavingHolds[folder] = nil
        shelves[folder] = nil
        heardMarkers[folder] = nil
        seen[folder] = nil
        firstLooks[folder] = nil
        otherNames[folder] = nil
        failedLooks[folder] = nil
        roomBells.removeValue(forKey: folder)?.ring()
    }

    /// Waits while very many files of the folder are in their first quiet time. For one waiter a folder.
    ///
    /// The folder's scan stands still meanwhile: files that it has not come to are in their directory, and in no
    /// memory. The kernel's queue of events may overflow, and a scan follows. Files that are not done after a quiet
    /// time hold up nothing. Neither does a mass that rests for longer than ``longestWait``: what leaves or changes is
    /// seen meanwhile.
    package func waitForRoom(in folder: String) async {
        while isFull(folder), !Task.isCancelled {
            let bell = roomBells[folder] ?? Doorbell()
            roomBells[folder] = bell
            await bell.wait(until: clock.now.advanced(by: Self.longestWait), clock: clock)
        }
        roomBells[folder] = nil
    }

    /// How long ``waitForRoom(in:)`` waits for the next file of a full window, and without a look at it. Files that
    /// rest for longer are shelved.
    private static var longestWait: Duration { .seconds(10) }

    private func isFull(_ folder: String) -> Bool {
        guard let window = windows[folder], window.countInFirstRound >= mostPending else { return false }
        return window.nextDeadline.map { clock.now.duration(to: $0) <= Self.longestWait } ?? false
    }

    /// Notes that a scan of the folder begins. Files that were found before count as not seen.
    func beginScan(of folder: String) async {
        await beginFirstLook(of: folder)
        if folders[folder] != nil { seen[folder] = SeenFiles() }
    }

    /// Returns the known files that the folder's scan has seen, and forgets them.
    func endScan(of folder: String) -> SeenFiles {
        // Should a time have been recorded late.
        if shelves[folder] != nil { shelve(in: folder, due: clock.now) }
        return seen.removeValue(forKey: folder) ?? SeenFiles()
    }

    /// How many files a pass of `outtray sync` still waits for. These are files in their first quiet time and files
    /// being looked at, except in the folders of `silent`. Files that left and were not taken for recording count as
    /// well. The shelved files of a folder in their first quiet time count as one.
    package func unsettled(except silent: Set<String> = []) -> Int {
        let shelved = shelves.count { $0.value.restingUntil != nil && !silent.contains($0.key) }
        return windows.countsInFirstRound.filter { !silent.contains($0.key) }
            .reduce(leaving.count + shelved) { $0 + $1.value + looking[$1.key, default: 0] }
    }

    /// How many files are not settled yet, including those that keep changing.
    package var count: Int { windows.count + beingLookedAt }

    private var beingLookedAt: Int { looking.values.reduce(0, +) }

    /// Takes the events of Watch. Files that left are recorded later, but in order among the events of their paths.
    package func handle(_ sights: [Sight]) async {
        await handle(sights, isOfEvents: true)
    }

    /// `isOfEvents`: whether the changes are what the kernel told. If not, they are other names of changed files.
    func handle(_ sights: [Sight], isOfEvents: Bool) async {
        let sights = takeMarkers(sights)
        await takeMarked()
        let (first, isMixed) = namesOfLeft(in: sights)
        if let first {
            // The ledger knows which found files were handled. First it must know that another file left the same path.
            await handle(Array(sights[..<first]), isOfEvents: isOfEvents)
            await recordLeaving()
            return await handle(Array(sights[first...]), isOfEvents: isOfEvents)
        }
        if isMixed { await recordLeaving() }
        let held = foldersHeld(among: sights)
        beginNews(of: held)
        defer { if !held.isEmpty { endNews(of: held) } }
        let begun = clock.now
        let looks = await look(at: sights)
        if isOfEvents { await noteOtherNames(of: looks) }
        let news = await unhandled(among: sights)
        let unmoved = await withoutMoved(news, of: sights)
        let unhandled = await withoutSkipped(await withoutShelved(unmoved, of: sights), of: sights)
        var notes: [FileNote] = []
        for (index, sight) in sights.enumerated() {
            switch sight {
            case .changed(let path, let folder, let renamed):
                guard let plan = folders[folder], path.starts(with: plan.path) else { continue }
                noteFailure(of: looks[path], at: path, of: plan, renamed: renamed)
                switch looks[path] {
                case .there(let file, _):
                    note(file, since: begun, quiet: plan.settle(for: path, renamed: renamed), plan, in: &notes)
                // A note that came during the looks is newer: the file is back.
                case .gone where windows[folder]?.wasNoted(path, after: begun) == true: continue
                case .gone: forget(path, in: &notes)
                case .failed, nil: continue
                }
            case .found(let files):
                guard let plan = folders[files.folder] else { continue }
                for file in unhandled[index] ?? [] where !holds(file) {
                    note(file, since: clock.now, quiet: plan.settle(for: file.path), plan, in: &notes)
                }
            case .gone(let path): forget(path, in: &notes)
            case .goneBelow(let directory):
                windows.forget(beneath: directory)
                notes.append(.goneBelow(directory))
                holdLeaving(of: directory)
            case .walked(let folder): endHold(of: folder)
            }
        }
        bell.ring()
        if isMixed { return await record(notes) }
        for note in notes where note.isOfLeft { leaving.add(note) }
        leavingBell.ring()
        await record(notes.filter { !$0.isOfLeft })
        if leaving.count > Self.mostLeaving { await recordLeaving() }
    }

    /// The index of the first scanned file at a path that another file left earlier in these sights. `any`: whether any
    /// sight is about a path whose file left before, in these sights or in earlier unrecorded ones.
    private func namesOfLeft(in sights: [Sight]) -> (foundAfter: Int?, any: Bool) {
        var here = Leaving()
        var isMixed = false
        for (index, sight) in sights.enumerated() {
            switch sight {
            case .changed(let path, _, _): isMixed = isMixed || here.holds(path) || leaving.holds(path)
            case .found(let files):
                // Mostly nothing has left. No path is made then.
                if here.isEmpty, isMixed || leaving.isEmpty { continue }
                let paths = files.paths
                if paths.contains(where: here.holds) { return (index, true) }
                isMixed = isMixed || paths.contains(where: leaving.holds)
            case .gone(let path): here.add(.gone(path))
            case .goneBelow(let directory): here.add(.goneBelow(directory))
            case .walked: continue
            }
        }
        return (nil, isMixed)
    }

    /// Has the caller of ``run(recorded:_:)`` told that entries have changed.
    func noteRecorded() { leavingBell.ring() }

    /// Notes that something happened to a file. It waits its quiet time.
    package func changed(_ path: FilePath, folder: String, renamed: Bool = false) async {
        await handle([.changed(path, folder: folder, renamed: renamed)])
    }

    /// Notes files that a scan found. Versions that were handled already are skipped.
    package func found(_ files: [FoundFile]) async {
        await handle(files.map(Sight.found))
    }

    /// Waits one more quiet time for a settled file that could not be taken on now, for this reason.
    package func settleAgain(_ file: SettledFile, _ cause: WaitCause, reason: String) async {
        guard let plan = folders[file.folder], file.path.starts(with: plan.path) else { return }
        await settleAgain(file.file, cause, reason: reason, plan: plan)
    }

    /// Drops files of a folder that are not waited for any more. The caller records why.
    func drop(_ paths: [FilePath], of folder: String) {
        for path in paths { windows[folder]?.forget(path) }
        roomBells[folder]?.ring()
    }

    package func forget(_ path: FilePath) async {
        await handle([.gone(path)])
        await recordLeaving()
    }

    /// Hands each settled file to `settled`, until the task is cancelled. Calls `recorded` after files that left or
    /// moved are recorded.
    package func run(
        recorded: @escaping @Sendable () -> Void = {},
        _ settled: @escaping @Sendable (SettledFile) async -> Void
    ) async {
        let loop = Loops.join("settling files") { [bell] in bell.ring() }
        defer { loop.leave() }
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    await self.leavingBell.wait(until: await self.endOfHold, clock: self.clock)
                    await self.recordLeavingUnlessHeld()
                    recorded()
                }
            }
            while !Task.isCancelled {
                await bell.wait(until: nextDeadline, clock: clock)
                // After cancellation nobody would look at the files that are taken here.
                if Task.isCancelled { break }
                for quiet in await loop.step({ takeQuiet() }) { group.addTask { await self.look(at: quiet, settled) } }
                for (folder, files) in takeFailedLooks() {
                    group.addTask { await self.lookAgain(at: files, in: folder) }
                }
                for folder in takeShelves() { group.addTask { await self.takeShelved(of: folder) } }
                for (folder, names) in takeOtherNames() { group.addTask { await self.look(at: names, in: folder) } }
            }
        }
    }

    /// `since`: when the look began that found the version.
    private func note(
        _ file: FoundFile,
        since: C.Instant,
        quiet: Duration,
        _ plan: FolderPlan,
        in notes: inout [FileNote]
    ) {
        let granularity = file.version.granularity
        let quiet = max(quiet, granularity)
        let instant = SettleWindow.beginning(lookedAt: since...max(since, clock.now), quiet, granularity: granularity)
        if quiet > Self.longestWait, !plan.isSidecar(file.path), mustShelve(file.path, in: file.folder) {
            shelve(in: file.folder, due: instant.advanced(by: quiet), isInFirstRound: true)
            let due = wallTime().advanced(by: clock.now.duration(to: instant.advanced(by: quiet)))
            return notes.append(.settling(SettlingFile(file, reason: "changed recently", due: due)))
        }
        let oldEnough = oldEnough(file, plan)
        guard windows[file.folder]?.note(file, at: instant, quiet: quiet, oldEnough: oldEnough) == true else { return }
        // A sidecar has no state in the ledger: it is noted there when it has settled.
        if plan.isSidecar(file.path) { return }
        notes.append(.settling(SettlingFile(file, reason: "changed recently")))
    }

    /// When a file is as old as `min_age` asks; nil if it is by now. A sidecar goes up at no age.
    func oldEnough(_ file: FoundFile, _ plan: FolderPlan) -> C.Instant? {
        if plan.minAge == .zero || plan.isSidecar(file.path) { return nil }
        let left = plan.youth(of: file.version, at: wallTime())
        return left > .zero ? clock.now.advanced(by: left) : nil
    }

    private func forget(_ path: FilePath, in notes: inout [FileNote]) {
        windows.forget(path)
        notes.append(.gone(path))
    }

    func holds(_ file: FoundFile) -> Bool { windows[file.folder]?.holds(file) ?? false }

    func holds(path: FilePath, in folder: String) -> Bool { windows[folder]?.holds(path) ?? false }

    /// The found files whose version was not handled yet, by the index of their sight.
    private func unhandled(among sights: [Sight]) async -> [Int: [FoundFile]] {
        var unhandled: [Int: [FoundFile]] = [:]
        var indices: [String: [Int]] = [:]
        var files: [String: [FoundFiles]] = [:]
        for (index, sight) in sights.enumerated() {
            guard case .found(let found) = sight, let plan = folders[found.folder] else { continue }
            seen[found.folder]?.insert(on: found.devices, formerly: [])
            let (others, sidecars) = found.parted(by: plan.sidecars)
            if !sidecars.isEmpty { unhandled[index] = await unnoted(among: sidecars) }
            if others.isEmpty { continue }
            indices[found.folder, default: []].append(index)
            files[found.folder, default: []].append(others)
        }
        for (folder, files) in files {
            // At the end of the service some files are not looked up. The next start finds them again.
            guard let found = try? await bookkeeping.durably({ try await queue.compare(files) }) else { continue }
            seen[folder]?.insert(found.known)
            seen[folder]?.insert(on: [], formerly: found.formerDevices)
            for (index, news) in zip(indices[folder] ?? [], found.unhandled) where !news.isEmpty {
                unhandled[index, default: []] += news
            }
        }
        return unhandled
    }

    private func unnoted(among sidecars: FoundFiles) async -> [FoundFile] {
        let files = [FoundFile](sidecars)
        return (try? await bookkeeping.durably { try await queue.unnoted(among: files) }) ?? []
    }

    /// Records the notes. Broken off by the end of the service, or by a failure of this write alone. The next start's
    /// scan finds what was not recorded.
    func record(_ notes: [FileNote]) async {
        guard !notes.isEmpty else { return }
        try? await bookkeeping.durably { try await queue.record(notes, at: .now()) }
        if notes.contains(where: { if case .settling = $0 { true } else { false } }) {
            CrashPoint.settlingRecorded.reached()
        }
        let gone = notes.compactMap { if case .gone(let path) = $0 { path } else { nil } }
        guard !gone.isEmpty else { return }
        CrashPoint.goneRecorded.reached()
        for path in gone { observer(.gone(path)) }
    }
}
