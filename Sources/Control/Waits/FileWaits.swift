import Pipeline
import SystemPackage
import Threads

/// Those who wait for files. They are woken by the pipeline's events, and each event costs one look at its file,
/// however many wait for it.
package final class FileWaits: Sendable {
    /// One who waits, and the news of his files.
    private final class Waiter: Sendable {
        let news = Mutex<[FilePath: WaitedFile]>([:])
        let bell = Doorbell()

        func takeNews() -> [FilePath: WaitedFile] {
            news.withLock { news in
                defer { news = [:] }
                return news
            }
        }
    }

    private struct State {
        var waiters: [FilePath: [ObjectIdentifier: Waiter]] = [:]
        /// Files of which an event told.
        var dirty: Set<FilePath> = []
    }

    /// How many files one look takes.
    private static let page = 64

    private let state = Mutex(State())
    private let bell = Doorbell()
    private let look: @Sendable ([FilePath]) async throws -> [WaitedFile]
    private let list: @Sendable (FilePath) async throws -> [FilePath]?

    /// `look` tells what is known of files now. `list` names the files in a directory, nil for any other path.
    package init(
        look: @escaping @Sendable ([FilePath]) async throws -> [WaitedFile],
        list: @escaping @Sendable (FilePath) async throws -> [FilePath]?
    ) {
        self.look = look
        self.list = list
    }

    /// How many files are waited for.
    package var count: Int { state.withLock { $0.waiters.count } }

    /// Notes an event of the pipeline. Does not block.
    package func observe(_ event: PipelineEvent) {
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
            // A failed look tells nothing: the waiters' own time limits end it.
            guard let files = try? await look(page) else { continue }
            for file in files {
                let waiters = state.withLock { $0.waiters[file.path].map { Array($0.values) } ?? [] }
                for waiter in waiters {
                    waiter.news.withLock { $0[file.path] = file }
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
    /// - Throws: `CancellationError`, and the errors of a first look.
    package func wait(for paths: [FilePath], _ goal: WaitGoal, within time: Duration) async throws -> Report {
        let deadline = ContinuousClock.now.advanced(by: time)
        let waiter = Waiter()
        var verdicts: [FilePath: WaitedFile.Verdict] = [:]
        /// Files of directories. They are not waited for once they have left.
        var members: Set<FilePath> = []
        defer { remove(waiter, from: verdicts.keys) }
        while true {
            let (named, listed) = try await expand(paths)
            members.formUnion(listed.subtracting(named))
            let new = named.union(listed).filter { verdicts[$0] == nil }
            if new.isEmpty { break }
            // First the place in the list, then the look: so no event falls between.
            add(waiter, to: new)
            for path in new { verdicts[path] = .pending("it is not looked at yet") }
            try await lookFirst(at: Array(new), waiter)
            while true {
                for (path, file) in waiter.takeNews() {
                    let hasLeft = file.now == .missing && members.contains(path)
                    let verdict = file.verdict(for: goal)
                    verdicts[path] = hasLeft && verdict.isPending ? .there : verdict
                }
                if !verdicts.values.contains(where: \.isPending) { break }
                if ContinuousClock.now >= deadline { return report(verdicts) }
                await waiter.bell.wait(until: deadline, clock: ContinuousClock())
                try Task.checkCancellation()
            }
        }
        return report(verdicts)
    }

    private func report(_ verdicts: [FilePath: WaitedFile.Verdict]) -> Report {
        var report = Report()
        for (path, verdict) in verdicts {
            switch verdict {
            case .there: report.there += 1
            case .failed(let reason): report.failed[path] = reason
            case .pending(let reason): report.pending[path] = reason
            }
        }
        return report
    }

    /// The paths that are no directories, and the files in those that are.
    private func expand(_ paths: [FilePath]) async throws -> (named: Set<FilePath>, listed: Set<FilePath>) {
        var (named, listed): (Set<FilePath>, Set<FilePath>) = ([], [])
        for path in paths {
            if let files = try await list(path) { listed.formUnion(files) } else { named.insert(path) }
        }
        return (named, listed)
    }

    private func lookFirst(at paths: [FilePath], _ waiter: Waiter) async throws {
        for start in stride(from: 0, to: paths.count, by: Self.page) {
            let files = try await look(Array(paths[start..<min(start + Self.page, paths.count)]))
            waiter.news.withLock { news in
                // News of an event is not older than this look.
                for file in files where news[file.path] == nil { news[file.path] = file }
            }
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
            .stays(let path, _), .letGo(let path, _), .status(let path, _):
            path
        default: nil
        }
    }
}
