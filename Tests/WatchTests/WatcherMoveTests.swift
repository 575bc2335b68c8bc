import SystemPackage
import Testing

@testable import Watch

/// Whole directories that come, go and move.
@Suite(.timeLimit(.minutes(5)))
struct WatcherMoveTests {
    let folder: TemporaryFolder
    let outside: TemporaryFolder
    var path: FilePath { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        outside = try TemporaryFolder()
    }

    @Test func `a directory that is moved in is scanned, and watched from then on`() async throws {
        try Disk.makeDirectories(outside.path.appending("d/e"))
        try Disk.write(to: outside.path.appending("d/e/a.mp4"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.rename(outside.path.appending("d"), to: path.appending("d"))
            try await session.untilKnown([path.appending("d/e/a.mp4")])

            try Disk.write(to: path.appending("d/e/b.mp4"))
            try await session.until(.changed(path.appending("d/e/b.mp4"), folder: "in"))
        }
    }

    @Test func `a directory that is moved out is gone with all in it, and not heard of again`() async throws {
        try Disk.makeDirectories(path.appending("d/e"))
        try Disk.write(to: path.appending("d/e/a.mp4"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.rename(path.appending("d"), to: outside.path.appending("d"))
            try await session.until(.goneBelow(path.appending("d"), folder: "in"))

            try Disk.write(to: outside.path.appending("d/e/b.mp4"))
            try Disk.write(to: path.appending("end.mp4"))
            try await session.until(.changed(path.appending("end.mp4"), folder: "in"))
            #expect(session.knowledge.files == [path.appending("end.mp4")])
        }
    }

    @Test func `a directory that is moved inside is gone at the old place and found at the new one`() async throws {
        try Disk.makeDirectories(path.appending("x/d/e"))
        try Disk.makeDirectory(path.appending("y"))
        try Disk.write(to: path.appending("x/d/e/a.mp4"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.rename(path.appending("x/d"), to: path.appending("y/d2"))
            try await session.until(.goneBelow(path.appending("x/d"), folder: "in"))
            try await session.untilKnown([path.appending("y/d2/e/a.mp4")])

            try Disk.write(to: path.appending("y/d2/e/b.mp4"))
            try await session.until(.changed(path.appending("y/d2/e/b.mp4"), folder: "in"))
        }
    }

    @Test func `two directories that trade places are told right`() async throws {
        try Disk.makeDirectory(path.appending("a"))
        try Disk.makeDirectory(path.appending("b"))
        try Disk.write(to: path.appending("a/of-a.mp4"))
        try Disk.write(to: path.appending("b/of-b.mp4"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.rename(path.appending("a"), to: path.appending("t"))
            try Disk.rename(path.appending("b"), to: path.appending("a"))
            try Disk.rename(path.appending("t"), to: path.appending("b"))

            try await session.untilKnown([path.appending("b/of-a.mp4"), path.appending("a/of-b.mp4")])
            try Disk.write(to: path.appending("a/new.mp4"))
            try await session.until(.changed(path.appending("a/new.mp4"), folder: "in"))
        }
    }

    @Test func `two files that are exchanged in one step are both there`() async throws {
        try Disk.makeDirectory(path.appending("d"))
        try Disk.write(to: path.appending("a.mp4"))
        try Disk.write(to: path.appending("d/b.mp4"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.exchange(path.appending("a.mp4"), with: path.appending("d/b.mp4"))
            try Disk.write(to: path.appending("end.mp4"))

            try await session.until(.changed(path.appending("end.mp4"), folder: "in"))
            #expect(
                session.knowledge.files
                    == [path.appending("a.mp4"), path.appending("d/b.mp4"), path.appending("end.mp4")]
            )
        }
    }

    @Test func `two directories that are exchanged in one step are both watched from then on`() async throws {
        try Disk.makeDirectory(path.appending("a"))
        try Disk.makeDirectory(path.appending("b"))
        try Disk.write(to: path.appending("a/of-a.mp4"))
        try Disk.write(to: path.appending("b/of-b.mp4"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.exchange(path.appending("a"), with: path.appending("b"))
            try await session.untilKnown([path.appending("b/of-a.mp4"), path.appending("a/of-b.mp4")])

            try Disk.write(to: path.appending("a/new.mp4"))
            try await session.until(.changed(path.appending("a/new.mp4"), folder: "in"))
            try Disk.write(to: path.appending("b/new.mp4"))
            try await session.until(.changed(path.appending("b/new.mp4"), folder: "in"))
        }
    }

    @Test func `a deleted tree is gone`() async throws {
        try Disk.makeDirectories(path.appending("d/e"))
        try Disk.write(to: path.appending("d/e/a.mp4"))
        try await WatchSession.run(folder.watched()) { session in
            try Disk.removeAll(path.appending("d"))

            try await session.until(.goneBelow(path.appending("d"), folder: "in"))
            #expect(session.knowledge.files.isEmpty)
        }
    }

    @Test func `a directory that is deleted and made again is watched again`() async throws {
        try Disk.makeDirectory(path.appending("d"))
        try await WatchSession.run(folder.watched()) { session in
            for round in 0..<50 {
                try Disk.removeAll(path.appending("d"))
                try Disk.makeDirectory(path.appending("d"))
                try Disk.write(to: path.appending("d/\(round).mp4"))
            }

            try await session.untilKnown([path.appending("d/49.mp4")])
        }
    }
}
