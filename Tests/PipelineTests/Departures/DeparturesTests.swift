import Glibc
import Ledger
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline
@testable import Watch

/// Departures that the ledger has recorded, carried out on real files.
@Suite struct DeparturesTests {
    private let fixture: DeparturesFixture

    init() throws {
        fixture = try DeparturesFixture()
    }

    @Test(.timeLimit(.minutes(5))) func `an uploaded file is deleted, and the same commit says so`() async throws {
        let path = try await fixture.upload()

        try await fixture.carryOut([fixture.plan(.delete)])

        #expect(!fixture.directory.holds("in/a.jpg"))
        #expect(try await fixture.entry(path)?.present == false)
        #expect(try await fixture.ledger.record(of: path) == nil)
        #expect(try await fixture.isForgotten)
    }

    @Test(.timeLimit(.minutes(5)))
    func `an uploaded file is moved beneath the target by its path, and the entry says where it is`() async throws {
        let path = try await fixture.upload("2025/may/a.jpg", leaving: .move(fixture.directory.at("done")))

        try await fixture.carryOut([fixture.plan(.move(fixture.directory.at("done")))])

        #expect(!fixture.directory.holds("in/2025/may/a.jpg"))
        #expect(try fixture.directory.text("done/2025/may/a.jpg") == "one")
        #expect(try await fixture.entry(path)?.movedTo == fixture.directory.at("done/2025/may/a.jpg"))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a name that is taken beneath the target gets a number, and nothing is replaced`() async throws {
        try fixture.directory.write("done/a.jpg", "other")
        let path = try await fixture.upload(leaving: .move(fixture.directory.at("done")))

        try await fixture.carryOut([fixture.plan(.move(fixture.directory.at("done")))])

        #expect(try fixture.directory.text("done/a.jpg") == "other")
        #expect(try fixture.directory.text("done/a-1.jpg") == "one")
        #expect(try await fixture.entry(path)?.movedTo == fixture.directory.at("done/a-1.jpg"))
    }

    @Test(.timeLimit(.minutes(5))) func `a file is moved to another file system by a whole copy`() async throws {
        let other = try OtherDisk()
        let path = try await fixture.upload("sub/a.jpg", leaving: .move(other.path))
        #expect(chmod(path.string, 0o640) == 0)
        _ = try await fixture.upload("sub/a.jpg", leaving: .move(other.path))

        try await fixture.carryOut([fixture.plan(.move(other.path))])

        let copy = other.path.appending("sub").appending("a.jpg")
        #expect(!fixture.directory.holds("in/sub/a.jpg"))
        #expect(try other.names(in: "sub") == ["a.jpg"], "nothing is left of the copy's way")
        #expect(try other.text("sub/a.jpg") == "one")
        #expect(try await fixture.entry(path)?.movedTo == copy)
    }

    @Test(.timeLimit(.minutes(5))) func `a copy that an earlier process had put in its place is not made twice`()
        async throws
    {
        let other = try OtherDisk()
        let path = try await fixture.upload(leaving: .move(other.path))
        let departure = try #require(try await fixture.ledger.departures(exceptFolders: [], after: 0, limit: 1).first)
        try other.write("one", to: "a.jpg")
        try await fixture.ledger.recordAim(other.path.appending("a.jpg"), of: departure)
        guard case .aside = try AsideFile.take(departure, beneath: fixture.directory.at("in"), isQuiet: true) else {
            return fail("it was not set aside")
        }

        try await fixture.carryOut([fixture.plan(.move(other.path))])

        #expect(try other.names(in: ".") == ["a.jpg"])
        #expect(try fixture.directory.namesOf("in").isEmpty)
        #expect(try await fixture.entry(path)?.movedTo == other.path.appending("a.jpg"))
    }

    @Test(.timeLimit(.minutes(5))) func `a version that did not go up stays, and is looked at again`() async throws {
        let path = try await fixture.upload()
        try fixture.directory.edit("in/a.jpg", "changed since")

        try await fixture.carryOut([fixture.plan(.delete)])

        #expect(try fixture.directory.text("in/a.jpg") == "changed since")
        #expect(fixture.looked.all == [path])
        #expect(try await fixture.entry(path)?.present == true)
        #expect(try await fixture.isForgotten)
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["keep", "other path", "other account", "no folder"])
    func `what the configuration in force does not ask for stays`(case name: String) async throws {
        let path = try await fixture.upload()
        try fixture.directory.makeDirectory("new")
        let plans =
            switch name {
            case "keep": [fixture.plan(.keep)]
            case "other path": [fixture.plan(.delete, path: "new")]
            case "other account": [fixture.plan(.delete, account: "second")]
            default: [fixture.directory.plan(name: "another", after: .delete)]
            }

        try await fixture.carryOut(plans)

        #expect(fixture.directory.holds("in/a.jpg"))
        #expect(try await fixture.isForgotten)
        let isTold = fixture.events.all.contains { if case .stays(path, _) = $0 { true } else { false } }
        #expect(isTold)
    }

