import Glibc
import Logging
import SystemPackage
import TestSupport
import Testing

@testable import Watch

/// File systems that are mounted and unmounted in a folder, at it and over it. Real ones.
@Suite(.timeLimit(.minutes(5)), .enabled(if: geteuid() == 0, "only root may mount"))
struct WatcherMountTests {
    let folder: TemporaryFolder
    var root: FilePath { folder.path.appending("in") }
    var stick: FilePath { root.appending("stick") }

    static let ways = [
        WatchOptions(pollInterval: .milliseconds(20), rootInterval: .milliseconds(20)),
        WatchOptions(mode: .poll, pollInterval: .milliseconds(5), rootInterval: .milliseconds(5)),
    ]

    init() throws {
        folder = try TemporaryFolder()
        try Disk.makeDirectories(folder.path.appending("in/stick"))
    }

    /// Runs `body` beside a watcher of the folder. Whatever is mounted is unmounted at the end.
    private func watching(
        _ options: WatchOptions,
        _ body: @Sendable (WatchSession) async throws -> Void
    ) async throws {
        defer {
            for path in [stick, root] { while umount2(path.string, Int32(MNT_DETACH)) == 0 {} }
        }
        try await WatchSession.run(WatchedFolder(name: "in", path: root), options, body)
    }

    private static func isLoss(_ event: WatchEvent) -> Bool {
        switch event {
        case .gone, .goneBelow: true
        default: false
        }
    }

    private func scanAfter(_ scans: Int, _ session: WatchSession) async throws {
        try await session.until("a scan after \(scans)") { $0.scans > scans }
    }

    @Test(arguments: ways)
    func `what is mounted beneath is found, and is not lost when it is unmounted`(options: WatchOptions) async throws {
        try await watching(options) { session in
            try Mount.memory(on: stick)
            try Disk.makeDirectory(stick.appending("sub"))
            let files: Set<FilePath> = [stick.appending("a.mp4"), stick.appending("sub/b.mp4")]
            for file in files { try Disk.write(to: file) }
            try await session.untilKnown(files)

            let scans = session.knowledge.scans
            try Mount.unmount(stick)
            try await scanAfter(scans, session)
            try Disk.write(to: root.appending("c.mp4"))
            try await session.until("c.mp4") { $0.files.contains(root.appending("c.mp4")) }
            #expect(!session.knowledge.events.contains(where: Self.isLoss))

            // Plugged in again, it has another device number.
            try Mount.memory(on: stick)
            try Disk.write(to: stick.appending("a.mp4"))
            try await session.until("a.mp4 again") { $0.files.contains(stick.appending("a.mp4")) }
        }
    }

    /// As udisks does with a stick, and autofs with what nobody uses.
    @Test(arguments: ways)
    func `what is unmounted is not lost when its mount point is removed`(options: WatchOptions) async throws {
        try await watching(options) { session in
            try Disk.makeDirectories(root.appending("media/card"))
            try Mount.memory(on: stick)
            try Mount.memory(on: root.appending("media/card"))
            let files: Set<FilePath> = [stick.appending("a.mp4"), root.appending("media/card/b.mp4")]
            for file in files { try Disk.write(to: file) }
            try await session.untilKnown(files)

            let scans = session.knowledge.scans
            try Mount.unmount(stick)
            try Disk.removeDirectory(stick)
            try await scanAfter(scans, session)
            try Mount.unmount(root.appending("media/card"))
            try Disk.removeAll(root.appending("media"))
            try Disk.write(to: root.appending("c.mp4"))
            try await session.until("c.mp4") { $0.files.contains(root.appending("c.mp4")) }
            try Disk.makeDirectories(root.appending("plain/deep"))
            try Disk.write(to: root.appending("plain/deep/d.mp4"))
            try await session.until("d.mp4") { $0.files.contains(root.appending("plain/deep/d.mp4")) }
            #expect(!session.knowledge.events.contains(where: Self.isLoss))

            // A directory that nothing was mounted on takes its files along.
            try Disk.removeAll(root.appending("plain"))
            try await session.until(.goneBelow(root.appending("plain"), folder: "in"))
            try Disk.makeDirectory(stick)
        }
    }

