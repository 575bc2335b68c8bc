import Glibc
import Ledger
import SystemPackage
import TestSupport
import Testing
import Threads
import Watch

@testable import Pipeline

/// Each test takes the steps that ``Settler/run(_:)`` would take, one by one.
@Suite(.timeLimit(.minutes(5))) struct SettlerTests {
    private let directory: TemporaryDirectory
    private let ledger: SQLiteLedger
    private let clock = ManualClock()
    private let events = RecordedEvents()
    private let settler: Settler<ManualClock>

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
        settler = Settler(
            folders: [directory.plan()],
            queue: ledger,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock,
            observer: events.observer
        )
    }

    private func step(after duration: Duration) async -> [FilePath] {
        clock.advance(by: duration)
        let collected = Collected()
        for quiet in await settler.takeQuiet() { await settler.look(at: quiet) { collected.add($0.path) } }
        return collected.paths
    }

    private func lookAtOtherNames() async {
        while case let names = await settler.takeOtherNames(), !names.isEmpty {
            for (folder, paths) in names { await settler.look(at: paths, in: folder) }
        }
    }

    private final class Collected: Sendable {
        private let list = Mutex<[FilePath]>([])
        var paths: [FilePath] { list.withLock { $0 } }
        func add(_ path: FilePath) { list.withLock { $0.append(path) } }
    }

    private func reason(_ path: FilePath) async throws -> String? {
        let record = try await ledger.record(of: path)
        return record?.state == .settling ? record?.reason : nil
    }

    @Test func `a scan has seen what was found since it began, and nothing of an earlier one`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox")
        let found = Sight.found(FoundFiles(path, try FileStatus.of(path).version, folder: "inbox"))
        func isSeen() async -> Bool { await !settler.endScan(of: "inbox").isEmpty }

        await settler.handle([found])
        #expect(await !isSeen(), "no scan has begun")
        await settler.beginScan(of: "inbox")
        await settler.handle([found])
        #expect(await isSeen())
        #expect(await !isSeen(), "that scan has ended")

        // The scan is broken off, and the next one does not find the file.
        await settler.beginScan(of: "inbox")
        await settler.handle([found])
        await settler.beginScan(of: "inbox")
        #expect(await !isSeen())
        await settler.beginScan(of: "inbox")
        await settler.handle([found])
        await settler.begin(directory.plan())
        #expect(await !isSeen(), "another folder with the name")
    }

    @Test func `a folder that ends leaves no file behind, and one that begins takes its own on`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox")
        clock.advance(by: .seconds(2))
        // It is being looked at when its folder ends.
        let quiet = await settler.takeQuiet()
        try #require(quiet.count == 1)

        await settler.end("inbox")
        await settler.changed(try directory.write("b.jpg", "two"), folder: "inbox")
        #expect(await settler.unsettled() == 0)
        await settler.begin(directory.plan(settle: .seconds(3)))
        for file in quiet { await settler.look(at: file) { _ in Issue.record("it is another folder's") } }
        #expect(await settler.unsettled() == 0)

        await settler.changed(path, folder: "inbox")
        #expect(await step(after: .seconds(2)) == [])
        #expect(await step(after: .seconds(1)) == [path])
    }

    @Test func `a sidecar settles without a state in the ledger, and once it is noted, a scan passes over it`()
        async throws
    {
        await settler.begin(directory.plan(sidecars: ["*.txt"]))
        let path = try directory.write("a.txt", "one")
        await settler.changed(path, folder: "inbox")
        #expect(await settler.unsettled() == 1)
        #expect(try await ledger.counts() == [:])

        // It is open for writing.
        let writer = try FileDescriptor.open(path, .writeOnly)
        #expect(await step(after: .seconds(2)) == [])
        try writer.close()
        #expect(try await ledger.counts() == [:])
        #expect(await step(after: .seconds(2)) == [path])

        let found = FoundFile(folder: "inbox", path: path, version: try FileStatus.of(path).version)
        try await ledger.noteSidecar(found, at: .now())
        await settler.found([found])
        #expect(await settler.count == 0)
        try directory.write("a.txt", "another")
        await settler.found([FoundFile(folder: "inbox", path: path, version: try FileStatus.of(path).version)])
        #expect(await settler.count == 1)
        await settler.forget(path)
        #expect(await settler.count == 0)
        #expect(try await ledger.sidecars(beneath: directory.path, after: nil, limit: 9).paths == [])
    }

    @Test func `a path that is not beneath its folder is none of its files`() async throws {
        let other = try TemporaryDirectory()

        await settler.changed(try other.write("a.jpg", "one"), folder: "inbox")

        #expect(await settler.count == 0)
    }

    @Test func `a file that rests for its quiet time settles in the version it has`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox")

        #expect(await step(after: .milliseconds(1999)) == [])
        #expect(try await reason(path) == "changed recently")
        #expect(await settler.unsettled() == 1)
        // Whoever does not wait for the folder does not wait for its files.
        #expect(await settler.unsettled(except: ["inbox"]) == 0)
        #expect(await step(after: .milliseconds(1)) == [path])
        #expect(await settler.count == 0)
    }

    @Test func `a file that rests is waited for, however late its quiet time is looked at`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox")

        // A machine that stood still.
        clock.advance(by: .seconds(60))

        #expect(await settler.unsettled() == 1)
        #expect(await step(after: .zero) == [path])
    }

    @Test func `a file that has another version at the end of its quiet time waits again`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox")
        try directory.write("a.jpg", "longer")

        #expect(await step(after: .seconds(2)) == [])
        #expect(try await reason(path) == "still changing")
        #expect(await settler.unsettled() == 0)
        #expect(await settler.count == 1)
        #expect(await step(after: .seconds(2)) == [path])
    }

    @Test(.enabled(if: Kernel.givesLeases, "this file system gives no leases"))
    func `a file that somebody holds open for writing waits until it is closed, and says so`() async throws {
        let path = try directory.write("a.jpg", "one")
        let writer = try FileDescriptor.open(path, .writeOnly)
        await settler.changed(path, folder: "inbox")

        #expect(await step(after: .seconds(2)) == [])
        #expect(try await reason(path) == "held open for writing by another process")
        #expect(await step(after: .seconds(60)) == [])
        try writer.close()
        #expect(await step(after: .seconds(2)) == [path])
    }

    @Test func `a file that was renamed into place waits only the short time`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox", renamed: true)

        #expect(await step(after: .milliseconds(249)) == [])
        #expect(await step(after: .milliseconds(1)) == [path])
    }

    /// The look takes a tenth of the quiet time, or more than that.
    @Test(arguments: [(200, 0), (201, 201)])
    func `what a quick look at a changed file takes is no part of its wait`(took: Int, longer: Int) async throws {
        let (threads, hang, loops) = (FolderThreads(["inbox"]), Hang(), Loops())
        let settler = Settler(
            folders: [directory.plan()],
            threads: threads,
            queue: ledger,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock,
            observer: events.observer
        )
        let path = try directory.write("a.jpg", "one")
        await hang.take(threads["inbox"])

        await Loops.$current.withValue(loops) {
            await withTaskGroup { group in
                group.addTask {
                    await Loops.join("events").step { await settler.changed(path, folder: "inbox") }
                }
                try? await untilSo { loops.readings().values.contains(where: \.waitsForDisk) }
                clock.advance(by: .milliseconds(took))
                hang.letGo()
            }
        }

        clock.advance(by: .milliseconds(1999 - took + longer))
        #expect(await settler.takeQuiet().isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(await settler.takeQuiet().count == 1)
    }

    @Test func `a file that vanishes while it settles is noted as gone`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox")
        try directory.remove("a.jpg")

        #expect(await step(after: .seconds(2)) == [])
        #expect(try await ledger.record(of: path) == nil)
        #expect(await settler.count == 0)
    }

    @Test func `a write under one name is looked at under the others that are known, and only there`() async throws {
        let written = try directory.write("a.jpg", "one")
        for name in ["b.jpg", "c.jpg", "unknown.jpg"] {
            #expect(link(written.string, directory.at(name).string) == 0)
        }
        let known = [written, directory.at("b.jpg"), directory.at("c.jpg")]
        for path in known { await settler.changed(path, folder: "inbox") }
        for path in await step(after: .seconds(2)) {
            let file = FoundFile(folder: "inbox", path: path, version: try FileStatus.of(path).version)
            try await ledger.reject(file, Rejection(.empty, "no"), at: .now())
        }
        #expect(await settler.count == 0)
        await settler.changed(written, folder: "inbox")
        await lookAtOtherNames()
        #expect(await settler.count == 1, "nothing was written")
        #expect(await step(after: .seconds(2)) == [written])

        try directory.write("a.jpg", "other")
        await settler.changed(written, folder: "inbox")
        #expect(
            await settler.count == 1,
            "another folder's disk may hang: the others are looked at in a task of their own"
        )
        await lookAtOtherNames()

        #expect(Set(try await ledger.waiting(limit: 9).map(\.path)) == Set(known))
        #expect(Set(await step(after: .seconds(2))) == Set(known))
    }

    @Test func `each path's last word in a batch counts, whatever came before it`() async throws {
        let there = try directory.write("there.jpg", "one")
        let back = try directory.write("back.jpg", "one")
        let (left, away) = (directory.at("left.jpg"), directory.at("away.jpg"))
        let version = try FileStatus.of(there).version

        await settler.handle([
            .changed(left, folder: "inbox"), .gone(back), .changed(there, folder: "inbox"),
            .changed(back, folder: "inbox"), .changed(there, folder: "inbox"), .changed(there, folder: "other"),
            .found(FoundFile(folder: "inbox", path: away, version: version)), .gone(away),
        ])
        await settler.recordLeaving()

        #expect(Set(try await ledger.waiting(limit: 9).map(\.path)) == [there, back])
        #expect(await settler.count == 2)
        #expect(Set(await step(after: .seconds(2))) == [there, back])
    }

    @Test func `what left is recorded beside all else, and a pass waits for it`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox")

        await settler.handle([.gone(path)])

        #expect(try await ledger.record(of: path) != nil)
        #expect(await settler.unsettled() == 1)
        await settler.recordLeaving()
        #expect(try await ledger.record(of: path) == nil)
        #expect(await settler.unsettled() == 0)
    }

    @Test(arguments: [false, true])
    func `a file that is there again was dealt with in no version, though its leaving was not recorded`(
        inOneBatch: Bool
    ) async throws {
        let path = try directory.write("d/a.jpg", "one")
        let file = try directory.media("d/a.jpg")
        try await ledger.enqueue(file, at: at(1))
        let left: Sight = .goneBelow(path.removingLastComponent())
        let found: Sight = .found(FoundFile(folder: "inbox", path: path, version: file.version))

        if inOneBatch {
            await settler.handle([left, found])
        } else {
            await settler.handle([left])
            await settler.handle([found])
        }
        await settler.recordLeaving()

        #expect(await settler.count == 1)
        #expect(try await reason(path) == "changed recently")
    }

    @Test func `links, pipes and directories never settle`() async throws {
        try directory.write("real.jpg", "one")
        let link = try directory.link("link.jpg", to: "real.jpg")
        let pipe = directory.at("pipe.jpg")
        #expect(mkfifo(pipe.string, 0o600) == 0)
        let inner = try directory.makeDirectory("inner.jpg")

        for path in [link, pipe, inner] { await settler.changed(path, folder: "inbox") }

        #expect(await settler.count == 0)
        #expect(await step(after: .seconds(9)) == [])
    }

    @Test func `a file that becomes a link while it settles does not`() async throws {
        let path = try directory.write("a.jpg", "one")
        await settler.changed(path, folder: "inbox")
        try directory.remove("a.jpg")
        try directory.link("a.jpg", to: "/etc/passwd")

        #expect(await step(after: .seconds(2)) == [])
        #expect(await settler.count == 0)
    }

    @Test func `a scan passes over the version that is dealt with, and takes another one`() async throws {
        try directory.write("a.jpg", "one")
        let file = try directory.media("a.jpg")
        try await ledger.enqueue(file, at: at(1))

        await settler.found([FoundFile(folder: "inbox", path: file.path, version: file.version)])
        #expect(await settler.count == 0)

        try directory.write("a.jpg", "other bytes")
        let now = try FileStatus.of(file.path).version
        await settler.found([FoundFile(folder: "inbox", path: file.path, version: now)])
        #expect(await step(after: .seconds(2)) == [file.path])
    }

    @Test func `a second scan does not begin a file's quiet time anew`() async throws {
        let path = try directory.write("a.jpg", "one")
        let file = FoundFile(folder: "inbox", path: path, version: try FileStatus.of(path).version)
        await settler.found([file])
        clock.advance(by: .seconds(1))
        await settler.found([file])

        #expect(await step(after: .seconds(1)) == [path])
    }

    @Test func `a folder whose files are never done with holds up no other`() async throws {
        let (stuck, other) = (try TemporaryDirectory(), try TemporaryDirectory())
        let settler = Settler(
            folders: [stuck.plan(name: "stuck"), other.plan(name: "other")],
            queue: ledger,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock,
            observer: events.observer
        )
        for number in 0..<200 { await settler.changed(try stuck.write("\(number).jpg", "x"), folder: "stuck") }
        let path = try other.write("a.jpg", "one")
        let arrived = Doorbell()

        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await settler.run { file in
                    if file.folder == "other" { return arrived.ring() }
                    // Hangs until all ends.
                    await Latch(["answer"]).wait()
                }
            }
            clock.advance(by: .seconds(1))
            await settler.changed(path, folder: "other")
            clock.advance(by: .seconds(2))
            await arrived.wait()
            group.cancelAll()
        }

        #expect(await settler.count >= 200 - 64)
    }

    @Test func `run hands out a file when its time has come`() async throws {
        let path = try directory.write("a.jpg", "one")
        let turnstile = Turnstile()
        turnstile.open()
        let collected = Collected()

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await settler.run { file in
                    collected.add(file.path)
                    try? await turnstile.pass()
                }
            }
            await settler.changed(path, folder: "inbox")
            try await clock.sleepers(1)
            clock.advance(by: .seconds(2))
            try await turnstile.arrivals(1)
            group.cancelAll()
        }

        #expect(collected.paths == [path])
    }
}
