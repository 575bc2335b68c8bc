import Logging
import SystemPackage
import Testing

@testable import Watch

/// The folder itself goes away, comes back, or is another one.
@Suite(.timeLimit(.minutes(5)), .serialized)
struct WatcherRootTests {
    let parent: TemporaryFolder
    var root: FilePath { parent.path.appending("in") }
    var folder: WatchedFolder { WatchedFolder(name: "in", path: root) }

    init() throws {
        parent = try TemporaryFolder()
    }

    /// How a folder is watched, or polled, with short intervals: the rule is the same.
    static let ways = [
        WatchOptions(pollInterval: .milliseconds(10), rootInterval: .milliseconds(10)),
        WatchOptions(mode: .poll, pollInterval: .milliseconds(10), rootInterval: .milliseconds(10)),
    ]

    @Test(arguments: ways)
    func `a folder that is missing is told, and watched once it is there`(options: WatchOptions) async throws {
        try await WatchSession.run(folder, options) { session in
            try await session.until("missing") { $0.reasons.contains { $0.contains("No such file or directory") } }
            try await session.until(.scannedInPart(folder: "in"))

            try Disk.makeDirectory(root)
            try Disk.write(to: root.appending("a.mp4"))
            try await session.untilKnown([root.appending("a.mp4")])
            try await session.until(.scanned(folder: "in"))
        }
    }

    private func watcher(_ folders: [WatchedFolder], _ options: WatchOptions) -> Watcher {
        let folders = folders.map { folder in
            var folder = folder
            folder.options = options
            return folder
        }
        return Watcher(folders: folders, logger: Logger(label: "test") { _ in WatchSession.quiet() })
    }

    @Test(arguments: ways)
    func `a folder that turns up as a part of another one is not watched`(options: WatchOptions) async throws {
        try Disk.makeDirectories(root.appending("sub"))
        try Disk.write(to: root.appending("a.mp4"))
        let late = WatchedFolder(name: "late", path: parent.path.appending("late"))
        try await WatchSession.run(watcher([folder, late], options)) { session in
            try await session.untilKnown([root.appending("a.mp4")])

            try Disk.link(late.path, to: root.appending("sub"))
            try await session.until("refused") { $0.reasons.contains { $0.contains("it lies in folder in") } }
            try Disk.write(to: root.appending("sub/b.mp4"))
            try await session.untilKnown([root.appending("a.mp4"), root.appending("sub/b.mp4")])

            // It is watched once it is a directory of its own.
            try Disk.remove(late.path)
            try Disk.makeDirectory(late.path)
            try Disk.write(to: late.path.appending("c.mp4"))
            try await session.untilKnown([
                root.appending("a.mp4"), root.appending("sub/b.mp4"), late.path.appending("c.mp4"),
            ])
        }
    }

    @Test(arguments: ways)
    func `a folder whose link leads to the same directory within another folder is not watched`(
        options: WatchOptions
    ) async throws {
        let (own, late) = (parent.path.appending("own"), parent.path.appending("late"))
        try Disk.makeDirectory(root)
        try Disk.makeDirectory(own)
        try Disk.write(to: own.appending("a.mp4"))
        try Disk.link(late, to: own)
        let folders = [folder, WatchedFolder(name: "late", path: late)]
        try await WatchSession.run(watcher(folders, options)) { session in
            try await session.untilKnown([late.appending("a.mp4")])

            // The directory keeps its inode.
            try Disk.remove(late)
            try Disk.rename(own, to: root.appending("own"))
            try Disk.link(late, to: root.appending("own"))

            try await session.until("refused") { $0.reasons.contains { $0.contains("it lies in folder in") } }
        }
    }