    @Test(arguments: ways)
    func `a lazy unmount, with a file held open, is one as well`(options: WatchOptions) async throws {
        try Mount.memory(on: stick)
        let file = stick.appending("a.mp4")
        try Disk.write(to: file)
        try await watching(options) { session in
            try await session.untilKnown([file])
            let held = try FileDescriptor.open(file, .readWrite)
            defer { try? held.close() }

            let scans = session.knowledge.scans
            try Mount.unmount(stick, lazily: true)
            try await scanAfter(scans, session)
            // What happens out of sight tells nothing.
            _ = try held.writeAll("more".utf8)
            try Disk.write(to: stick.appending("beneath.mp4"))
            try await session.until("the directory below") { $0.files.contains(stick.appending("beneath.mp4")) }

            #expect(!session.knowledge.events.contains(where: Self.isLoss))
        }
    }

    @Test(arguments: ways)
    func `a folder whose own file system is unmounted is not there, until it is back`(options: WatchOptions)
        async throws
    {
        try Mount.memory(on: root)
        let file = root.appending("a.mp4")
        try Disk.write(to: file)
        // So the directory below is empty.
        try Mount.unmount(root)
        try Disk.removeDirectory(stick)
        try Mount.memory(on: root)
        try Disk.write(to: file)
        try await watching(options) { session in
            try await session.untilKnown([file])

            let scans = session.knowledge.scans
            try Mount.unmount(root, lazily: true)
            try await session.until("word of it") { $0.reasons.contains { $0.contains("is not mounted") } }
            #expect(session.watcher.condition(of: "in").trouble?.contains("is not mounted") == true)
            #expect(session.knowledge.scans == scans && session.knowledge.files == [file])

            try Mount.memory(on: root)
            for name in ["a.mp4", "b.mp4"] { try Disk.write(to: root.appending(name)) }
            try await session.untilKnown([file, root.appending("b.mp4")])
            #expect(!session.knowledge.events.contains(where: Self.isLoss))
            try await session.until("the end of the trouble") { _ in
                session.watcher.condition(of: "in").trouble == nil
            }
        }
    }

    @Test(arguments: ways)
    func `files in the directory that was mounted on make it the folder`(options: WatchOptions) async throws {
        try Disk.removeDirectory(stick)
        try Mount.memory(on: root)
        try await watching(options) { session in
            try Mount.unmount(root)
            try await session.until("word of it") { $0.reasons.contains { $0.contains("is not mounted") } }

            try Disk.write(to: root.appending("a.mp4"))
            try await session.untilKnown([root.appending("a.mp4")])
        }
    }

    @Test(arguments: ways)
    func `what is mounted over a folder is watched, and what it hid after it`(options: WatchOptions) async throws {
        let other = folder.path.appending("other")
        try Disk.makeDirectory(other)
        try Disk.write(to: other.appending("o.mp4"))
        try Disk.write(to: root.appending("a.mp4"))
        try await watching(options) { session in
            try await session.untilKnown([root.appending("a.mp4")])

            try Mount.bind(other, on: root)
            try await session.until("o.mp4") { $0.files.contains(root.appending("o.mp4")) }
            try Disk.write(to: other.appending("p.mp4"))
            try await session.until("p.mp4") { $0.files.contains(root.appending("p.mp4")) }

            try Mount.unmount(root)
            try await session.untilKnown([root.appending("a.mp4")])
            #expect(!session.knowledge.events.contains(where: Self.isLoss))
        }
    }

    @Test(arguments: ways)
    func `a folder that is a bind mount of the same disk is not there when it is unmounted`(options: WatchOptions)
        async throws
    {
        let other = folder.path.appending("other")
        try Disk.makeDirectory(other)
        let file = root.appending("a.mp4")
        try Disk.write(to: other.appending("a.mp4"))
        try Disk.removeDirectory(stick)
        try Mount.bind(other, on: root)
        try await watching(options) { session in
            try await session.untilKnown([file])

            try Mount.unmount(root)
            try await session.until("word of it") { $0.reasons.contains { $0.contains("is not mounted") } }
            #expect(!session.knowledge.events.contains(where: Self.isLoss))

            try Mount.bind(other, on: root)
            try Disk.write(to: other.appending("b.mp4"))
            try await session.untilKnown([file, root.appending("b.mp4")])
        }
    }

