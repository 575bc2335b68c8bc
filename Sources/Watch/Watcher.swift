import Logging
import ServiceLifecycle
import SystemPackage
import Threads

/// Watches folders. It first sends every file that is there, and from then on every change.
///
///                     ┌─▶ Inbox ─▶ FolderWatcher ─▶ EventChannel
///     InotifyReader ──┤   (one thread each)         (one each: events)
///     (one thread)    └─▶ Inbox ─▶ FolderWatcher ─▶ EventChannel
///     MountReader ────▶ all of them
///
/// The reader drains the kernel's queue and never waits. A full inbox drops events, and its folder is scanned again. A
/// channel is bounded and blocks its folder's thread. So the consumer sets the pace, and memory stays flat. Folders
/// share nothing that waits. A folder with a hung file system, or without a consumer, holds up no other. Folders may
/// come and go while the watcher runs.
package final class Watcher: Service {
    /// How long a folder's thread may take to end. After that it is left behind.
    private static let grace = Duration.seconds(2)

    /// One folder with its inbox, channel and thread.
    private final class Part: Sendable {
        let folder: WatchedFolder
        let inbox: Inbox
        let channel: EventChannel
        let pulse = Pulse()
        let gauge = WatchGauge()
        /// Opens when the folder's thread has ended or was left behind.
        let end: Latch

        init(_ folder: WatchedFolder, inbox: Inbox, channel: EventChannel) {
            self.folder = folder
            self.inbox = inbox
            self.channel = channel
            end = Latch([folder.name])
        }

        func stop() {
            inbox.stop()
            channel.finish()
            end.open(after: Watcher.grace)
        }
    }

    private struct State {
        var parts: [Part] = []
        var routes: WatchRoutes?
        var isOver = false
        var failure: (any Error)?
    }

    private let logger: Logger
    private let channelBound: Int
    private let state = Mutex(State())
    /// Parts whose thread has not begun yet.
    private let arrivals: AsyncStream<Part>
    private let arrival: AsyncStream<Part>.Continuation
    private let readiness = Latch([])
    /// The places of the folders, which nobody else may have meanwhile.
    package let places = HeldPlaces()
    private let explain: @Sendable (FilePath) -> String?
    private let report: @Sendable (WatchReport) -> Void
    private let openInotify: @Sendable () throws(Errno) -> Inotify

    /// Does nothing until ``run()``. Call ``run()`` once.
    ///
    /// `explain` says in words why a directory cannot be read, and what mends it. It returns nil if it knows nothing of
    /// that. Folders' threads call it, and it may block as long as the file system does.
    ///
    /// `report` is told of scans and lost events. Folders' threads call it, and it must not block.
    package convenience init(
        folders: [WatchedFolder] = [],
        logger: Logger,
        explain: @escaping @Sendable (FilePath) -> String? = { _ in nil },
        report: @escaping @Sendable (WatchReport) -> Void = { _ in }
    ) {
        self.init(folders: folders, logger: logger, explain: explain, report: report) { () throws(Errno) in
            try Inotify()
        }
    }

    /// For tests without room or without inotify. `channelBound` is the number of batches that may wait for the
    /// consumer. `openInotify` replaces the way to open inotify.
    init(
        folders: [WatchedFolder],
        logger: Logger,
        channelBound: Int = 16,
        explain: @escaping @Sendable (FilePath) -> String? = { _ in nil },
        report: @escaping @Sendable (WatchReport) -> Void = { _ in },
        openInotify: @escaping @Sendable () throws(Errno) -> Inotify
    ) {
        self.logger = logger
        self.channelBound = channelBound
        self.explain = explain
        self.report = report
        self.openInotify = openInotify
        (arrivals, arrival) = AsyncStream.makeStream()
        for folder in folders { _ = join(folder) }
    }

    /// The folders that are watched now.
    var folders: [WatchedFolder] { state.withLock { $0.parts.map(\.folder) } }

    /// Each folder's events by the folder's name, in order. A batch has at most about 512 events. Each channel is for
    /// one consumer. A channel ends when its folder leaves or ``run()`` ends.
    package var events: [String: EventChannel] {
        Dictionary(state.withLock { $0.parts.map { ($0.folder.name, $0.channel) } }) { first, _ in first }
    }

    /// Watches one more folder and returns its events. Before ``run()``, the watch begins with ``run()``. The name must
    /// not be in use; the name of a folder that left is free again.
    package func join(_ folder: WatchedFolder) -> EventChannel {
        let inbox = Inbox(bound: folder.options.rawQueueBound)
        let part = Part(folder, inbox: inbox, channel: EventChannel(bound: channelBound))
        readiness.expect(folder.name)
        let isOver = state.withLock { state in
            if !state.isOver { state.parts.append(part) }
            return state.isOver
        }
        if isOver { part.channel.finish() } else { arrival.yield(part) }
        return part.channel
    }

    /// Stops watching the folder with this name. Returns when its thread has ended. A hung thread is left behind after
    /// two seconds.
    package func leave(_ name: String) async {
        let (part, routes) = state.withLock { state in
            let index = state.parts.firstIndex { $0.folder.name == name }
            return (index.map { state.parts.remove(at: $0) }, state.routes)
        }
        guard let part else { return }
        part.stop()
        await part.end.wait()
        free(part, routes)
        readiness.checkOff(name)
    }

    /// Returns when each folder is watched and its first scan is in the channel. A folder in trouble counts when its
    /// `unwatched` event is in the channel. Also returns when ``run()`` has ended or the task is cancelled.
    ///
    /// The channels hold little, so consumers must read them meanwhile.
    package func ready() async {
        await readiness.wait()
    }

    /// How long the folder's thread has been at its present step. A step takes moments unless the file system is hung.
    package func silence(of folder: String) -> Duration {
        part(folder)?.pulse.silence ?? .zero
    }

    /// How the folder is watched at present.
    package func condition(of folder: String) -> WatchCondition {
        part(folder)?.gauge.condition ?? WatchCondition()
    }

    /// Asks for a scan of every folder. Each scan ends with `scanned`, or with `scannedInPart` if it could not read
    /// all.
    package func rescan() {
        for part in state.withLock({ $0.parts }) { part.inbox.askRescan() }
    }

    /// Asks for a scan of the folder with this name.
    package func rescan(_ folder: String) {
        part(folder)?.inbox.askRescan()
    }

    /// Watches until graceful shutdown or cancellation. Throws if the system has no descriptor or thread left.
    ///
    /// A thread of a hung file system is left behind at the end. Such a thread ends when the file system answers.
    package func run() async throws {
        defer {
            readiness.open()
            for part in state.withLock({ $0.parts }) { part.end.open() }
        }
        let end: WakeUp
        do {
            end = try WakeUp()
        } catch {
            stop(nil)
            throw error
        }
        await withTaskCancellationOrGracefulShutdownHandler {
            await runThreads(until: end)
        } onCancelOrGracefulShutdown: { [self] in
            stop(end)
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func runThreads(until end: WakeUp) async {
        let (reader, failure) = openReader(until: end)
        state.withLock { $0.routes = reader?.routes }
        await withDiscardingTaskGroup { group in
            if let reader {
                group.addTask {
                    await self.orStop(end) { try await OwnThread.run(named: "inotify") { reader.drain() } }
                }
                let mounts = MountReader(routes: reader.routes, end: end, logger: logger)
                group.addTask { await self.orStop(end) { try await OwnThread.run(named: "mounts") { mounts.run() } } }
            }
            for await part in arrivals {
                group.addTask { await self.run(part, reader?.routes, failure, until: end) }
            }
            // The loop also ends by cancellation, without `stop`.
            stop(end)
        }
    }

    /// Runs one folder's thread from its beginning to its end.
    private func run(_ part: Part, _ routes: WatchRoutes?, _ failure: Errno?, until end: WakeUp) async {
        routes?.join(part.inbox)
        await orStop(end) {
            try await OwnThread.run(named: "watch \(part.folder.name)", until: part.end) { [self] in
                watch(part, routes, failure)
                // A thread that was left behind may have added watches since, or taken a place.
                free(part, routes)
            }
        }
        part.end.open()
    }

    /// Ends the watches of a folder, and frees its place.
    private func free(_ part: Part, _ routes: WatchRoutes?) {
        routes?.leave(part.inbox)
        places.leave(part.inbox)
    }

    private func watch(_ part: Part, _ routes: WatchRoutes?, _ failure: Errno?) {
        var watcher = FolderWatcher(
            folder: part.folder,
            routes: routes,
            inotifyFailure: failure,
            places: places,
            inbox: part.inbox,
            channel: part.channel,
            readiness: readiness,
            pulse: part.pulse,
            explain: explain,
            report: report,
            gauge: part.gauge,
            logger: logger
        )
        watcher.run()
    }

    /// Stops everything when no thread can be made.
    private func orStop(_ end: WakeUp, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
            stop(end)
        }
    }

    /// The inotify reader; or nil, and the reason.
    private func openReader(until end: WakeUp) -> (InotifyReader?, Errno?) {
        do throws(Errno) {
            let inotify = try openInotify()
            let routes = WatchRoutes(inotify)
            return (InotifyReader(inotify: inotify, routes: routes, end: end, logger: logger), nil)
        } catch {
            return (nil, error)
        }
    }

    private func part(_ name: String) -> Part? {
        state.withLock { $0.parts.first { $0.folder.name == name } }
    }

    private func stop(_ end: WakeUp?) {
        let parts = state.withLock { state in
            state.isOver = true
            return state.parts
        }
        for part in parts { part.stop() }
        arrival.finish()
        end?.signal()
    }
}
