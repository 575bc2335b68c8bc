import Logging
import ServiceLifecycle
import SystemPackage

/// Watches folders: tells at first all files that are there, and from then on what happens to them.
///
///                     ┌─▶ Inbox ─▶ FolderWatcher ─▶ EventChannel
///     InotifyReader ──┤   (one thread each)         (one each: events)
///     (one thread)    └─▶ Inbox ─▶ FolderWatcher ─▶ EventChannel
///     MountReader ────▶ all of them
///
/// The reader drains the kernel's queue and never waits. An inbox that is full drops, and its folder is scanned again.
/// A channel is bounded and blocks its folder's thread, so the pace is the consumer's, and memory stays flat. Folders
/// share nothing that waits: one whose file system hangs, or whose events nobody takes, holds up no other.
package final class Watcher: Service {
    /// By the folder's name, its batches of at most about 512 events, in order; for one consumer each. They end when
    /// ``run()`` does.
    package let events: [String: EventChannel]

    /// How long a folder's thread may take to end before it is left behind.
    private static let grace = Duration.seconds(2)

    let folders: [WatchedFolder]
    private let options: WatchOptions
    private let logger: Logger
    private let inboxes: [Inbox]
    private let pulses: [String: Pulse]
    private let readiness: Latch
    private let abandonment = Abandonment()
    private let openInotify: @Sendable () throws(Errno) -> Inotify

    /// Does nothing until ``run()``, which may be called once.
    package convenience init(folders: [WatchedFolder], options: WatchOptions = .init(), logger: Logger) {
        self.init(folders: folders, options: options, logger: logger) { () throws(Errno) in try Inotify() }
    }

    /// With another bound of batches that wait for the consumer, and another way to come by inotify: for tests of what
    /// happens without room, or without inotify.
    init(
        folders: [WatchedFolder],
        options: WatchOptions,
        logger: Logger,
        channelBound: Int = 16,
        openInotify: @escaping @Sendable () throws(Errno) -> Inotify
    ) {
        events = Dictionary(folders.map { ($0.name, EventChannel(bound: channelBound)) }) { first, _ in first }
        self.folders = folders
        self.options = options
        self.logger = logger
        self.openInotify = openInotify
        inboxes = folders.map { _ in Inbox(bound: options.rawQueueBound) }
        pulses = Dictionary(folders.map { ($0.name, Pulse()) }) { first, _ in first }
        readiness = Latch(folders.map(\.name))
    }

    /// Returns once each folder is watched and its first scan is in the channel, or its trouble told as `unwatched`;
    /// also when ``run()`` has ended or the task is cancelled.
    ///
    /// The channels hold little: someone must read them meanwhile.
    package func ready() async {
        await readiness.wait()
    }

    /// How long the folder's thread has been at its present step, which takes moments where the file system answers.
    package func silence(of folder: String) -> Duration {
        pulses[folder]?.silence ?? .zero
    }

    /// Asks for a pass over all folders; each ends with `scanned`.
    package func rescan() {
        for inbox in inboxes { inbox.askRescan() }
    }

    /// Asks for a pass over the folder of that name.
    package func rescan(_ folder: String) {
        for (known, inbox) in zip(folders, inboxes) where known.name == folder { inbox.askRescan() }
    }

    /// Watches until graceful shutdown or cancellation. Throws if the system has no descriptor or thread to spare.
    ///
    /// A thread whose file system hangs is left behind at the end: it ends by itself when it is answered.
    package func run() async throws {
        defer {
            finishEvents()
            readiness.open()
        }
        let end = try WakeUp()
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await runThreads(until: end)
        } onCancelOrGracefulShutdown: { [self] in
            stop(end)
        }
    }

    private func runThreads(until end: WakeUp) async throws {
        let (reader, trouble) = openReader(until: end)
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let reader {
                group.addTask { try await OwnThread.run(named: "inotify") { reader.drain() } }
                let mounts = MountReader(routes: reader.routes, end: end, logger: logger)
                group.addTask { try await OwnThread.run(named: "mounts") { mounts.run() } }
            }
            for (folder, inbox) in zip(folders, inboxes) {
                group.addTask { [self] in
                    try await OwnThread.run(named: "watch \(folder.name)", until: abandonment) { [self] in
                        watch(folder, inbox, reader?.routes, trouble)
                    }
                }
            }
            while let result = await group.nextResult() {
                guard case .failure(let error) = result else { continue }
                stop(end)
                throw error
            }
        }
    }

    private func watch(_ folder: WatchedFolder, _ inbox: Inbox, _ routes: WatchRoutes?, _ trouble: String?) {
        guard let channel = events[folder.name] else { return }
        var watcher = FolderWatcher(
            folder: folder,
            options: options,
            routes: routes,
            inbox: inbox,
            channel: channel,
            readiness: readiness,
            pulse: pulses[folder.name] ?? Pulse(),
            logger: logger
        )
        if let trouble { watcher.tellUnwatched(at: folder.path, trouble) }
        watcher.run()
    }

    /// The reader, or why there is none.
    private func openReader(until end: WakeUp) -> (InotifyReader?, trouble: String?) {
        do throws(Errno) {
            let inotify = try openInotify()
            let routes = WatchRoutes(inotify, inboxes: inboxes)
            return (InotifyReader(inotify: inotify, routes: routes, end: end, logger: logger), nil)
        } catch {
            let limit = InotifyLimit.instances
            let trouble =
                "no inotify instance to be had (\(error)): all is looked at every \(options.pollInterval) instead; "
                + limit.advice(current: limit.current())
            return (nil, trouble)
        }
    }

    private func stop(_ end: WakeUp) {
        for inbox in inboxes { inbox.stop() }
        end.signal()
        finishEvents()
        abandonment.come(after: Self.grace)
    }

    private func finishEvents() {
        for channel in events.values { channel.finish() }
    }
}