    @Test func `each scan tells the names with the folder's hidden prefix, and enters none of them`() async throws {
        try Disk.makeDirectories(root.appending("sub/.ours-d"))
        let names = ["sub/.ours-1.jpg", "sub/.ours-d/x.jpg", "sub/.other", "a.jpg"]
        for name in names { try Disk.write(to: root.appending(FilePath(name).components)) }
        let folder = WatchedFolder(name: "in", path: root, hiddenPrefix: ".ours-")
        try await WatchSession.run(folder) { session in
            try await session.until(.scanned(folder: "in"))

            let hidden = session.knowledge.events.compactMap { event in
                if case .hidden(let path, _) = event { path } else { nil }
            }
            #expect(Set(hidden) == [root.appending("sub/.ours-1.jpg"), root.appending("sub/.ours-d")])
            #expect(hidden.count == 2)
            #expect(session.knowledge.files == [root.appending("a.jpg")])
        }
    }

    @Test(arguments: ways)
    func `a folder that is deleted and made again is watched again`(options: WatchOptions) async throws {
        try Disk.makeDirectory(root)
        try Disk.write(to: root.appending("old.mp4"))
        try await WatchSession.run(folder, options) { session in
            try Disk.removeAll(root)
            try await session.until("lost") { !$0.reasons.isEmpty }

            try Disk.makeDirectory(root)
            try Disk.write(to: root.appending("new.mp4"))
            try await session.until("second scan") { $0.scans >= 2 }
            try await session.untilKnown([root.appending("new.mp4")])
            try Disk.write(to: root.appending("later.mp4"))
            try await session.untilKnown([root.appending("new.mp4"), root.appending("later.mp4")])
        }
    }

    @Test func `a folder that is moved away has not lost its files`() async throws {
        try Disk.makeDirectory(root)
        try Disk.write(to: root.appending("a.mp4"))
        try await WatchSession.run(folder, Self.ways[0]) { session in
            try Disk.rename(root, to: parent.path.appending("away"))
            try await session.until("lost") { !$0.reasons.isEmpty }
            #expect(session.knowledge.files == [root.appending("a.mp4")])

            try Disk.rename(parent.path.appending("away"), to: root)
            try await session.until("second scan") { $0.scans >= 2 }
            #expect(session.knowledge.files == [root.appending("a.mp4")])
        }
    }

    @Test func `another directory in its place is scanned and watched instead`() async throws {
        try Disk.makeDirectory(root)
        try Disk.write(to: root.appending("a.mp4"))
        let other = parent.path.appending("other")
        try Disk.makeDirectory(other)
        try Disk.write(to: other.appending("b.mp4"))
        try await WatchSession.run(folder, Self.ways[0]) { session in
            try Disk.rename(root, to: parent.path.appending("away"))
            try Disk.rename(other, to: root)
            try await session.until("second scan") { $0.scans >= 2 }

            try await session.untilKnown([root.appending("b.mp4")])
            try Disk.write(to: root.appending("c.mp4"))
            try await session.until(.changed(root.appending("c.mp4"), folder: "in"))
        }
    }

    @Test func `a parent that is renamed takes the folder away, though inotify does not say so`() async throws {
        let deep = WatchedFolder(name: "in", path: root.appending("x/deep"))
        try Disk.makeDirectories(deep.path)
        try await WatchSession.run(deep, Self.ways[0]) { session in
            try Disk.rename(root.appending("x"), to: root.appending("y"))

            try await session.until("lost") { !$0.reasons.isEmpty }
        }
    }

    @Test func `a file where the folder should be is told`() async throws {
        try Disk.write(to: root)
        try await WatchSession.run(folder, Self.ways[0]) { session in
            try await session.until("not a directory") { $0.reasons.contains { $0.contains("not a directory") } }
        }
    }

    @Test func `one trouble is told once, however often it is looked at`() async throws {
        try await WatchSession.run(folder, WatchOptions(pollInterval: .milliseconds(1), rootInterval: .milliseconds(1)))
        { session in
            try Disk.makeDirectory(root)
            try await session.until(.scanned(folder: "in"))

            #expect(session.knowledge.reasons.count == 1)
        }
    }

    @Test func `the folder's own path may be a link, and where it leads to is watched`() async throws {
        let real = parent.path.appending("real")
        try Disk.makeDirectory(real)
        try Disk.link(root, to: real)
        try await WatchSession.run(folder, Self.ways[0]) { session in
            try Disk.write(to: real.appending("a.mp4"))

            try await session.until(.changed(root.appending("a.mp4"), folder: "in"))
        }
    }
}
