import Logging
import SystemPackage
import Testing
import Threads

@testable import Watch

/// A watcher at work, and what its events have told so far.
final class WatchSession: Sendable {
    /// What a consumer knows that does as the pipeline does: after each pass it looks whether what it knows is there.
    struct Knowledge {
        /// Every event, in order.
        var events: [WatchEvent] = []
        /// The files that are there, going by the events.
        var files: Set<FilePath> = []
        /// The folders' paths by name.
        let roots: [String: FilePath]

        mutating func learn(_ event: WatchEvent) {
            events.append(event)
            switch event {
            case .found(let found):
                files.formUnion(found.paths)
            case .changed(let path, _), .renamedInto(let path, _):
                files.insert(path)
            case .gone(let path, _):
                files.remove(path)
            case .goneBelow(let path, _):
                files = files.filter { !$0.starts(with: path) }
            case .scanned(let folder):
                guard let root = roots[folder] else { return }
                files = files.filter { !$0.starts(with: root) || !FileStatus.isGone($0, beneath: root) }
            case .scanning, .walked, .unwatched, .scannedInPart, .unread, .hidden, .ignoring:
                break
            }
        }

        /// How many `scanned` there were.
        var scans: Int {
            events.count { if case .scanned = $0 { true } else { false } }
        }

        /// The reasons of all `unwatched`.
        var reasons: [String] {
            events.compactMap { if case .unwatched(_, _, let reason) = $0 { reason } else { nil } }
        }
    }

    private struct Waiter {
        var condition: @Sendable (Knowledge) -> Bool
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var knowledge: Knowledge
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    /// The events never came.
    struct NeverTold: Error, CustomStringConvertible {
        var description: String
    }

    let watcher: Watcher
    private let state: Mutex<State>

    private init(_ watcher: Watcher) {
        self.watcher = watcher
        let roots = Dictionary(watcher.folders.map { ($0.name, $0.path) }, uniquingKeysWith: { first, _ in first })
        state = Mutex(State(knowledge: Knowledge(roots: roots)))
    }

    /// Runs `body` beside a watcher of these folders.
    static func run(
        _ watcher: Watcher,
        waitUntilReady: Bool = true,
        _ body: @Sendable (WatchSession) async throws -> Void
    ) async throws {
        let session = WatchSession(watcher)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            for channel in watcher.events.values {
                group.addTask {
                    for await batch in channel { session.learn(batch) }
                }
            }
            if waitUntilReady { await watcher.ready() }
            try await body(session)
            group.cancelAll()
        }
    }

    /// The same for one folder.
    static func run(
        _ folder: WatchedFolder,
        _ options: WatchOptions = WatchOptions(),
        waitUntilReady: Bool = true,
        _ body: @Sendable (WatchSession) async throws -> Void
    ) async throws {
        var folder = folder
        folder.options = options
        let watcher = Watcher(folders: [folder], logger: Logger(label: "test") { _ in quiet() })
        try await run(watcher, waitUntilReady: waitUntilReady, body)
    }

    static func quiet() -> any LogHandler { SwiftLogNoOpLogHandler() }

    var knowledge: Knowledge { state.withLock { $0.knowledge } }

    /// Waits for the event that makes `condition` true; `what` is said if the test's time is over before.
    func until(_ what: String, _ condition: @escaping @Sendable (Knowledge) -> Bool) async throws {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let happened = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if condition(state.knowledge) { return true }
                    if Task.isCancelled { return false }
                    state.waiters[number] = Waiter(condition: condition, continuation: continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: false)
        }
        if !happened { throw NeverTold(description: what + "; last events: \(knowledge.events.suffix(20))") }
    }

    /// Waits for this event.
    func until(_ event: WatchEvent) async throws {
        try await until("\(event)") { $0.events.contains(event) }
    }

    /// Waits until the files that are known are these.
    func untilKnown(_ files: Set<FilePath>, _ comment: String = "") async throws {
        do {
            try await until("known files: \(files.count) \(comment)") { $0.files == files }
        } catch {
            let known = knowledge.files
            throw NeverTold(
                description:
                    "never heard of \(files.subtracting(known)), wrongly known \(known.subtracting(files)); \(error)"
            )
        }
    }

    private func learn(_ batch: [WatchEvent]) {
        let done = state.withLock { state in
            for event in batch { state.knowledge.learn(event) }
            let met = state.waiters.filter { $0.value.condition(state.knowledge) }
            for number in met.keys { state.waiters[number] = nil }
            return met.values.map(\.continuation)
        }
        for continuation in done { continuation.resume(returning: true) }
    }
}
