import Logging
import SystemPackage
import Testing
import Threads

@testable import Watch

/// What happens between two looks, one step at a time on the test's own thread.
@Suite(.timeLimit(.minutes(5)))
struct FolderWatcherPollTests {
    let folder: TemporaryFolder
    let outside: TemporaryFolder
    private let inbox = Inbox(bound: 100)
    private let reports = Monitor([WatchReport]())
    private var path: FilePath { folder.path }

    init() throws {
        folder = try TemporaryFolder()
        outside = try TemporaryFolder()
    }

    /// A watcher that has made its first pass, and what was told of it.
    private func scanned(
        _ options: WatchOptions = WatchOptions(),
        routes: WatchRoutes? = nil,
        trust: EventTrust? = nil
    ) -> (watcher: FolderWatcher, knowledge: WatchSession.Knowledge) {
        var watcher = FolderWatcher(
            folder: folder.watched(options),
            routes: routes,
            trust: trust,
            inbox: inbox,
            channel: EventChannel(bound: 1),
            readiness: Latch(["in"]),
            report: { [reports] report in reports.change { $0.append(report) } },
            logger: Logger(label: "test") { _ in WatchSession.quiet() }
        )
        var knowledge = WatchSession.Knowledge(roots: ["in": folder.path])
        watcher.checkRoot()
        walk(&watcher)
        watcher.endScanIfDone()
        learn(&knowledge, from: &watcher)
        return (watcher, knowledge)
    }

    private func walk(_ watcher: inout FolderWatcher) {
        while !watcher.walk.isIdle { watcher.walkOn() }
    }

    private func learn(_ knowledge: inout WatchSession.Knowledge, from watcher: inout FolderWatcher) {
        for event in watcher.batch.drain() { knowledge.learn(event) }
    }

    @Test func `each scan is reported with its cause, and lost events are`() throws {
        var (watcher, _) = scanned()
        #expect(reports.read { $0 } == [.scanBegun(folder: "in", .arrival)])

        watcher.handle(Inbox.Mail(overflowed: true))
        // Another one is asked for while that one walks. It follows, and is reported then.
        watcher.handle(Inbox.Mail(rescanAsked: true))
        walk(&watcher)
        #expect(
            reports.read { $0 }.dropFirst() == [.overflowed(folder: "in"), .scanBegun(folder: "in", .overflow)]
        )