    /// Both paths have one watch.
    @Test func `a directory that shows twice is watched at one path, and that is told once`() async throws {
        try Disk.makeDirectories(root.appending("a/deep"))
        try Disk.write(to: root.appending("a/deep/x.mp4"))
        try Mount.bind(root.appending("a"), on: stick)
        try await watching(WatchOptions()) { session in
            let scans = session.knowledge.scans
            #expect(session.knowledge.files.count == 1)
            session.watcher.rescan()
            try await scanAfter(scans, session)
            try Disk.write(to: root.appending("a/deep/y.mp4"))
            try await session.until("y.mp4") { $0.files.contains { $0.lastComponent == "y.mp4" } }

            let top = try #require(session.knowledge.files.first?.removingLastComponent().removingLastComponent())
            #expect(session.knowledge.files.allSatisfy { $0.starts(with: top) } && session.knowledge.files.count == 2)
            let other = top == stick ? root.appending("a") : stick
            let told = session.knowledge.events.filter {
                if case .unwatched(_, other, _) = $0 { true } else { false }
            }
            #expect(told.count == 1)
            #expect(
                session.knowledge.reasons == [
                    "it is the same directory as \(top), which is watched, so it is passed over here"
                ]
            )

            try Mount.unmount(stick)
            try Disk.write(to: stick.appending("z.mp4"))
            try await session.until("z.mp4") { $0.files.contains(stick.appending("z.mp4")) }
        }
    }

    @Test(.enabled(if: Mount.hasDeadFiles), arguments: ways, [false, true])
    func `a file that cannot be looked at holds up nothing but itself`(options: WatchOptions, isBelow: Bool)
        async throws
    {
        let directory = isBelow ? stick : root
        let files = ["a.mp4", "bad.mp4", "c.mp4"].map { directory.appending($0) }
        for file in files { try Disk.write(to: file) }
        try Mount.deadFile(on: files[1])
        defer { while umount2(files[1].string, Int32(MNT_DETACH)) == 0 {} }
        try await watching(options) { session in
            try await session.untilKnown([files[0], files[2]])
            let reason = "\(Errno.socketNotConnected) (at this file alone)"
            try await session.until(.unread(Unread(count: 1, first: files[1], reason: reason), folder: "in"))
            #expect(session.knowledge.scans == 0, "it is not whole")

            try Disk.write(to: directory.appending("d.mp4"))
            try await session.untilKnown([files[0], files[2], directory.appending("d.mp4")])
            try Disk.remove(files[0])
            try await session.until(.gone(files[0], folder: "in"))

            try Mount.unmount(files[1])
            session.watcher.rescan()
            try await session.until(.unread(nil, folder: "in"))
            try await session.untilKnown([files[1], files[2], directory.appending("d.mp4")])
            #expect(session.knowledge.events.filter(Self.isLoss) == [.gone(files[0], folder: "in")])
            #expect(session.knowledge.reasons == [])
        }
    }

    @Test(.enabled(if: Mount.hasDeadFiles)) func `a polled file that cannot be looked at for a while has not left`()
        async throws
    {
        let (bad, good) = (root.appending("bad.mp4"), root.appending("good.mp4"))
        try Disk.write(to: bad)
        try await watching(Self.ways[1]) { session in
            try await session.untilKnown([bad])
            try Mount.deadFile(on: bad)
            defer { while umount2(bad.string, Int32(MNT_DETACH)) == 0 {} }
            try Disk.write(to: good)
            try await session.until("word of it") {
                $0.events.contains { if case .unread(let unread?, _) = $0 { unread.first == bad } else { false } }
            }

            try await session.untilKnown([bad, good])
            #expect(!session.knowledge.events.contains(where: Self.isLoss))
        }
    }
}
