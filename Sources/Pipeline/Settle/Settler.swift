import ServiceLifecycle
import SystemPackage
import Watch

/// Waits until files have stopped changing: takes what Watch tells, hands on ``SettledFile``s.
///
/// A file is settled when nothing has happened to it for its folder's quiet time, its version is the same at both ends of
/// that time, and no process holds it open for writing. There is no maximum: what never rests never goes up.
package actor Settler<C: Clock> where C.Duration == Duration {
    /// Files that are looked at side by side.
    private static var mostAtATime: Int { 64 }

    private let folders: [String: FolderPlan]
    private let queue: any FileQueue
    private let bookkeeping: Bookkeeping<C>
    private let clock: C
    private let observer: PipelineObserver
    private let bell = Doorbell()
    private var window = SettleWindow<C.Instant>()
    /// Files that were taken from the window and are being looked at.
    private var looking = 0

    package init(
        folders: [FolderPlan],
        queue: any FileQueue,
        bookkeeping: Bookkeeping<C>,
        clock: C,
        observer: @escaping PipelineObserver
    ) {
        self.folders = Dictionary(folders.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.queue = queue
        self.bookkeeping = bookkeeping
        self.clock = clock
        self.observer = observer
    }

    /// How many files are in their first quiet time or being looked at: those that a single pass still waits for.
    package var unsettled: Int { window.countInFirstRound(at: clock.now) + looking }

    /// How many files are waited for in all, those included that keep changing.
    package var count: Int { window.count + looking }

    /// Something happened to a file: it waits its quiet time.
    package func note(_ path: FilePath, folder: String, renamed: Bool = false) async {
        guard let plan = folders[folder] else { return }
        switch await look(at: path, folder: folder) {
        case .there(let file): await note([file], quiet: renamed ? plan.settleRenamed : plan.settle)
        case .gone: await forget(path)
        // Whatever makes it readable again is an event, or found by the next scan.
        case .hidden: return
        }
    }

    /// Files that a scan found: those whose version has been dealt with are passed over.
    package func note(found: [FoundFile]) async throws {
        let unhandled = try await queue.unhandled(among: found).filter { !window.holds($0) }
        for (folder, files) in Dictionary(grouping: unhandled, by: \.folder) {
            guard let plan = folders[folder] else { continue }
            await note(files, quiet: plan.settle)
        }
    }

    /// A settled file that could not be taken on for now: it waits its quiet time once more, for this reason.
    package func wait(for file: SettledFile, reason: String) async {
        guard let plan = folders[file.folder] else { return }
        let found = FoundFile(folder: file.folder, path: file.path, version: file.version)
        await wait(for: found, reason: reason, plan: plan, rounds: 0)
    }

    package func forget(_ path: FilePath) async {
        window.forget(path)
        await record { try await queue.noteGone([path], at: .now()) }
        CrashPoint.goneRecorded.reached()
        observer(.gone(path))
    }

    package func forget(beneath directory: FilePath) async {
        window.forget(beneath: directory)
        await record { try await queue.noteGone(beneath: directory, at: .now()) }
    }

    /// Hands each file to `settled` once it has settled, until the task is cancelled.
    package func run(_ settled: @escaping @Sendable (SettledFile) async -> Void) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await bell.wait(until: looking < Self.mostAtATime ? window.nextDeadline : nil, clock: clock)
                for quiet in takeQuiet() { group.addTask { await self.look(at: quiet, settled) } }
            }
        }
    }

    /// A file whose quiet time is over, on its way to be looked at.
    struct QuietFile: Sendable {
        fileprivate let file: FoundFile
        fileprivate let rounds: Int
    }

    /// Takes what is quiet by now; each must be looked at.
    func takeQuiet() -> [QuietFile] {
        let quiet = window.takeQuiet(at: clock.now, limit: Self.mostAtATime - looking)
        looking += quiet.count
        return quiet.map { QuietFile(file: $0.file, rounds: $0.rounds) }
    }

    /// Looks whether the file is the same at both ends of its quiet time. Files are looked at side by side: one whose disk
    /// hangs holds up no other, and what is recorded of them shares commits.
    func look(at quiet: QuietFile, _ settled: @Sendable (SettledFile) async -> Void) async {
        if let result = await examine(quiet.file, rounds: quiet.rounds) { await settled(result) }
        looked()
    }

    private func looked() {
        looking -= 1
        bell.ring()
    }

    private func note(_ files: [FoundFile], quiet: Duration) async {
        let now = clock.now
        let new = files.filter { window.note($0, at: now, quiet: quiet) }
        bell.ring()
        guard !new.isEmpty else { return }
        await record {
            try await queue.noteSettling(new.map { SettlingFile($0, reason: "changed recently") }, at: .now())
        }
        CrashPoint.settlingRecorded.reached()
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
            if !window.holds(file.path) { await forget(file.path) }
            return nil
        case .hidden(let error):
            await wait(for: file, reason: "it cannot be looked at: \(error)", plan: plan, rounds: rounds)
            return nil
        }
        if now.version != file.version {
            await wait(for: now, reason: "still changing", plan: plan, rounds: rounds)
            return nil
        }
        let path = file.path
        let held = try? await offPool { try SourceFile(path, beneath: plan.path).isHeldForWriting }
        if held == true {
            await wait(for: now, reason: "held open for writing by another process", plan: plan, rounds: rounds)
            return nil
        }
        return SettledFile(folder: file.folder, path: file.path, version: file.version)
    }

    private func wait(for file: FoundFile, reason: String, plan: FolderPlan, rounds: Int) async {
        // Something may have been noted while we looked; that note is the newer one.
        guard !window.holds(file.path) else { return }
        window.noteAgain(file, at: clock.now, quiet: plan.settle, rounds: rounds + 1)
        bell.ring()
        await record { try await queue.noteSettling([SettlingFile(file, reason: reason)], at: .now()) }
    }

    /// What is at a path.
    private enum Look {
        case there(FoundFile)
        /// Surely no regular file.
        case gone
        /// It cannot be told: no permission on the way, an I/O error.
        case hidden(Errno)
    }

    private func look(at path: FilePath, folder: String) async -> Look {
        do {
            let root = folders[folder]?.path ?? path.removingLastComponent()
            let status = try await offPool { try FileStatus.of(path, beneath: root) }
            guard status.kind == .regular else { return .gone }
            return .there(FoundFile(folder: folder, path: path, version: status.version))
        } catch let error as Errno {
            return FileStatus.meansGone(error) ? .gone : .hidden(error)
        } catch {
            return .hidden(.ioError)
        }
    }

    /// Broken off only by the end of all: then the next start's scan finds what was not recorded.
    private func record(_ work: () async throws -> Void) async {
        try? await bookkeeping.durably(work)
    }
}
