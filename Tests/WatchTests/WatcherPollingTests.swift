import Logging
import SystemPackage
import Testing

@testable import Watch

/// What happens without inotify, and with too little of it.
@Suite(.timeLimit(.minutes(5)))
struct WatcherPollingTests {
    let folder: TemporaryFolder
    var path: FilePath { folder.path }

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let polling = WatchOptions(mode: .poll, pollInterval: .milliseconds(5))

    @Test func `files that come, change and go are told by polling`() async throws {
        let file = path.appending("a.mp4")
        try await WatchSession.run(folder.watched(), Self.polling) { session in
            try Disk.write("1", to: file)
            try await session.untilKnown([file])

            try Disk.write("22", to: file)
            try await session.until(.changed(file, folder: "in"))

            try Disk.remove(file)
            try await session.until(.gone(file, folder: "in"))

            // It is what the configuration wants, so nobody is told.
            #expect(session.knowledge.reasons.isEmpty)
            let condition = session.watcher.condition(of: "in")
            #expect(condition.directories == 0 && condition.polledDirectories == 1)
            #expect(condition.pollCauses == [.configured: 1] && condition.pollInterval == .milliseconds(5))
        }
    }

    @Test func `directories that come, move and go are told by polling`() async throws {
        try await WatchSession.run(folder.watched(), Self.polling) { session in
            try Disk.makeDirectories(path.appending("a/b"))
            try Disk.write(to: path.appending("a/b/1.mp4"))
            try await session.untilKnown([path.appending("a/b/1.mp4")])

            try Disk.rename(path.appending("a"), to: path.appending("c"))
            try await session.until(.goneBelow(path.appending("a"), folder: "in"))
            try await session.untilKnown([path.appending("c/b/1.mp4")])

            try Disk.removeAll(path.appending("c"))
            try await session.untilKnown([])
        }
    }

    @Test func `without an inotify instance all is polled, and the limit named`() async throws {
        let watcher = Watcher(
            folders: [folder.watched(WatchOptions(pollInterval: .milliseconds(5)))],
            logger: Logger(label: "test") { _ in WatchSession.quiet() }
        ) { () throws(Errno) in throw .tooManyOpenFiles }
        try await WatchSession.run(watcher) { session in
            try Disk.write(to: path.appending("a.mp4"))

            try await session.untilKnown([path.appending("a.mp4")])
            #expect(session.knowledge.reasons.count == 1)
            #expect(session.knowledge.reasons.first?.contains("sysctl -w fs.inotify.max_user_instances=") == true)
        }
    }

    @Test func `past the allowed watches the rest is polled, and the limit named once`() async throws {
        let options = WatchOptions(pollInterval: .milliseconds(5), maximumWatches: 2)
        var files: Set<FilePath> = []
        for number in 0..<6 {
            try Disk.makeDirectories(path.appending("\(number)/sub"))
            files.insert(path.appending("\(number)/sub/a.mp4"))
            files.insert(path.appending("\(number)/b.mp4"))
        }
        try await WatchSession.run(folder.watched(), options) { [files] session in
            for file in files { try Disk.write(to: file) }
            try await session.untilKnown(files)

            for file in files { try Disk.remove(file) }
            try await session.untilKnown([])
            #expect(session.knowledge.reasons.count == 1)
            #expect(session.knowledge.reasons.first?.contains("sysctl -w fs.inotify.max_user_watches=") == true)
        }
    }

    @Test func `a scan that takes longer than the time between two scans ends`() async throws {
        let folder = try TemporaryFolder()
        for number in 0..<1000 { try Disk.makeDirectory(folder.path.appending("\(number)")) }
        let options = WatchOptions(mode: .poll, rescanInterval: .milliseconds(1))

        try await WatchSession.run(folder.watched(), options, waitUntilReady: false) { session in
            try await session.until("two whole scans") { $0.scans > 1 }
        }
    }
}
