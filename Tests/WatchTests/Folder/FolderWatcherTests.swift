import Logging
import SystemPackage
import Testing
import Threads

@testable import Watch

@Suite(.timeLimit(.minutes(5)))
struct FolderWatcherTests {
    @Test func `a pass is told as scanned only after all events until its end were handled`() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path.appending("a.mp4")
        try Disk.write(to: file)
        let version = try FileStatus.of(file).version
        let inotify = try Inotify()
        let inbox = Inbox(bound: 100)
        let routes = WatchRoutes(inotify, inboxes: [inbox])
        let channel = EventChannel(bound: 1)
        let watched = folder.watched()

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await OwnThread.run(named: "watch") {
                    var watcher = FolderWatcher(
                        folder: watched,
                        routes: routes,
                        inbox: inbox,
                        channel: channel,
                        readiness: Latch(["in"]),
                        logger: Logger(label: "test") { _ in WatchSession.quiet() }
                    )
                    watcher.run()
                }
            }
            var batches = channel.makeAsyncIterator()
            let first: [WatchEvent] = [.scanning(folder: "in"), .found(file, version, folder: "in")]
            #expect(await batches.next() == first)

            drain(inotify, into: routes)

            #expect(await batches.next() == [.scanned(folder: "in")])
            inbox.stop()
            try await group.waitForAll()
        }
    }

    @Test func `a folder whose consumer is behind is not silent`() async throws {
        let folder = try TemporaryFolder()
        let watched = folder.watched()
        let (pulse, channel) = (Pulse(), EventChannel(bound: 0))
        pulse.beat()

        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { channel.finish() }
            group.addTask {
                try await OwnThread.run(named: "watch") {
                    var watcher = FolderWatcher(
                        folder: watched,
                        routes: nil,
                        inbox: Inbox(bound: 100),
                        channel: channel,
                        readiness: Latch(["in"]),
                        pulse: pulse,
                        logger: Logger(label: "test") { _ in WatchSession.quiet() }
                    )
                    watcher.batch.append(.scanned(folder: "in"))
                    watcher.handOver()
                }
            }
            while pulse.silence > .zero {
                try Task.checkCancellation()
                await Task.yield()
            }
        }

        #expect(pulse.silence > .zero, "it has gone on")
    }

    /// What the reader's thread does, by hand: delivers what the kernel has queued.
    private func drain(_ inotify: Inotify, into routes: WatchRoutes) {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            do {
                routes.deliver(try inotify.read(into: buffer))
            } catch {
                Issue.record(error)
            }
        }
    }
}