    @Test(.timeLimit(.minutes(5))) func `what was up before is no departure`() async throws {
        try await fixture.upload(leaving: .keep)

        try await fixture.carryOut([fixture.plan(.delete)])

        #expect(fixture.directory.holds("in/a.jpg"))
    }

    @Test(.timeLimit(.minutes(5)))
    func `without folders nothing is carried out, and nothing is void`() async throws {
        try await fixture.upload()

        await fixture.departures([]).dropOthers()

        #expect(fixture.directory.holds("in/a.jpg"))
        #expect(try await !fixture.isForgotten)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a file stays until its provider can use it, and for good where that cannot`() async throws {
        try await fixture.upload("ready.jpg", "one", status: .processing)
        try await fixture.upload("bad.jpg", "two", status: .processing)
        let first = try #require(try await fixture.book.processing(at: .now(), limit: 2).first)
        try await fixture.carryOut([fixture.plan(.delete)])
        #expect(fixture.directory.holds("in/ready.jpg") && fixture.directory.holds("in/bad.jpg"))

        try await fixture.book.recordStatus(.ready, of: first, nextLook: nil, at: .now())
        let bad = try #require(try await fixture.book.processing(at: .now(), limit: 2).first)
        try await fixture.book.recordStatus(.failed, of: bad, nextLook: nil, at: .now())
        try await fixture.carryOut([fixture.plan(.delete)])

        #expect(!fixture.directory.holds("in/ready.jpg") && fixture.directory.holds("in/bad.jpg"))
        #expect(try await fixture.isForgotten)
    }

