import SystemPackage
import Testing

@testable import Watch

/// `.outtrayignore` files that come, change and go while a folder is watched, or polled.
@Suite(.timeLimit(.minutes(5)))
struct WatcherIgnoringTests {
    let folder: TemporaryFolder
    var path: FilePath { folder.path }
    var rules: FilePath { path.appending(".outtrayignore") }

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let ways = [WatchOptions(), WatchOptions(mode: .poll, pollInterval: .milliseconds(5))]

    private func write(_ names: String...) throws -> Set<FilePath> {
        let paths = names.map { path.pushing(FilePath($0)) }
        for path in paths {
            try Disk.makeDirectories(path.removingLastComponent())
            try Disk.write(to: path)
        }
        return Set(paths)
    }

    /// Waits until so many directories are watched or polled. No event tells of that.
    private func untilDirectories(_ count: Int, of session: WatchSession) async throws {
        while true {
            let condition = session.watcher.condition(of: "in")
            if condition.directories + condition.polledDirectories == count { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test(arguments: ways.indices)
    func `what a file ignores is not found, in its directory and below`(way: Int) async throws {
        _ = try write("a.png", "sub/b.png", "raw/c.jpg", "sub/raw/d.jpg", "sub/deep/e.png")
        let taken = try write("a.jpg", "sub/b.jpg", "sub/deep/keep.png")
        try Disk.write("*.png\nraw/\n", to: rules)
        try Disk.write("!keep.png", to: path.appending("sub/.outtrayignore"))

        try await WatchSession.run(folder.watched(), Self.ways[way]) { session in
            try await session.untilKnown(taken)
            try await untilDirectories(3, of: session)
        }
    }

    @Test(arguments: ways.indices)
    func `a file that comes, changes, is renamed and goes counts at once`(way: Int) async throws {
        let jpeg = try write("a.jpg", "sub/b.jpg")
        let png = try write("a.png", "sub/b.png")
        try await WatchSession.run(folder.watched(), Self.ways[way]) { session in
            try await session.untilKnown(jpeg.union(png))
            func told(_ count: Int) async throws {
                try await session.until("the rules change, \(count)") { knowledge in
                    knowledge.events.count { $0 == .ignoring(folder: "in") } >= count
                }
            }

            try Disk.write("*.png", to: rules)
            try await told(1)
            let ignored = try write("c.png", "sub/c.png")
            let new = try write("c.jpg", "sub/c.jpg")
            try await session.untilKnown(jpeg.union(png).union(new), "the ignored ones have not left")

            try Disk.write("*.png\n!c.png\n", to: rules)
            try await session.untilKnown(jpeg.union(png).union(new).union(ignored))

            try Disk.rename(rules, to: path.appending("other"))
            let last = try write("sub/d.png")
            try await session.untilKnown(
                jpeg.union(png).union(new).union(ignored).union(last).union([path.appending("other")])
            )

            try Disk.write("sub/", to: path.appending("new.tmp"))
            try Disk.rename(path.appending("new.tmp"), to: rules)
            try await untilDirectories(1, of: session)
            #expect(!session.knowledge.events.contains { if case .goneBelow = $0 { true } else { false } })
            let below = try write("sub/e.jpg")
            try Disk.remove(rules)
            try await session.until("sub is back") { $0.files.isSuperset(of: below) }
        }
    }

    @Test(arguments: ways.indices)
    func `while a file cannot be read, nothing below its directory counts, and that is told`(way: Int) async throws {
        let above = try write("a.jpg")
        let held = try write("sub/b.jpg", "sub/deep/c.jpg")
        let file = path.appending("sub/.outtrayignore")
        try Disk.link(file, to: "/etc/hostname")

        try await WatchSession.run(folder.watched(), Self.ways[way]) { session in
            try await session.until("it is told") { knowledge in
                knowledge.events.contains {
                    if case .unread(let unread?, _) = $0 { unread.first == file } else { false }
                }
            }
            try await session.untilKnown(above)
            let more = try write("sub/d.jpg")
            let marker = try write("e.jpg")
            try await session.untilKnown(above.union(marker))

            let scans = session.knowledge.scans
            try Disk.remove(file)
            try await session.untilKnown(above.union(marker).union(held).union(more))
            try await session.until(.unread(nil, folder: "in"))
            try await session.until("a scan, after which files that left below are found out") { $0.scans > scans }

            // What was known before stays so.
            try Disk.makeDirectory(file)
            try await session.until("it is told again") { knowledge in
                if case .unread(.some, _)? = knowledge.events.last(where: {
                    if case .unread = $0 { true } else { false }
                }) {
                    true
                } else {
                    false
                }
            }
            #expect(session.knowledge.files == above.union(marker).union(held).union(more))
            // A polled directory is not compared while nothing in it counts.
            guard way == 0 else { return }
            for path in more { try Disk.remove(path) }
            try await session.untilKnown(above.union(marker).union(held), "what left is told")
        }
    }

    @Test(arguments: ways.indices)
    func `a marker counts whatever ignores its name, but not in a directory that is passed over`(way: Int) async throws
    {
        var watched = folder.watched(ignore: ["a.*.done"])
        watched.done = DoneSuffix(".done")
        try Disk.write("*.done\nraw/\n", to: rules)
        let first = try write("a.jpg", "a.jpg.done", "sub/b.jpg.done")
        _ = try write("raw/c.jpg.done", ".outtray.done")

        try await WatchSession.run(watched, Self.ways[way]) { session in
            try await session.untilKnown(first)
            _ = try write("raw/d.jpg.done", ".outtray2.done")
            let second = try write("e.jpg.done", "sub/f.jpg.done")
            try await session.untilKnown(first.union(second))

            try Disk.remove(path.appending("a.jpg.done"))
            try await session.untilKnown(first.union(second).subtracting([path.appending("a.jpg.done")]))
        }
    }

    @Test func `a file that is ignored by now is told when it leaves`() async throws {
        let jpeg = try write("a.jpg")
        let png = try write("a.png", "b.png", "sub/c.png")
        try await WatchSession.run(folder.watched()) { session in
            try await session.untilKnown(jpeg.union(png))
            try Disk.write("*.png\nsub\n", to: rules)
            try await session.until(.ignoring(folder: "in"))
            try await untilDirectories(1, of: session)
            try Disk.write(to: path.appending("unfinished.tmp"))

            try Disk.remove(path.appending("a.png"))
            try Disk.rename(path.appending("b.png"), to: path.appending("d.png"))
            try Disk.remove(path.appending("unfinished.tmp"))
            try Disk.rename(path.appending("sub"), to: path.appending("raw"))

            try await session.untilKnown(jpeg, "raw/c.png is ignored, too")
            #expect(!session.knowledge.events.contains(.gone(path.appending("unfinished.tmp"), folder: "in")))
        }
    }

    @Test func `in a polled directory, what leaves before it is ignored has left, and what stays has not`() async throws
    {
        let jpeg = try write("a.jpg")
        let png = try write("a.png", "b.png")
        let options = WatchOptions(mode: .poll, pollInterval: .milliseconds(300))
        try await WatchSession.run(folder.watched(), options) { session in
            try await session.untilKnown(jpeg.union(png))

            try Disk.remove(path.appending("a.png"))
            try Disk.write("*.png\n", to: rules)

            try await session.until(.ignoring(folder: "in"))
            try await session.untilKnown(jpeg.union([path.appending("b.png")]))
        }
    }

    @Test func `a directory that comes with its file is never seen without it`() async throws {
        let outside = try TemporaryFolder()
        try Disk.makeDirectory(outside.path.appending("new"))
        try Disk.write("*\n!keep.jpg", to: outside.path.appending("new/.outtrayignore"))
        for name in ["a.jpg", "keep.jpg"] { try Disk.write(to: outside.path.appending("new").appending(name)) }
        try await WatchSession.run(folder.watched()) { session in
            try Disk.rename(outside.path.appending("new"), to: path.appending("new"))

            try await session.untilKnown([path.appending("new/keep.jpg")])
        }
        #expect(try Disk.files(beneath: path).contains(path.appending("new/a.jpg")))
    }
}
