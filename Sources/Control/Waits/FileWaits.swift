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
        var verdicts: [FilePath: WaitedFile.Verdict] = [:]
        /// Files of directories. They are not waited for once they have left.
        var members: Set<FilePath> = []
        /// Paths that were directories. One that was removed since has no files any more.
        var directories: Set<FilePath> = []
        /// Named paths at which nothing was. No event tells that one of them has become a directory.
        var missing: Set<FilePath> = []
        /// Why directories could not be listed at the last look that ended.
        var unlisted: [FilePath: String] = [:]
        defer { remove(waiter, from: verdicts.keys) }
        while true {
            let expanded = await expand(paths, until: lookDeadline, &directories, besides: missing, knowing: unlisted)
            unlisted = expanded.unlisted
            try Task.checkCancellation()
            let (named, listed) = (expanded.named, expanded.listed)
            members.formUnion(listed.subtracting(named))
            missing.subtract(directories)
            for path in directories where verdicts.removeValue(forKey: path) != nil { remove(waiter, from: [path]) }
            let new = named.union(listed).filter { verdicts[$0] == nil }
            if new.isEmpty, !verdicts.values.contains(where: \.isPending) {
                if unlisted.isEmpty { break }
                if ContinuousClock.now >= deadline { return report(verdicts, unlisted: unlisted) }
                try await rest(until: min(deadline, .now + Self.listingPause), clock: ContinuousClock())
                continue
            }
            // First the place in the list, then the look: so no event falls between.
            add(waiter, to: new)
            for path in new { verdicts[path] = .pending(Self.notLookedAt) }
            try await lookFirst(at: Array(new), until: lookDeadline, waiter)
            var nextListing = ContinuousClock.now.advanced(by: Self.listingPause)
            while true {
                for (path, file) in waiter.takeNews() {
                    verdicts[path] = Self.verdict(on: file, for: goal, isMember: members.contains(path))
                    note(file, named, &missing, &verdicts)
                }
                if !verdicts.values.contains(where: \.isPending) { break }
                let now = ContinuousClock.now
                if now >= min(nextListing, deadline) {
                    if await hasDirectory(among: missing, until: lookDeadline) { break }
                    if !unlisted.isEmpty, now < deadline { break }
                    nextListing = .now.advanced(by: Self.listingPause)
                }
                if now >= deadline {
                    // What a file waits for may have changed without an event of its own.
                    let pending = verdicts.filter(\.value.isPending).map(\.key)
                    try? await lookFirst(at: pending, until: .now.advanced(by: least), waiter)
                    for (path, file) in waiter.takeNews() {
                        verdicts[path] = Self.verdict(on: file, for: goal, isMember: members.contains(path))
                        note(file, named, &missing, &verdicts)
                    }
                    return report(verdicts, unlisted: unlisted)
                }
                await waiter.bell.wait(
                    until: missing.isEmpty && unlisted.isEmpty ? deadline : min(deadline, nextListing),
                    clock: ContinuousClock()
                )
                try Task.checkCancellation()
            }
        }
        let isShown: Void? = try? await inTime(until: lookDeadline, shown)
        try Task.checkCancellation()
        if isShown == nil {
            for (path, verdict) in verdicts where verdict == .there { verdicts[path] = .pending(Self.notShown) }
        }
        return report(verdicts)
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

    /// Keeps the list of named paths at which nothing was. A directory that comes to one of them is waited for until it
    /// has files.
    private func note(
        _ file: WaitedFile,
        _ named: Set<FilePath>,
        _ missing: inout Set<FilePath>,
        _ verdicts: inout [FilePath: WaitedFile.Verdict]
    ) {
        switch file.now {
        case .missing where named.contains(file.path): missing.insert(file.path)
        case .noFile where missing.contains(file.path): verdicts[file.path] = .pending(Self.noFileYet)
        default: missing.remove(file.path)
        }
    }

    /// A directory that was made while it was waited for. The words for people.
    private static let noFileYet = "there is no file in it yet"

    /// A file that is up, of which a script cannot read yet. The words for people.
    private static let notShown = "it is up, and the manifest does not show it yet"

    /// `isMember`: the file was found in a directory that is waited for. One that left needs no wait any more, and one
    /// that lay there before its folder was watched was not meant.
    private static func verdict(on file: WaitedFile, for goal: WaitGoal, isMember: Bool) -> WaitedFile.Verdict {
        let verdict = file.verdict(for: goal)
        guard isMember else { return verdict }
        return file.isSkipped || (file.hasLeft && verdict.isPending) ? .there : verdict
    }

    private func report(_ verdicts: [FilePath: WaitedFile.Verdict], unlisted: [FilePath: String] = [:]) -> Report {
        var report = Report(pending: unlisted)
        for (path, verdict) in verdicts {
            switch verdict {
            case .there: report.there += 1
            case .failed(let reason): report.failed[path] = reason
            case .pending(let reason): report.pending[path] = reason
            }
        }
        return report
    }

    /// What paths stand for at one moment.
    private struct Expansion {
        /// Paths that are no directories.
        var named: Set<FilePath> = []
        /// The files in those that are.
        var listed: Set<FilePath> = []
        /// Why others cannot be told now.
        var unlisted: [FilePath: String] = [:]
    }

    private func expand(
        _ paths: [FilePath],
        until deadline: ContinuousClock.Instant,
        _ directories: inout Set<FilePath>,
        besides missing: Set<FilePath>,
        knowing reasons: [FilePath: String]
    ) async -> Expansion {
        var expansion = Expansion()
        for path in paths {
            do {
                guard let files = try await inTime(until: deadline, { [list] in try await list(path) }) else {
                    // The time may have ended before this look. What an earlier one said counts then.
                    expansion.unlisted[path] = reasons[path] ?? Self.notLookedAt
                    continue
                }
                if let files, !files.isEmpty || !missing.contains(path) {
                    directories.insert(path)
                    expansion.listed.formUnion(files)
                } else if !directories.contains(path) {
                    expansion.named.insert(path)
                }
            } catch {
                expansion.unlisted[path] = "it cannot be looked through: \(error)"
            }
        }
        return expansion
    }

    /// A path whose look has not ended. The words for people.
    private static let notLookedAt = "it could not be looked at yet: its file system does not answer"

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