    @Test(.timeLimit(.minutes(5)))
    func `what fails is told once a cause, counted, and tried again when it can go`() async throws {
        try await fixture.upload("a.jpg", leaving: .move(fixture.directory.at("gone")))
        try await fixture.upload("b.jpg", "two", leaving: .move(fixture.directory.at("gone")))
        let departures = fixture.departures([fixture.plan(.move(fixture.directory.at("gone")))])

        try await fixture.running(departures) {
            while try await departures.failed().count < 2 { try await Task.sleep(for: .milliseconds(2)) }
            let told = fixture.events.all.count { if case .departureFailed = $0 { true } else { false } }
            #expect(told == 1)
            #expect(try fixture.directory.namesOf("in") == ["a.jpg", "b.jpg"], "nothing is hidden meanwhile")
            try fixture.directory.makeDirectory("gone")
            while fixture.directory.namesIfThere("gone").count < 2 {
                fixture.clock.advance(by: .seconds(1))
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        #expect(fixture.directory.namesIfThere("gone") == ["a.jpg", "b.jpg"])
    }

    @Test(.timeLimit(.minutes(5)))
    func `a file that somebody writes to waits until that one has closed it`() async throws {
        let path = try await fixture.upload()
        let writer = try FileDescriptor.open(path, .writeOnly, options: .append)
        let departures = fixture.departures([fixture.plan(.delete)])

        try await fixture.running(departures) {
            while try await departures.failed().count < 1 { try await Task.sleep(for: .milliseconds(2)) }
            #expect(fixture.directory.holds("in/a.jpg"))
            try writer.close()
            while fixture.directory.holds("in/a.jpg") {
                fixture.clock.advance(by: .seconds(1))
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a folder whose file system hangs holds up no other, and is not tried again meanwhile`() async throws {
        let (threads, hang) = (FolderThreads(["inbox", "other"]), Hang())
        let disks = SourceDisks(threads: threads, patience: Patience(.seconds(30), clock: fixture.clock))
        let path = try await fixture.upload()
        let departures = fixture.departures([fixture.plan(.delete)], disks: disks)
        await hang.take(threads["inbox"])

        try await fixture.running(departures) {
            try await fixture.clock.sleepers(1)
            fixture.clock.advance(by: .seconds(30))
            while try await departures.failed().count < 1 { try await Task.sleep(for: .milliseconds(2)) }
            #expect(fixture.directory.holds("in/a.jpg"))
            hang.letGo()
            while fixture.directory.holds("in/a.jpg") {
                fixture.clock.advance(by: .seconds(1))
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        #expect(try await fixture.ledger.failedDepartures(limit: 1).count <= 1, "\(path)")
    }

    @Test(.timeLimit(.minutes(5)))
    func `a former folder whose disk hangs is asked once, on threads of its own`() async throws {
        let (threads, hang) = (FolderThreads(["another"]), Hang())
        let disks = SourceDisks(threads: threads, patience: Patience(.seconds(30), clock: fixture.clock))
        for name in ["a.jpg", "b.jpg"] { try await fixture.upload(name, name) }
        let departures = fixture.departures([fixture.directory.plan(name: "another", after: .delete)], disks: disks)
        let own = threads.threads(beneath: fixture.directory.at("in"))
        await hang.take(own)
        defer { hang.letGo() }

        async let dropping: Void = departures.dropOthers()
        try await fixture.clock.sleepers(1)
        fixture.clock.advance(by: .seconds(30))
        await dropping

        #expect(try await departures.failed().first.map(\.path.lastComponent) == ["a.jpg"])
        // As at a reload.
        await departures.dropOthers()
        #expect(try await departures.failed().count == 1)
    }

    @Test(.timeLimit(.minutes(5)), .enabled(if: geteuid() == 0, "only root may mount"))
    func `a file whose disk is unmounted before it leaves has not left`() async throws {
        let root = fixture.directory.at("in")
        try Mount.memory(on: root)
        defer { while umount2(root.string, Int32(MNT_DETACH)) == 0 {} }
        let path = try await fixture.upload()
        try Mount.unmount(root)

        try await fixture.carryOut([fixture.plan(.delete)])

        #expect(try await fixture.entry(path)?.present == true)
        #expect(try await !fixture.isForgotten && fixture.looked.all.isEmpty)
        let reason = DepartureTrouble.words(for: DepartureTrouble.Away(), .delete)
        #expect(try await fixture.ledger.failedDepartures(limit: 1).first == [StayingFile(path: path, reason: reason)])
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["changed", "keep", "other target"])
    func `a copy that a killed process has begun is removed when its file stays`(case name: String) async throws {
        let other = try OtherDisk()
        try await fixture.upload("sub/a.jpg", leaving: .move(other.path))
        let departure = try #require(try await fixture.ledger.departures(exceptFolders: [], after: 0, limit: 1).first)
        let copy = try #require(departure.copyName?.string)
        _ = try OpenDirectory(other.path).makeDirectories("sub")
        try other.write("on", to: "sub/\(copy)")
        try other.write("others", to: "sub/.outtray-copy-another")
        if name != "keep" { try fixture.directory.edit("in/sub/a.jpg", "changed since") }
        let target = name == "changed" ? other.path : fixture.directory.at("done")

        try await fixture.carryOut([fixture.plan(name == "keep" ? .keep : .move(target))])

        #expect(try other.names(in: "sub") == [".outtray-copy-another"])
        #expect(try await fixture.isForgotten)
    }

    @Test(.timeLimit(.minutes(5))) func `a copy is not looked for behind a link`() async throws {
        let (target, other) = (try OtherDisk(), try OtherDisk())
        try await fixture.upload("sub/a.jpg", leaving: .move(target.path))
        let departure = try #require(try await fixture.ledger.departures(exceptFolders: [], after: 0, limit: 1).first)
        let copy = try #require(departure.copyName?.string)
        try other.write("on", to: copy)
        try #require(symlink(other.path.string, target.path.appending("sub").string) == 0)

        try await fixture.carryOut([fixture.plan(.keep)])

        #expect(try other.names(in: ".") == [copy])
    }

    @Test func `a file leaves only by the configuration of the folder that it went up from`() throws {
        try fixture.directory.write("in/a.jpg", "one")
        func file(folder: String?, root: String) throws -> MediaFile {
            MediaFile(
                folder: folder,
                root: fixture.directory.at(root),
                path: fixture.directory.at("in/a.jpg"),
                version: version(1),
                account: "main",
                mime: .jpeg,
                kind: .image,
                uploadName: "a.jpg"
            )
        }
        let departures = fixture.departures([fixture.plan(.delete)])

        #expect(departures.action(for: try file(folder: "inbox", root: "in")) == .delete)
        #expect(departures.action(for: try file(folder: nil, root: "in")) == .keep, "it was pushed by name")
        #expect(departures.action(for: try file(folder: "inbox", root: "former")) == .keep, "its folder has moved")
        #expect(departures.action(for: try file(folder: "other", root: "in")) == .keep)
    }
}
