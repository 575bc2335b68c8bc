import ServiceLifecycle
import SystemPackage
import Threads
import Watch

/// Waits until files have stopped changing: takes what Watch tells, hands on ``SettledFile``s.
///
/// A file is settled when nothing has happened to it for its folder's quiet time, its version is the same at both ends of
/// that time, and no process holds it open for writing. There is no maximum: what never rests never goes up. The quiet time
/// is never shorter than what the file system's times can tell apart: otherwise a later write could leave the same version.
package actor Settler<C: Clock> where C.Duration == Duration {
    /// Files of one folder that are looked at side by side.
    private static var mostAtATime: Int { 64 }
    /// Files that left and are recorded in one write.
    private static var leavingAtATime: Int { 256 }
    /// So many that left may wait to be recorded; then whoever tells of more waits.
    private static var mostLeaving: Int { 32_768 }

    private var folders: [String: FolderPlan] = [:]
    private let queue: any FileQueue
    private let bookkeeping: Bookkeeping<C>
    private let clock: C
    private let observer: PipelineObserver
    private let bell = Doorbell()
    private let threads: FolderThreads
    /// By folder, so that one whose disk hangs uses up no other's room.
    private var windows: [String: SettleWindow<C.Instant>] = [:]
    /// Files of each folder that were taken from its window and are being looked at.
    private var looking: [String: Int] = [:]
    /// What left is recorded beside all else, so that thousands of files that leave hold up no new one.
    private var leaving = Leaving()
    private let leavingBell = Doorbell()
    private let leavingTurns = Turns()
    /// A number for each folder that began: what was taken from an earlier one of the same name is none of the present one.
    private var numbers: [String: Int] = [:]
    private var lastNumber = 0

    package init(
        folders: [FolderPlan],
        threads: FolderThreads? = nil,
        queue: any FileQueue,
        bookkeeping: Bookkeeping<C>,
        clock: C,
        observer: @escaping PipelineObserver
    ) {
        self.threads = threads ?? FolderThreads(folders.map(\.name))
        self.queue = queue
        self.bookkeeping = bookkeeping
        self.clock = clock
        self.observer = observer
        for folder in folders {
            lastNumber += 1
            numbers[folder.name] = lastNumber
            self.folders[folder.name] = folder
            windows[folder.name] = SettleWindow()
        }
    }

    /// Takes on the files of a folder.
    func begin(_ folder: FolderPlan) {
        lastNumber += 1
        numbers[folder.name] = lastNumber
        folders[folder.name] = folder
        windows[folder.name] = SettleWindow()
        looking[folder.name] = nil
    }

    /// Lets go of all files of a folder, those included that are being looked at.
    func end(_ folder: String) {
        numbers[folder] = nil
        folders[folder] = nil
        windows[folder] = nil
        looking[folder] = nil
    }

    /// How many files are in their first quiet time or being looked at: those that a single pass still waits for, which does
    /// not wait for these folders.
    package func unsettled(except silent: Set<String> = []) -> Int {
        return windows.filter { !silent.contains($0.key) }
            .reduce(leaving.count) { $0 + $1.value.countInFirstRound + looking[$1.key, default: 0] }
    }

    /// How many files are waited for in all, those included that keep changing.
    package var count: Int { windows.values.reduce(beingLookedAt) { $0 + $1.count } }

    private var beingLookedAt: Int { looking.values.reduce(0, +) }

    /// Takes what Watch tells. What left is recorded later, but in its place among what is told of the same path.
    package func take(_ sights: [Sight]) async {
        let (first, isMixed) = namesOfLeft(in: sights)
        if let first {
            // Whether a found file was dealt with is asked of the ledger, which must know first that another one left.
            await take(Array(sights[..<first]))
            await recordLeaving()
            return await take(Array(sights[first...]))
        }
        if isMixed { await recordLeaving() }
        let looks = await look(at: sights)
        let unhandled = await unhandled(among: sights)
        var notes: [FileNote] = []
        for sight in sights {
            switch sight {
            case .changed(let path, let folder, let renamed):
                guard let plan = folders[folder], path.starts(with: plan.path) else { continue }
                switch looks[path] {
                case .there(let file): note(file, quiet: renamed ? plan.settleRenamed : plan.settle, in: &notes)
                case .gone: forget(path, in: &notes)
                // Whatever makes it readable again is an event, or found by the next scan.
                case .hidden, nil: continue
                }
            case .found(let file):
                guard let plan = folders[file.folder], unhandled.contains(file), !holds(file) else { continue }
                note(file, quiet: plan.settle, in: &notes)
            case .gone(let path): forget(path, in: &notes)
            case .goneBelow(let directory):
                for folder in windows.keys { windows[folder]?.forget(beneath: directory) }
                notes.append(.goneBelow(directory))
            }
        }
        bell.ring()
        if isMixed { return await record(notes) }
        for note in notes where note.isOfLeft { leaving.add(note) }
        leavingBell.ring()
        await record(notes.filter { !$0.isOfLeft })
        if leaving.count > Self.mostLeaving { await recordLeaving() }
    }

    /// The first file that a scan found where one left earlier in these sights; and whether anything is told of a path
    /// that left, in these or in earlier ones that are not recorded.
    private func namesOfLeft(in sights: [Sight]) -> (foundAfter: Int?, any: Bool) {
        var here = Leaving()
        var isMixed = false
        for (index, sight) in sights.enumerated() {
            switch sight {
            case .changed(let path, _, _): isMixed = isMixed || here.holds(path) || leaving.holds(path)
            case .found(let file):
                if here.holds(file.path) { return (index, true) }
                isMixed = isMixed || leaving.holds(file.path)
            case .gone(let path): here.add(.gone(path))
            case .goneBelow(let directory): here.add(.goneBelow(directory))
            }
        }
        return (nil, isMixed)
    }

    /// Records all that left until now.
    package func recordLeaving() async {
        await leavingTurns.take {
            while case let notes = leaving.take(Self.leavingAtATime), !notes.isEmpty {
                await record(notes)
                leaving.forget(notes)
            }
        }
    }

    /// Something happened to a file: it waits its quiet time.
    package func note(_ path: FilePath, folder: String, renamed: Bool = false) async {
        await take([.changed(path, folder: folder, renamed: renamed)])
    }

    /// Files that a scan found: those whose version has been dealt with are passed over.
    package func note(found: [FoundFile]) async {
        await take(found.map(Sight.found))
    }

    /// A settled file that could not be taken on for now: it waits its quiet time once more, for this reason.
    package func wait(for file: SettledFile, _ cause: WaitCause, reason: String) async {
        guard let plan = folders[file.folder], file.path.starts(with: plan.path) else { return }
        let found = FoundFile(folder: file.folder, path: file.path, version: file.version)
        await wait(for: found, cause, reason: reason, plan: plan, rounds: 0)
    }

    package func forget(_ path: FilePath) async {
        await take([.gone(path)])
        await recordLeaving()
    }

    /// Hands each file to `settled` once it has settled, and calls `left` once it is recorded that some left, until the
    /// task is cancelled.
    package func run(
        left: @escaping @Sendable () -> Void = {},
        _ settled: @escaping @Sendable (SettledFile) async -> Void
    ) async {
        let loop = Loops.join("settling files") { [bell] in bell.ring() }
        defer { loop.leave() }
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    await self.leavingBell.wait()
                    await self.recordLeaving()
                    left()
                }
            }
            while !Task.isCancelled {
                await bell.wait(until: nextDeadline, clock: clock)
                // What is taken now would be looked at by nobody.
                if Task.isCancelled { break }
                for quiet in await loop.step({ takeQuiet() }) { group.addTask { await self.look(at: quiet, settled) } }
            }
        }
    }

    /// A file whose quiet time is over, on its way to be looked at.
    struct QuietFile: Sendable {
        fileprivate let file: FoundFile
        fileprivate let rounds: Int
        /// The folder's.
        fileprivate let number: Int?
    }

    /// Takes what is quiet by now; each must be looked at.
    func takeQuiet() -> [QuietFile] {
        let now = clock.now
        return windows.keys.flatMap { folder in
            let quiet = windows[folder]?.takeQuiet(at: now, limit: room(for: folder)) ?? []
            looking[folder, default: 0] += quiet.count
            return quiet.map { QuietFile(file: $0.file, rounds: $0.rounds, number: numbers[folder]) }
        }
    }

    /// When the next file may be quiet of a folder that has room to look at it.
    private var nextDeadline: C.Instant? {
        windows.compactMap { room(for: $0.key) > 0 ? $0.value.nextDeadline : nil }.min()
    }

    private func room(for folder: String) -> Int { Self.mostAtATime - looking[folder, default: 0] }

    /// Looks whether the file is the same at both ends of its quiet time. Files are looked at side by side: one whose disk
    /// hangs holds up no other, and what is recorded of them shares commits.
    func look(at quiet: QuietFile, _ settled: @Sendable (SettledFile) async -> Void) async {
        let folder = quiet.file.folder
        guard numbers[folder] == quiet.number else { return }
        if let result = await examine(quiet.file, rounds: quiet.rounds), numbers[folder] == quiet.number {
            await settled(result)
        }
        guard numbers[folder] == quiet.number else { return }
        looking[folder, default: 0] -= 1
        bell.ring()
    }

    private func note(_ file: FoundFile, quiet: Duration, in notes: inout [FileNote]) {
        let quiet = max(quiet, file.version.granularity)
        guard windows[file.folder]?.note(file, at: clock.now, quiet: quiet) == true else { return }
        notes.append(.settling(SettlingFile(file, reason: "changed recently")))
    }

    private func forget(_ path: FilePath, in notes: inout [FileNote]) {
        for folder in windows.keys { windows[folder]?.forget(path) }
        notes.append(.gone(path))
    }

    /// The second end of the quiet time.
    private func examine(_ file: FoundFile, rounds: Int) async -> SettledFile? {
        guard let plan = folders[file.folder] else { return nil }
        let now: FoundFile
        switch await look(at: file.path, folder: file.folder) {
        case .there(let file):
            now = file
        case .gone:
            // A note that came while we looked is the newer one: the file is back.
            if !holds(path: file.path, in: file.folder) { await forget(file.path) }
            return nil
        case .hidden(.fileNameTooLong):
            // It stays so: whoever opens the file says it.
            return SettledFile(folder: file.folder, path: file.path, version: file.version)
        case .hidden(let error):
            if Task.isCancelled { return nil }
            await wait(for: file, .fileSystem, reason: "it cannot be looked at: \(error)", plan: plan, rounds: rounds)
            return nil
        }
        if now.version != file.version {
            await wait(for: now, .settling, reason: "still changing", plan: plan, rounds: rounds)
            return nil
        }
        let path = file.path
        let held = try? await threads[plan.name].look { try SourceFile(path, beneath: plan.path).isHeldForWriting }
        // A look that was broken off says nothing.
        if Task.isCancelled { return nil }
        if held == true {
            await wait(
                for: now,
                .heldOpen,
                reason: "held open for writing by another process",
                plan: plan,
                rounds: rounds
            )
            return nil
        }
        return SettledFile(folder: file.folder, path: file.path, version: file.version)
    }

    private func wait(for file: FoundFile, _ cause: WaitCause, reason: String, plan: FolderPlan, rounds: Int) async {
        // Something may have been noted while we looked; that note is the newer one.
        guard !holds(path: file.path, in: file.folder), windows[file.folder] != nil else { return }
        windows[file.folder]?.noteAgain(
            file,
            at: clock.now,
            quiet: max(plan.settle, file.version.granularity),
            rounds: rounds + 1
        )
        bell.ring()
        await record([.settling(SettlingFile(file, cause: cause, reason: reason))])
    }

    private func holds(_ file: FoundFile) -> Bool { windows[file.folder]?.holds(file) ?? false }

    private func holds(path: FilePath, in folder: String) -> Bool { windows[folder]?.holds(path) ?? false }

    /// What is at a path.
    private enum Look {
        case there(FoundFile)
        /// Surely no regular file.
        case gone
        /// It cannot be told: no permission on the way, an I/O error.
        case hidden(Errno)
    }

    private func look(at path: FilePath, folder: String) async -> Look {
        await look(at: [path], folder: folder)[path] ?? .hidden(.ioError)
    }

    /// Looks at what changed, each path once: its version now is what the last of its changes led to.
    private func look(at sights: [Sight]) async -> [FilePath: Look] {
        var paths: [String: [FilePath]] = [:]
        var seen: Set<FilePath> = []
        for case .changed(let path, let folder, _) in sights where seen.insert(path).inserted {
            paths[folder, default: []].append(path)
        }
        var looks: [FilePath: Look] = [:]
        for (folder, paths) in paths { looks.merge(await look(at: paths, folder: folder)) { _, new in new } }
        return looks
    }

    private func look(at paths: [FilePath], folder: String) async -> [FilePath: Look] {
        let root = folders[folder]?.path
        var looks: [FilePath: Look] = [:]
        for start in stride(from: 0, to: paths.count, by: Self.mostAtATime) {
            let group = Array(paths[start..<min(start + Self.mostAtATime, paths.count)])
            // What is not looked at because all ends is found again by the next start.
            let found = try? await threads[folder].look {
                group.map { Self.look(at: $0, beneath: root ?? $0.removingLastComponent(), folder: folder) }
            }
            for (path, look) in zip(group, found ?? []) { looks[path] = look }
        }
        return looks
    }

    private static func look(at path: FilePath, beneath root: FilePath, folder: String) -> Look {
        do throws(Errno) {
            let status = try FileStatus.of(path, beneath: root)
            guard status.kind == .regular else { return .gone }
            return .there(FoundFile(folder: folder, path: path, version: status.version))
        } catch {
            return FileStatus.meansGone(error) ? .gone : .hidden(error)
        }
    }

    /// Those that a scan found and whose version has not been dealt with.
    private func unhandled(among sights: [Sight]) async -> Set<FoundFile> {
        let found = sights.compactMap { if case .found(let file) = $0 { file } else { nil } }
        guard !found.isEmpty else { return [] }
        // What is not looked up because all ends is found again by the next start.
        return Set((try? await bookkeeping.durably { try await queue.unhandled(among: found) }) ?? [])
    }

    /// Broken off only by the end of all: then the next start's scan finds what was not recorded.
    private func record(_ notes: [FileNote]) async {
        guard !notes.isEmpty else { return }
        try? await bookkeeping.durably { try await queue.note(notes, at: .now()) }
        if notes.contains(where: { if case .settling = $0 { true } else { false } }) {
            CrashPoint.settlingRecorded.reached()
        }
        let gone = notes.compactMap { if case .gone(let path) = $0 { path } else { nil } }
        guard !gone.isEmpty else { return }
        CrashPoint.goneRecorded.reached()
        for path in gone { observer(.gone(path)) }
    }
}
