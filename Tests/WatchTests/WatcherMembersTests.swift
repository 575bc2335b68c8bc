import Logging
import SystemPackage
import Testing

@testable import Watch

/// Folders that come and go while the others are watched.
@Suite(.timeLimit(.minutes(5)))
struct WatcherMembersTests {
    private let first: TemporaryFolder
    private let second: TemporaryFolder

    init() throws {
        first = try TemporaryFolder()
        second = try TemporaryFolder()
    }

    private func watcher(_ folders: [WatchedFolder]) -> Watcher {
        Watcher(folders: folders, logger: Logger(label: "test") { _ in WatchSession.quiet() })
    }

    /// The next batches until one holds this event.
    private func wait(for event: WatchEvent, _ batches: inout EventChannel.Iterator) async {
        while let batch = await batches.next(), !batch.contains(event) {}
    }

    private func found(_ path: FilePath, _ folder: String) throws -> WatchEvent {
        .found(path, try FileStatus.of(path).version, folder: folder)
    }

    @Test func `one that joins is looked through and watched, while another goes on`() async throws {
        let file = second.path.appending("a.mp4")
        try Disk.write(to: file)
        try await WatchSession.run(watcher([first.watched()])) { session in
            try await session.until("the first scan") { $0.scans > 0 }
            let scans = session.knowledge.scans
            var events = session.watcher.join(WatchedFolder(name: "second", path: second.path)).makeAsyncIterator()
            let isFound = try found(file, "second")
            await wait(for: isFound, &events)
            await session.watcher.ready()

            try Disk.write(to: second.path.appending("b.mp4"))
            await wait(for: .changed(second.path.appending("b.mp4"), folder: "second"), &events)
            try Disk.write(to: first.path.appending("c.mp4"))
            try await session.until(.changed(first.path.appending("c.mp4"), folder: "in"))
            #expect(session.knowledge.scans == scans, "the other one was looked through anew")
        }
    }

    @Test func `one that leaves is told of no more, and its name may join again`() async throws {
        try await WatchSession.run(watcher([first.watched()])) { session in
            let watcher = session.watcher
            var events = watcher.join(WatchedFolder(name: "second", path: second.path)).makeAsyncIterator()
            await wait(for: .scanned(folder: "second"), &events)

            await watcher.leave("second")
            try Disk.write(to: second.path.appending("a.mp4"))
            #expect(await events.next() == nil)
            await watcher.ready()

            var again = watcher.join(WatchedFolder(name: "second", path: second.path)).makeAsyncIterator()
            let isFound = try found(second.path.appending("a.mp4"), "second")
            await wait(for: isFound, &again)
            try Disk.write(to: first.path.appending("b.mp4"))
            try await session.until(.changed(first.path.appending("b.mp4"), folder: "in"))
        }
    }

    @Test func `one that lies in another is not watched, takes no watch from it, and has its turn after it`()
        async throws
    {
        try Disk.makeDirectories(first.path.appending("sub"))
        try await WatchSession.run(watcher([first.watched()])) { session in
            let inner = WatchedFolder(name: "inner", path: first.path.appending("sub"))
            var events = session.watcher.join(inner).makeAsyncIterator()
            await wait(for: .scannedInPart(folder: "inner"), &events)
            await session.watcher.leave("inner")
            try Disk.write(to: first.path.appending("sub/a.mp4"))
            try await session.until(.changed(first.path.appending("sub/a.mp4"), folder: "in"))

            await session.watcher.leave("in")
            var again = session.watcher.join(inner).makeAsyncIterator()
            await wait(for: .scanned(folder: "inner"), &again)
        }
    }

    @Test func `one whose events nobody takes leaves all the same`() async throws {
        for number in 0..<2000 { try Disk.write("", to: second.path.appending("\(number)")) }
        let watcher = Watcher(
            folders: [],
            logger: Logger(label: "test") { _ in WatchSession.quiet() },
            channelBound: 1
        ) { () throws(Errno) in try Inotify() }
        try await WatchSession.run(watcher) { session in
            var events = session.watcher.join(WatchedFolder(name: "second", path: second.path)).makeAsyncIterator()
            #expect(await events.next()?.isEmpty == false)

            await session.watcher.leave("second")
        }
    }

    @Test func `who joins when all is over gets no event, and who leaves waits for nothing`() async throws {
        let watcher = watcher([first.watched()])
        try await WatchSession.run(watcher) { _ in }

        var events = watcher.join(WatchedFolder(name: "second", path: second.path)).makeAsyncIterator()
        #expect(await events.next() == nil)
        await watcher.leave("second")
        await watcher.leave("in")
    }
}
