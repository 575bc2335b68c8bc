import Logging
import ServiceLifecycle
import SystemPackage

/// Watches folders: tells at first all files that are there, and from then on what happens to them.
///
///                     ┌─▶ Inbox ─▶ FolderWatcher ─┐
///     InotifyReader ──┤   (one thread each)       ├─▶ EventChannel ─▶ events
///     (one thread)    └─▶ Inbox ─▶ FolderWatcher ─┘
///
/// The reader drains the kernel's queue and never waits. An inbox that is full drops, and its folder is scanned again.
/// The channel is bounded and blocks the folder threads, so the pace is the consumer's, and memory stays flat.
package final class Watcher: Service {
    /// Batches of at most about 512 events, in order for each folder; for one consumer. Ends when ``run()`` does.
    package let events: EventChannel

    let folders: [WatchedFolder]
    private let options: WatchOptions
    private let logger: Logger
    private let inboxes: [Inbox]
    private let readiness: Readiness
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
        events = EventChannel(bound: channelBound)
        self.folders = folders
        self.options = options
        self.logger = logger
        self.openInotify = openInotify
        inboxes = folders.map { _ in Inbox(bound: options.rawQueueBound) }
        readiness = Readiness(count: folders.count)
    }

    /// Returns once each folder is watched and its first scan is in the channel, or its trouble told as `unwatched`;
    /// also when ``run()`` has ended or the task is cancelled.
    ///
    /// The channel holds little: someone must read it meanwhile.
    package func ready() async {
        await readiness.wait()
    }

    /// Asks for a pass over all folders; each ends with `scanned`.
    package func rescan() {
        for inbox in inboxes { inbox.askRescan() }
    }

    /// Watches until graceful shutdown or cancellation. Throws if the system has no descriptor or thread to spare.
    package func run() async throws {
        defer {
            events.finish()
            readiness.openForGood()
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
            }
            for (folder, inbox) in zip(folders, inboxes) {
                group.addTask { [self] in
                    try await OwnThread.run(named: "watch \(folder.name)") { [self] in
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
        var watcher = FolderWatcher(
            folder: folder,
            options: options,
            routes: routes,
            inbox: inbox,
            channel: events,
            readiness: readiness,
            logger: logger
        )
        if let trouble { watcher.tellUnwatched(trouble) }
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
        events.finish()
    }
}
