import Pipeline
import SystemPackage
import Threads

/// Those who wait for files. They are woken by the pipeline's events, and each event costs one look at its file,
/// however many wait for it.
package final class FileWaits: Sendable {
    /// One who waits, and the news of his files.
    private final class Waiter: Sendable {
        private struct State {
            var news: [FilePath: WaitedFile] = [:]
            /// The number of the newest look at each file.
            var looks: [FilePath: Int] = [:]
        }

        private let state = Mutex(State())
        let bell = Doorbell()

        func takeNews() -> [FilePath: WaitedFile] {
            state.withLock { state in
                defer { state.news = [:] }
                return state.news
            }
        }

        /// Takes what a look found. A look that began before another one may end after it, and says less then.
        func offer(_ file: WaitedFile, look number: Int) {
            state.withLock { state in
                guard number >= state.looks[file.path] ?? 0 else { return }
                state.looks[file.path] = number
                state.news[file.path] = file
            }
        }
    }

    private struct State {
        var waiters: [FilePath: [ObjectIdentifier: Waiter]] = [:]
        /// Files of which an event told.
        var dirty: Set<FilePath> = []
        /// The number of the latest look. A file's event comes before the look for it, so later looks know more.
        var looks = 0
    }

    /// How many files one look takes.
    private static let page = 64

    private let state = Mutex(State())
    private let bell = Doorbell()
    private let look: @Sendable ([FilePath]) async throws -> [WaitedFile]
    private let list: @Sendable (FilePath) async throws -> [FilePath]?
    private let shown: @Sendable () async throws -> Void

    /// `look` tells what is known of files now. `list` names the files in a directory, nil for any other path. `shown`
    /// returns when the manifest shows what is known by then.
    package init(
        look: @escaping @Sendable ([FilePath]) async throws -> [WaitedFile],
        list: @escaping @Sendable (FilePath) async throws -> [FilePath]?,
        shown: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.look = look
        self.list = list
        self.shown = shown
    }

    /// How many files are waited for.
    package var count: Int { state.withLock { $0.waiters.count } }

    /// Notes an event of the pipeline. Does not block.
    package func observe(_ event: PipelineEvent) {
        if case .lookedThrough = event {
            // Files that were skipped have no events of their own.
            state.withLock { state in state.dirty = Set(state.waiters.keys) }
            return bell.ring()
        }
        guard let path = event.pathOfNews else { return }
        let isWanted = state.withLock { state in
            guard state.waiters[path] != nil else { return false }
            state.dirty.insert(path)
            return true
        }
        if isWanted { bell.ring() }
    }

    /// Looks at files of which events told, until the task is cancelled. A folder that does not answer holds up no
    /// other.
    package func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await bell.wait()
                let dirty = state.withLock { state in
                    defer { state.dirty = [] }
                    return state.dirty
                }
                for (_, paths) in Dictionary(grouping: dirty, by: { $0.removingLastComponent() }) {
                    group.addTask { await self.lookAgain(at: paths) }
                }
            }
            group.cancelAll()
        }
    }

    private func lookAgain(at paths: [FilePath]) async {
        for start in stride(from: 0, to: paths.count, by: Self.page) {
            let page = Array(paths[start..<min(start + Self.page, paths.count)])
            let number = nextLook()
            // A failed look tells nothing: the waiters' own time limits end it.
            guard let files = try? await look(page) else { continue }
            for file in files {
                let waiters = state.withLock { $0.waiters[file.path].map { Array($0.values) } ?? [] }
                for waiter in waiters {
                    waiter.offer(file, look: number)
                    waiter.bell.ring()
                }
            }
        }
    }

    // MARK: Waiting

    /// What a wait came to.
    package struct Report: Sendable, Equatable {
        /// How many files are there.
        package var there = 0
        package var failed: [FilePath: String] = [:]
        /// Files that were still on their way when the time was over.
        package var pending: [FilePath: String] = [:]
    }

    /// Waits until each file has reached the goal, or cannot, or the time is over. Of a directory, waits for all files
    /// in it, also for those that come meanwhile.
    ///
    /// If all are decided in time, it then waits for the manifest to show them, as who waited reads it next. When the
    /// time is over first, files that are up are pending all the same.
    ///
    /// A directory that cannot be listed is looked at again each second, and is pending with the reason.
    ///
    /// Looks end with the time, too, as a file system may not answer. `looks` is the time that they have at least.
    ///
    /// - Throws: `CancellationError`, and the errors of a first look.
    package func wait(
        for paths: [FilePath],
        _ goal: WaitGoal,
        within time: Duration,
        looks least: Duration = .seconds(1)
    ) async throws -> Report {
        let deadline = ContinuousClock.now.advanced(by: time)
        let lookDeadline = ContinuousClock.now.advanced(by: max(time, least))
        let waiter = Waiter()
        var progress = WaitProgress(goal)
        defer { remove(waiter, from: progress.verdicts.keys) }
        while true {
            let expansion = await expand(paths, until: lookDeadline, progress)
            try Task.checkCancellation()
            let (new, former) = progress.take(expansion)
            remove(waiter, from: former)
            if new.isEmpty, progress.isDecided {
                if progress.unlisted.isEmpty { break }
                if ContinuousClock.now >= deadline { return progress.report }
                try await rest(until: min(deadline, .now + Self.listingPause), clock: ContinuousClock())
                continue
            }
            // First the place in the list, then the look: so no event falls between.
            add(waiter, to: new)
            try await lookFirst(at: Array(new), until: lookDeadline, waiter)
            var nextListing = ContinuousClock.now.advanced(by: Self.listingPause)
            while true {
                progress.take(waiter.takeNews())
                if progress.isDecided { break }
                let now = ContinuousClock.now
                if now >= min(nextListing, deadline) {
                    if await hasDirectory(among: progress.missing, until: lookDeadline) { break }
                    if !progress.unlisted.isEmpty, now < deadline { break }
                    nextListing = .now.advanced(by: Self.listingPause)
                }
                if now >= deadline {
                    // What a file waits for may have changed without an event of its own.
                    try? await lookFirst(at: progress.pending, until: .now.advanced(by: least), waiter)
                    progress.take(waiter.takeNews())
                    return progress.report
                }
                await waiter.bell.wait(
                    until: progress.needsListing ? min(deadline, nextListing) : deadline,
                    clock: ContinuousClock()
                )
                try Task.checkCancellation()
            }
        }
        let isShown: Void? = try? await inTime(until: lookDeadline, shown)
        try Task.checkCancellation()
        if isShown == nil { progress.noteNotShown() }
        return progress.report
    }

    /// Between two looks for directories that no event tells of.
    private static let listingPause = Duration.seconds(1)

    /// Whether a path at which nothing was is a directory with files by now. Of very many paths, asks for some.
    private func hasDirectory(among paths: Set<FilePath>, until deadline: ContinuousClock.Instant) async -> Bool {
        for path in paths.shuffled().prefix(Self.page) {
            let files = try? await inTime(until: deadline) { [list] in try await list(path) }
            if let files, files?.isEmpty == false { return true }
        }
        return false
    }

    private func expand(
        _ paths: [FilePath],
        until deadline: ContinuousClock.Instant,
        _ progress: WaitProgress
    ) async -> WaitProgress.Expansion {
        var expansion = WaitProgress.Expansion()
        for path in paths {
            do {
                guard let files = try await inTime(until: deadline, { [list] in try await list(path) }) else {
                    // The time may have ended before this look. What an earlier one said counts then.
                    expansion.unlisted[path] = progress.unlisted[path] ?? WaitProgress.notLookedAt
                    continue
                }
                if let files, !files.isEmpty || !progress.missing.contains(path) {
                    expansion.directories.insert(path)
                    expansion.listed.formUnion(files)
                } else if !progress.directories.contains(path) {
                    expansion.named.insert(path)
                }
            } catch {
                expansion.unlisted[path] = "it cannot be looked through: \(error)"
            }
        }
        return expansion
    }

    /// Looks at files, as far as the time allows.
    private func lookFirst(
        at paths: [FilePath],
        until deadline: ContinuousClock.Instant,
        _ waiter: Waiter
    ) async throws {
        for start in stride(from: 0, to: paths.count, by: Self.page) {
            let number = nextLook()
            let page = Array(paths[start..<min(start + Self.page, paths.count)])
            guard let files = try await inTime(until: deadline, { [look] in try await look(page) }) else { return }
            for file in files { waiter.offer(file, look: number) }
        }
    }

    /// Does work until then at most. Nil if it has not ended by then.
    private func inTime<Value: Sendable>(
        until deadline: ContinuousClock.Instant,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value? {
        try await within(ContinuousClock.now.duration(to: deadline), work)
    }

    private func nextLook() -> Int {
        state.withLock { state in
            state.looks += 1
            return state.looks
        }
    }

    private func add(_ waiter: Waiter, to paths: Set<FilePath>) {
        state.withLock { state in
            for path in paths { state.waiters[path, default: [:]][ObjectIdentifier(waiter)] = waiter }
        }
    }

    private func remove(_ waiter: Waiter, from paths: some Collection<FilePath>) {
        state.withLock { state in
            for path in paths {
                state.waiters[path]?[ObjectIdentifier(waiter)] = nil
                if state.waiters[path]?.isEmpty == true { state.waiters[path] = nil }
            }
        }
    }
}

extension PipelineEvent {
    /// The file that may have come to its end by this event; nil if none has.
    fileprivate var pathOfNews: FilePath? {
        switch self {
        case .uploaded(let file, _), .reused(let file, _), .queued(let file): file.path
        case .rejected(let path, _), .changed(let path, _), .gone(let path), .departed(let path, _),
            .stays(let path, _), .letGo(let path, _), .status(let path, _), .skipped(let path):
            path
        default: nil
        }
    }
}
