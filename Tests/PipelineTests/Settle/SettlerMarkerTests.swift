import Glibc
import Ledger
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

/// A folder with `done_suffix`: a file goes up only with its marker beside it.
@Suite(.timeLimit(.minutes(5))) struct SettlerMarkerTests {
    private let fixture: SettlerFixture
    private var directory: TemporaryDirectory { fixture.directory }
    private var settler: Settler<ManualClock> { fixture.settler }

    init() throws {
        fixture = try SettlerFixture { $0.plan(sidecars: ["*.txt"], done: DoneSuffix(".done")) }
    }

    private static let waits = "waits for a.jpg.done"
    private static let waitsForNew = "waits for a new a.jpg.done: the one that is there is older than the file"

    /// A file that has rested without a marker.
    private func parked() async throws -> FilePath {
        let path = try directory.write("a.jpg", "one")
        await fixture.changed(path)
        #expect(await fixture.step(after: .seconds(2)) == [])
        return path
    }

    @discardableResult
    private func mark(_ name: String = "a.jpg") throws -> FilePath {
        Moment.pass()
        return try directory.write("\(name).done", "")
    }

    @Test func `a file without its marker waits, says so, and is not looked at again`() async throws {
        let path = try await parked()

        #expect(try await fixture.reason(path) == Self.waits)
        #expect(try await fixture.ledger.record(of: path)?.cause == .settling)
        #expect(await settler.unsettled() == 0)
        #expect(await settler.count == 1)
        #expect(await settler.nextDeadline == nil)
        let file = try fixture.found(path)
        await settler.found([file])
        fixture.clock.advance(by: .seconds(86_400))
        #expect(await settler.takeQuiet().isEmpty)
    }

    @Test func `a marker that comes lets its file go at once`() async throws {
        let path = try await parked()

        await fixture.changed(try mark())

        #expect(await fixture.step() == [path])
        #expect(await settler.count == 0)
    }

    @Test func `a marker that was there in time costs nothing`() async throws {
        let path = try directory.write("a.jpg", "one")
        await fixture.changed(path)
        await fixture.changed(try mark())

        #expect(await fixture.step(after: .milliseconds(1999)) == [])
        #expect(await fixture.step(after: .milliseconds(1)) == [path])
    }

    @Test func `a marker is no file: it neither settles nor has a record, with its file there or not`() async throws {
        let markers = [try mark(), try mark("alone.jpg"), try directory.write("a.jpg.done.done", "x")]
        for marker in markers { await fixture.changed(marker) }
        await settler.found(try markers.map(fixture.found))

        #expect(await settler.count == 0)
        #expect(await fixture.step(after: .seconds(9)) == [])
        #expect(try await fixture.ledger.counts() == [:])
    }

    @Test func `a marker that is older than its file is another version's, and a newer one lets the file go`()
        async throws
    {
        let marker = try mark()
        Moment.pass()
        let path = try await parked()
        #expect(try await fixture.reason(path) == Self.waitsForNew)

        // Scans see the old one again and again.
        await settler.found([try fixture.found(marker), try fixture.found(path)])
        #expect(await settler.takeQuiet().isEmpty)
        touch(marker)
        await settler.found([try fixture.found(marker)])

        #expect(await fixture.step() == [path])
    }

    @Test func `a file that changes after its marker waits for a new one`() async throws {
        let path = try await parked()
        let marker = try mark()
        Moment.pass()
        try directory.edit("a.jpg", "another")
        await fixture.changed(marker)
        await fixture.changed(path)

        #expect(await fixture.step(after: .seconds(2)) == [])
        #expect(try await fixture.reason(path) == Self.waitsForNew)
        touch(marker)
        await fixture.changed(marker)
        #expect(await fixture.step() == [path])
    }

    @Test func `a file whose marker left before it had settled waits`() async throws {
        let path = try directory.write("a.jpg", "one")
        await fixture.changed(path)
        let marker = try mark()
        await fixture.changed(marker)
        try directory.remove("a.jpg.done")
        await settler.handle([.gone(marker)])

        #expect(await fixture.step(after: .seconds(2)) == [])
        #expect(try await fixture.reason(path) == Self.waits)
    }

    @Test func `a stale marker that leaves changes what its file waits for`() async throws {
        let marker = try mark()
        Moment.pass()
        let path = try await parked()
        try directory.remove("a.jpg.done")

        await settler.handle([.gone(marker)])

        #expect(await fixture.step() == [])
        #expect(try await fixture.reason(path) == Self.waits)
    }

    @Test func `a marker that is renamed into place lets its file go`() async throws {
        let path = try await parked()
        Moment.pass()
        let draft = try directory.write("draft.tmp", "")
        #expect(rename(draft.string, directory.at("a.jpg.done").string) == 0)

        await fixture.changed(directory.at("a.jpg.done"), renamed: true)

        #expect(await fixture.step() == [path])
    }

    @Test func `a file that is renamed into place between its writing and its marker needs no other`() async throws {
        let draft = try directory.write("draft.tmp", "one")
        try mark()
        Moment.pass()
        let path = directory.at("a.jpg")
        #expect(rename(draft.string, path.string) == 0)
        changeRights(of: path)
        await fixture.changed(path, renamed: true)

        #expect(await fixture.step(after: .milliseconds(250)) == [path])
    }

    @Test func `a marker that comes during a look is not missed`() async throws {
        let path = try directory.write("a.jpg", "one")
        await fixture.changed(path)
        fixture.clock.advance(by: .seconds(2))
        let quiet = try #require(await settler.takeQuiet().first)
        // The look has found none, and has not told yet.
        await fixture.changed(try mark())
        await settler.waitForMarker(of: try fixture.found(path), .absent, fixture.plan, after: quiet)

        #expect(await fixture.step() == [path])
    }

    @Test func `where the clock was set back, a marker counts that changes after its file, whatever their times`()
        async throws
    {
        let marker = try mark()
        Moment.pass()
        let path = try await parked()
        #expect(try await fixture.reason(path) == Self.waitsForNew)

        // A clock that is right: the times decide.
        fixture.wall.advance(by: .seconds(3600))
        await fixture.changed(marker)
        #expect(await fixture.step() == [])
        #expect(try await fixture.reason(path) == Self.waitsForNew)
        fixture.wall.advance(by: .seconds(-7200))
        await fixture.changed(marker)
        #expect(await fixture.step() == [path])
    }

    @Test func `where the clock was set back, a marker counts before its file has rested, until the file changes`()
        async throws
    {
        let marker = try mark()
        Moment.pass()
        fixture.wall.advance(by: .seconds(-3600))
        let path = try directory.write("a.jpg", "one")
        await fixture.changed(path)
        await fixture.changed(marker)
        #expect(await fixture.step(after: .seconds(2)) == [path])

        try directory.edit("a.jpg", "another")
        await fixture.changed(path)
        await fixture.changed(marker)
        await fixture.changed(path)
        #expect(await fixture.step(after: .seconds(2)) == [])
        #expect(try await fixture.reason(path) == Self.waitsForNew)
    }

    @Test func `a file that is being held open when its marker comes waits for its writer`() async throws {
        let path = try await parked()
        let writer = try FileDescriptor.open(path, .writeOnly)
        await fixture.changed(try mark())

        let settled = await fixture.step()
        try writer.close()

        if Kernel.givesLeases {
            #expect(settled == [])
            #expect(await fixture.step(after: .seconds(2)) == [path])
        } else {
            #expect(settled == [path])
        }
    }

    @Test func `a restart with both there needs no event`() async throws {
        let path = try directory.write("a.jpg", "one")
        let marker = try mark()
        await settler.found([try fixture.found(marker), try fixture.found(path)])

        #expect(await fixture.step(after: .seconds(2)) == [path])
    }

    @Test func `of files that lie there, those with their markers are skipped, and the others wait for theirs`()
        async throws
    {
        let fixture = try SettlerFixture { $0.plan(done: DoneSuffix(".done"), existing: .skip) }
        let there = fixture.directory
        var found = [try there.write("old.jpg.done", "")]
        Moment.pass()
        let done = try there.write("done.jpg", "1")
        let open = try there.write("open.jpg", "2")
        let old = try there.write("old.jpg", "3")
        Moment.pass()
        found += [try there.write("done.jpg.done", ""), done, open, old]
        // So late that all times tell that the files lay there.
        let late = Timestamp.now().advanced(by: .seconds(60))
        _ = try await fixture.ledger.beginFirstLook(of: there.path, .skip, at: late)
        await fixture.settler.beginScan(of: fixture.plan.name)

        await fixture.settler.found(try found.map(fixture.found))

        #expect(await fixture.step(after: .seconds(2)) == [])
        #expect(try await fixture.ledger.record(of: done)?.state == .skipped)
        #expect(try await fixture.reason(open) == "waits for open.jpg.done")
        #expect(try await fixture.reason(old)?.hasPrefix("waits for a new old.jpg.done") == true)
        #expect(await fixture.settler.endFirstLook(of: fixture.plan.name) == 1)
        await fixture.changed(try there.write("open.jpg.done", ""))
        #expect(await fixture.step() == [open])
    }

    @Test func `a file that lies there, and whose marker comes during the first look, is not skipped`() async throws {
        let fixture = try SettlerFixture { $0.plan(done: DoneSuffix(".done"), existing: .skip) }
        let path = try fixture.directory.write("a.jpg", "1")
        let version = try fixture.found(path).version
        while Timestamp.now().milliseconds * 1_000_000 < version.changed + 50_000_000 { Moment.pass() }
        await fixture.settler.begin(fixture.plan)
        await fixture.settler.beginScan(of: fixture.plan.name)
        let marker = try fixture.directory.write("a.jpg.done", "")

        await fixture.settler.found([try fixture.found(marker), try fixture.found(path)])

        #expect(await fixture.step(after: .seconds(2)) == [path])
    }

    @Test func `a sidecar needs no marker`() async throws {
        let path = try directory.write("a.txt", "one")
        await fixture.changed(path)

        #expect(await fixture.step(after: .seconds(2)) == [path])
    }

    @Test func `a directory or a link in the marker's place is none`() async throws {
        let path = try await parked()
        Moment.pass()
        try directory.link("a.jpg.done", to: "a.jpg")
        await fixture.changed(directory.at("a.jpg.done"))

        #expect(await fixture.step() == [])
        #expect(try await fixture.reason(path) == Self.waits)
    }

    @Test func `a file with too long a name for a marker says so, and is not looked at again`() async throws {
        let path = try directory.write("\(String(repeating: "a", count: 247)).jpg", "one")
        await fixture.changed(path)

        #expect(await fixture.step(after: .seconds(2)) == [])
        #expect(
            try await fixture.reason(path) == "can have no marker, as its name is too long: give it a shorter one"
        )
        #expect(await settler.nextDeadline == nil)
    }

    @Test func `files that wait cost no look, and each goes with its own marker`() async throws {
        for number in 0..<80 {
            await fixture.changed(try directory.write("\(number).jpg", "x"))
        }
        while await settler.nextDeadline != nil { #expect(await fixture.step(after: .seconds(2)) == []) }
        #expect(await settler.count == 80)

        await fixture.changed(try mark("7.jpg"))

        #expect(await fixture.step(after: .seconds(9)) == [directory.at("7.jpg")])
        #expect(await settler.nextDeadline == nil)
        await settler.handle([.goneBelow(directory.path)])
        #expect(await settler.count == 0)
    }

    @Test func `a marker speaks of its file by the later of its times and the earlier of the file's`() {
        func version(_ modified: Int64, _ changed: Int64) -> FileVersion {
            FileVersion(device: 1, inode: 1, size: 1, modified: modified, changed: changed)
        }
        // Marker, file, whether it speaks of it.
        let rows: [(FileVersion, FileVersion, Bool)] = [
            (version(5, 5), version(5, 5), true), (version(6, 6), version(5, 5), true),
            (version(4, 4), version(5, 5), false),
            // The file's mtime is in the future, or was copied with it.
            (version(6, 6), version(99, 5), true), (version(6, 6), version(1, 8), true),
            // Other rights, after the marker.
            (version(6, 6), version(5, 9), true),
            // The marker's mtime was copied with it.
            (version(1, 6), version(5, 5), true), (version(1, 4), version(5, 5), false),
        ]
        for (marker, file, speaks) in rows { #expect(marker.speaks(of: file) == speaks, "\(marker) \(file)") }
    }

    @Test func `a path and its marker lead to each other, whatever their bytes`() throws {
        let done = try #require(DoneSuffix(".done"))
        let odd = FilePath(bytes: Array("/in/".utf8) + [0xFF, 0x2E, 0x6A])

        #expect(done.marker(of: odd).bytes == odd.bytes + Array(".done".utf8))
        #expect(done.file(of: done.marker(of: odd)) == odd)
        #expect(done.file(of: odd) == nil)
        #expect(done.file(of: "/in/.done") == nil)
        #expect(done.file(of: "/in.done/a.jpg") == nil)
    }
}
