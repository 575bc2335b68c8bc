import SystemPackage
import Testing

@testable import Watch

/// The folder itself goes away, comes back, or is another one.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct WatcherRootTests {
    let parent: TemporaryFolder
    var root: FilePath { parent.path.appending("in") }
    var folder: WatchedFolder { WatchedFolder(name: "in", path: root) }

    init() throws {
        parent = try TemporaryFolder()
    }

    /// How a folder is watched, or polled, with short intervals: the rule is the same.
    static let ways = [
        WatchOptions(pollInterval: .milliseconds(10)),
        WatchOptions(pollInterval: .milliseconds(10), pollsOnly: true),
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
        try await WatchSession.run(folder, WatchOptions(pollInterval: .milliseconds(1))) { session in
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