        watcher.endScanIfDone()
        #expect(reports.read { $0.last } == .scanBegun(folder: "in", .asked))
    }

    @Test func `a file that takes the name of a directory stays known`() throws {
        try Disk.makeDirectory(path.appending("a"))
        try Disk.write(to: path.appending("a/1.mp4"))
        var (watcher, knowledge) = scanned()

        try Disk.removeAll(path.appending("a"))
        try Disk.write(to: path.appending("a"))
        watcher.poll(watcher.tree.root)
        walk(&watcher)

        learn(&knowledge, from: &watcher)
        #expect(knowledge.files == [path.appending("a")])
    }

    @Test func `a directory that was away when it was to be read is read when it is back`() throws {
        var (watcher, knowledge) = scanned()
        try Disk.makeDirectory(path.appending("a"))
        try Disk.write(to: path.appending("a/1.mp4"))
        watcher.poll(watcher.tree.root)

        try Disk.rename(path.appending("a"), to: outside.path.appending("a"))
        walk(&watcher)
        try Disk.rename(outside.path.appending("a"), to: path.appending("a"))
        watcher.poll(watcher.tree.root)
        walk(&watcher)

        learn(&knowledge, from: &watcher)
        #expect(knowledge.files == [path.appending("a/1.mp4")])
    }

    @Test func `what left a polled directory is told when it is read again`() throws {
        try Disk.makeDirectories(path.appending("a/b"))
        try Disk.write(to: path.appending("a/1.mp4"))
        try Disk.write(to: path.appending("a/b/2.mp4"))
        var (watcher, knowledge) = scanned()
        let a = try #require(watcher.tree.child("a", of: watcher.tree.root))

        try Disk.remove(path.appending("a/1.mp4"))
        try Disk.removeAll(path.appending("a/b"))
        watcher.walk.add(a)
        walk(&watcher)

        learn(&knowledge, from: &watcher)
        #expect(knowledge.files.isEmpty)
    }

    @Test func `a directory that was away between two looks has its files told once more`() throws {
        try Disk.makeDirectories(path.appending("a/b"))
        let file = path.appending("a/b/1.mp4")
        try Disk.write(to: file)
        try Disk.settle()
        var (watcher, _) = scanned()
        let a = try #require(watcher.tree.child("a", of: watcher.tree.root))

        // Whoever looks at the file meanwhile finds it gone.
        try Disk.rename(path.appending("a"), to: outside.path.appending("a"))
        try Disk.rename(outside.path.appending("a"), to: path.appending("a"))
        watcher.poll(watcher.tree.root)
        watcher.poll(a)
        walk(&watcher)

        #expect(watcher.batch.drain() == [.found(file, try FileStatus.of(file).version, folder: "in")])
    }

    @Test func `after a directory has left, the end of the looks at those that came is told`() throws {
        try Disk.makeDirectory(path.appending("a"))
        try Disk.write(to: path.appending("a/1.mp4"))
        try Disk.settle()
        var (watcher, _) = scanned()

        try Disk.rename(path.appending("a"), to: path.appending("c"))
        watcher.poll(watcher.tree.root)
        watcher.endScanIfDone()
        walk(&watcher)
        repeat { watcher.endScanIfDone() } while watcher.walkedIsDue != nil
        watcher.endScanIfDone()

        let version = try FileStatus.of(path.appending("c/1.mp4")).version
        #expect(
            watcher.batch.drain() == [
                .goneBelow(path.appending("a"), folder: "in"),
                .found(path.appending("c/1.mp4"), version, folder: "in"),
                .walked(folder: "in"),
            ]
        )
    }

    @Test func `what comes into a directory, or beside one, has nothing else told once more`() throws {
        try Disk.makeDirectories(path.appending("a/b"))
        try Disk.write(to: path.appending("a/b/1.mp4"))
        try Disk.settle()
        var (watcher, _) = scanned()
        let a = try #require(watcher.tree.child("a", of: watcher.tree.root))
        let b = try #require(watcher.tree.child("b", of: a))

        try Disk.write(to: path.appending("a/2.mp4"))
        for id in [watcher.tree.root, a, b] { watcher.poll(id) }
        #expect(watcher.walk.isIdle)
        try Disk.settle()
        for id in [watcher.tree.root, a, b] { watcher.poll(id) }
        try Disk.write(to: path.appending("3.mp4"))
        for id in [watcher.tree.root, a, b] { watcher.poll(id) }

        #expect(watcher.walk.isIdle)
        var knowledge = WatchSession.Knowledge(roots: ["in": path])
        learn(&knowledge, from: &watcher)
        #expect(knowledge.files == [path.appending("a/2.mp4"), path.appending("3.mp4")])
    }

    @Test func `a file that had just changed at a look is told once more by the next one`() throws {
        try Disk.settle()
        var (watcher, _) = scanned()
        let file = path.appending("1.mp4")
        try Disk.write(to: file)
        watcher.poll(watcher.tree.root)
        #expect(watcher.batch.drain().count == 1)

        try Disk.settle()
        watcher.poll(watcher.tree.root)
        #expect(watcher.batch.drain() == [.found(file, try FileStatus.of(file).version, folder: "in")])
        watcher.poll(watcher.tree.root)
        #expect(watcher.batch.drain().isEmpty)
    }

    @Test func `where the canary hears nothing all is polled, and its cause told once`() throws {
        try Disk.makeDirectory(path.appending("a"))
        let routes = WatchRoutes(try Inotify(), inboxes: [inbox])
        let trust = EventTrust(mode: .auto, canary: CanaryTests.deaf) { _ in .uncertain("strangefs") }
        var (watcher, knowledge) = scanned(routes: routes, trust: trust)

        #expect(watcher.tree.watchCount == 0 && watcher.tree.polled.count == 2)
        #expect(watcher.tree.pollCauses == [.unheard("strangefs"): 2])
        #expect(knowledge.reasons.count == 1)
        let words = "inotify told nothing of strangefs within 5 s; if that is right, set watch: poll"
        #expect(knowledge.reasons.first?.contains(words) == true)

        try Disk.write(to: path.appending("a/1.mp4"))
        let a = try #require(watcher.tree.child("a", of: watcher.tree.root))
        watcher.poll(a)
        learn(&knowledge, from: &watcher)
        #expect(knowledge.files == [path.appending("a/1.mp4")])
    }

    @Test func `a watched directory stays watched while the canary lacks inotify, and a new one is watched`() throws {
        try Disk.makeDirectory(path.appending("a"))
        let routes = WatchRoutes(try Inotify(), inboxes: [inbox])
        let (failure, unknown) = (Monitor<Errno?>(nil), { (_: FileDescriptor) in FileSystemKind.uncertain("x") })
        let canary = Canary { () throws(Errno) in
            if let error = failure.read({ $0 }) { throw error }
            return try Inotify()
        }
        var (watcher, knowledge) = scanned(
            routes: routes,
            trust: EventTrust(mode: .auto, canary: canary, kind: unknown)
        )
        #expect(watcher.tree.watchCount == 2)

        failure.change { $0 = .tooManyOpenFiles }
        try Disk.makeDirectory(path.appending("b"))
        watcher.beginScan(.schedule)
        walk(&watcher)
        learn(&knowledge, from: &watcher)

        #expect(watcher.tree.watchCount == 3 && watcher.tree.polled.isEmpty)
        #expect(watcher.tree.pollCauses.isEmpty && knowledge.reasons.isEmpty)
    }

    @Test func `a scan forgets the causes that are no more`() throws {
        let routes = WatchRoutes(try Inotify(), inboxes: [inbox])
        var (watcher, _) = scanned(WatchOptions(maximumWatches: 0), routes: routes)
        #expect(watcher.tree.pollCauses == [.tooFewWatches: 1])

        watcher.trust = EventTrust(mode: .auto) { _ in .silent("NFS") }
        watcher.beginScan(.asked)
        walk(&watcher)
        watcher.endScanIfDone()

        #expect(watcher.tree.pollCauses == [.fileSystem("NFS"): 1])
    }

    @Test func `inotify is relied on where the configuration wants that, and what gets no watch is polled`() throws {
        try Disk.makeDirectory(path.appending("a"))
        let routes = WatchRoutes(try Inotify(), inboxes: [inbox])
        let trust = EventTrust(mode: .inotify, canary: CanaryTests.deaf) { _ in .silent("NFS") }
        let options = WatchOptions(mode: .inotify, maximumWatches: 1)
        let (watcher, _) = scanned(options, routes: routes, trust: trust)

        #expect(watcher.tree.watchCount == 1 && watcher.tree.polled.count == 1)
        #expect(watcher.tree.pollCauses == [.tooFewWatches: 1] && watcher.trusted == ["NFS"])
    }

    @Test func `nothing is watched below a polled directory, nor what was polled until the next pass`() throws {
        try Disk.makeDirectories(path.appending("a/sub"))
        try Disk.makeDirectories(path.appending("b/sub"))
        let inotify = try Inotify()
        let routes = WatchRoutes(inotify, inboxes: [inbox])
        var (watcher, _) = scanned(WatchOptions(maximumWatches: 2), routes: routes)
        let root = watcher.tree.root
        let children = [watcher.tree.child("a", of: root), watcher.tree.child("b", of: root)].compactMap { $0 }
        let watched = try #require(children.first { watcher.tree.isWatched($0) })
        let polled = try #require(children.first { !watcher.tree.isWatched($0) })
        let sub = try #require(watcher.tree.child("sub", of: polled))
        watcher.unwatch(watcher.tree.remove(watched))
        watcher.scan.end()

        watcher.walk.add(polled)
        watcher.walk.add(sub)
        walk(&watcher)
        #expect(watcher.tree.watchCount == 1)

        watcher.beginScan(.asked)
        walk(&watcher)
        #expect(watcher.tree.watchCount == 2)
    }
}
