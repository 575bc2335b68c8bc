import Glibc
import Logging
import SystemPackage
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
}

/// mount(2) and umount2(2); each throws what the kernel says.
private enum Mount {
    static func memory(on path: FilePath) throws {
        try check(mount("tmpfs", path.string, "tmpfs", 0, nil))
    }

    static func bind(_ from: FilePath, on path: FilePath) throws {
        try check(mount(from.string, path.string, "", UInt(MS_BIND), nil))
    }

    /// A look of the watcher may keep the file system busy for a moment.
    static func unmount(_ path: FilePath, lazily: Bool = false) throws {
        for _ in 0..<1000 {
            if umount2(path.string, lazily ? Int32(MNT_DETACH) : 0) == 0 { return }
            guard errno == EBUSY else { break }
            usleep(2000)
        }
        throw Errno(rawValue: errno)
    }

    private static func check(_ result: Int32) throws {
        if result != 0 { throw Errno(rawValue: errno) }
    }
}
