import Glibc
import Logging
import ServiceLifecycle
import SystemPackage
import Testing

@testable import Watch

@Suite(.timeLimit(.minutes(5)))
struct WatcherTests {
    let folder: TemporaryFolder
    var path: FilePath { folder.path }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `files that are there already are found, with their version, before it is ready`() async throws {
        try Disk.makeDirectories(path.appending("a/b"))
        try Disk.write("12345", to: path.appending("a/b/c.mp4"))
        let version = try FileStatus.of(path.appending("a/b/c.mp4")).version

        try await WatchSession.run(folder.watched()) { session in
            try await session.until(.scanned(folder: "in"))
            #expect(
                session.knowledge.events == [
                    .scanning(folder: "in"), .found(path.appending("a/b/c.mp4"), version, folder: "in"),
                    .scanned(folder: "in"),
                ]
            )
        }
    }

    @Test func `a file that is written is told as changed`() async throws {
        try await WatchSession.run(folder.watched()) { session in
            try Disk.write(to: path.appending("new.png"))

            try await session.until(.changed(path.appending("new.png"), folder: "in"))
        }
    }

    @Test func `new permissions are told as changed`() async throws {
        try Disk.write(to: path.appending("a.png"))
        try await WatchSession.run(folder.watched()) { session in
            #expect(path.appending("a.png").withPlatformString { chmod($0, 0o644) } == 0)

            try await session.until(.changed(path.appending("a.png"), folder: "in"))
        }
    }

    @Test func `a deleted file is gone`() async throws {
        try Disk.write(to: path.appending("a.png"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.remove(path.appending("a.png"))

            try await session.until(.gone(path.appending("a.png"), folder: "in"))
        }
    }

    @Test func `a rename tells the old name as gone and the new one as renamed into`() async throws {
        try Disk.write(to: path.appending("a.png"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.rename(path.appending("a.png"), to: path.appending("b.png"))

            try await session.until(.renamedInto(path.appending("b.png"), folder: "in"))
            #expect(session.knowledge.events.contains(.gone(path.appending("a.png"), folder: "in")))
        }
    }

    @Test func `an ignored name is heard of only when it is renamed to one that counts`() async throws {
        try await WatchSession.run(folder.watched()) { session in
            try Disk.write(to: path.appending("a.mp4.part"))
            try Disk.makeDirectory(path.appending(".hidden"))
            try Disk.write(to: path.appending(".hidden/b.mp4"))
            try Disk.rename(path.appending("a.mp4.part"), to: path.appending("a.mp4"))

            try await session.until(.renamedInto(path.appending("a.mp4"), folder: "in"))
            #expect(session.knowledge.events.count == 3, "the two of the scan, and this one")
        }
    }

    @Test func `a folder that is not recursive tells only of the files directly in it`() async throws {
        try Disk.makeDirectory(path.appending("old"))
        try Disk.write(to: path.appending("old/a.mp4"))
        try await WatchSession.run(folder.watched(recursive: false)) { session in
            try Disk.makeDirectory(path.appending("new"))
            try Disk.write(to: path.appending("new/a.mp4"))
            try Disk.write(to: path.appending("old/b.mp4"))
            try Disk.removeAll(path.appending("new"))
            try Disk.write(to: path.appending("top.mp4"))

            try await session.until(.changed(path.appending("top.mp4"), folder: "in"))
            let top = WatchEvent.changed(path.appending("top.mp4"), folder: "in")
            let ofScan: [WatchEvent] = [.scanning(folder: "in"), .scanned(folder: "in")]
            #expect(session.knowledge.events.allSatisfy { $0 == top || ofScan.contains($0) })
        }
    }

    @Test func `links, FIFOs and what a link leads to are passed over`() async throws {
        let outside = try TemporaryFolder()
        try Disk.write(to: outside.path.appending("secret.mp4"))
        try Disk.link(path.appending("before"), to: outside.path)
        try Disk.link(path.appending("loop"), to: path)
        try await WatchSession.run(folder.watched()) { session in
            try Disk.link(path.appending("after"), to: outside.path)
            try Disk.link(path.appending("file.mp4"), to: outside.path.appending("secret.mp4"))
            try Disk.makeFIFO(path.appending("fifo"))
            try Disk.write(to: outside.path.appending("another.mp4"))
            try Disk.write(to: path.appending("real.mp4"))

            try await session.until(.changed(path.appending("real.mp4"), folder: "in"))
            #expect(session.knowledge.files == [path.appending("real.mp4")])
        }
    }

    @Test func `a file that a link is renamed over is gone`() async throws {
        try Disk.write(to: path.appending("a.mp4"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.link(path.appending("link"), to: "/dev/null")
            try Disk.rename(path.appending("link"), to: path.appending("a.mp4"))

            try await session.until(.gone(path.appending("a.mp4"), folder: "in"))
        }
    }

    @Test func `names are bytes: not UTF-8, with a newline, 255 long`() async throws {
        let broken = FilePath(platformString: [-1, -2, 0x0A, 0x61, 0])
        let long = FilePath(String(repeating: "n", count: 255))
        let directory = FilePath(platformString: [-61, 0x28, 0])
        try Disk.write(to: path.appending(broken.components))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.write(to: path.appending(long.components))
            try Disk.makeDirectory(path.appending(directory.components))
            try Disk.write(to: path.appending(directory.components).appending(broken.components))

            try await session.untilKnown([
                path.appending(broken.components), path.appending(long.components),
                path.appending(directory.components).appending(broken.components),
            ])
        }
    }

    @Test func `directories that appear while files are put in them lose none`() async throws {
        try await WatchSession.run(folder.watched()) { session in
            var files: Set<FilePath> = []
            for number in 0..<100 {
                let directory = path.appending("a\(number)/b/c")
                try Disk.makeDirectories(directory)
                for name in ["1.mp4", "2.mp4", "3.mp4"] {
                    try Disk.write(to: directory.appending(name))
                    files.insert(directory.appending(name))
                }
            }

            try await session.untilKnown(files)
        }
    }

    @Test func `events past the bound lead to a scan and lose no file`() async throws {
        var options = WatchOptions()
        options.rawQueueBound = 1
        try await WatchSession.run(folder.watched(), options) { session in
            var files: Set<FilePath> = []
            for number in 0..<500 {
                let file = path.appending("\(number).mp4")
                try Disk.write(to: file)
                files.insert(file)
            }

            try await session.untilKnown(files)
            try await session.until("a scan after the first") { $0.scans > 1 }
        }
    }

    @Test func `a rescan on demand finds all files again`() async throws {
        try Disk.write(to: path.appending("a.mp4"))
        let version = try FileStatus.of(path.appending("a.mp4")).version
        try await WatchSession.run(folder.watched()) { session in
            session.watcher.rescan()

            try await session.until("two scans") { $0.scans == 2 }
            let found = WatchEvent.found(path.appending("a.mp4"), version, folder: "in")
            #expect(session.knowledge.events.count { $0 == found } == 2)
        }
    }

    @Test func `the safety scan comes by itself`() async throws {
        try await WatchSession.run(folder.watched(), WatchOptions(rescanInterval: .milliseconds(20))) { session in
            try await session.until("three scans") { $0.scans >= 3 }
        }
    }

    @Test func `folders share one inotify, and a directory that moves between them keeps its watch`() async throws {
        let other = try TemporaryFolder()
        try Disk.makeDirectory(path.appending("sub"))
        let (from, to) = (path.appending("sub"), other.path.appending("sub"))
        try await WatchSession.run(watcher([folder.watched(), WatchedFolder(name: "other", path: other.path)])) {
            session in
            try Disk.rename(from, to: to)
            try Disk.write(to: to.appending("a.mp4"))
            try await session.untilKnown([to.appending("a.mp4")])

            try Disk.write(to: path.appending("b.mp4"))
            try Disk.write(to: to.appending("c.mp4"))
            try await session.until(.changed(path.appending("b.mp4"), folder: "in"))
            try await session.until(.changed(to.appending("c.mp4"), folder: "other"))
        }
    }

    @Test func `it ends at once, though nobody reads its events`() async throws {
        for number in 0..<2000 { try Disk.write("", to: path.appending("\(number)")) }
        let watcher = Watcher(
            folders: [folder.watched()],
            logger: Logger(label: "test") { _ in WatchSession.quiet() },
            channelBound: 1
        ) { () throws(Errno) in try Inotify() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            var events = try #require(watcher.events["in"]).makeAsyncIterator()
            #expect(await events.next()?.isEmpty == false)
            group.cancelAll()
            try await group.waitForAll()
        }
        await watcher.ready()
    }

    @Test func `a folder whose events nobody takes holds up no other`() async throws {
        let stuck = try TemporaryFolder()
        for number in 0..<2000 { try Disk.write(to: stuck.path.appending("\(number).mp4")) }
        let watcher = Watcher(
            folders: [WatchedFolder(name: "stuck", path: stuck.path), folder.watched()],
            logger: Logger(label: "test") { _ in WatchSession.quiet() },
            channelBound: 1
        ) { () throws(Errno) in try Inotify() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watcher.run() }
            var events = try #require(watcher.events["in"]).makeAsyncIterator()
            #expect(await events.next() == [.scanning(folder: "in")])
            #expect(await events.next() == [.scanned(folder: "in")])

            try Disk.write(to: folder.path.appending("a.mp4"))
            #expect(await events.next() == [.changed(folder.path.appending("a.mp4"), folder: "in")])
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `a graceful shutdown ends it, and its events with it`() async throws {
        let watcher = watcher([folder.watched()])
        let group = ServiceGroup(services: [watcher], logger: Logger(label: "test") { _ in WatchSession.quiet() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var events = try #require(watcher.events["in"]).makeAsyncIterator()
            #expect(await events.next() == [.scanning(folder: "in")])
            #expect(await events.next() == [.scanned(folder: "in")])
            await watcher.ready()

            await group.triggerGracefulShutdown()

            #expect(await events.next() == nil)
            try await tasks.waitForAll()
        }
    }

    private func watcher(_ folders: [WatchedFolder]) -> Watcher {
        Watcher(folders: folders, logger: Logger(label: "test") { _ in WatchSession.quiet() })
    }
}
