import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Pipeline

@Suite struct DeparturesTests {
    private let directory: TemporaryDirectory
    private let events = RecordedEvents()

    init() throws {
        directory = try TemporaryDirectory()
        try directory.makeDirectory("done")
    }

    private func departures(_ after: AfterUpload, disks: SourceDisks = SourceDisks()) -> Departures {
        Departures(folders: [directory.plan(after: after)], disks: disks, observer: events.observer)
    }

    private func expectTold(_ file: MediaFile) {
        let isTold = events.all.contains { event in
            if case .failed(let stage, _) = event { stage == "after_upload of \(file.path)" } else { false }
        }
        #expect(isTold)
    }

    private func file(_ name: String = "a.jpg", _ content: String = "one") throws -> MediaFile {
        try directory.write(name, content)
        return try directory.media(name)
    }

    @Test func `what is kept stays, and its folder is no concern`() async throws {
        let departures = departures(.keep)
        await departures.take(try file())

        #expect(directory.holds("a.jpg"))
        #expect(!departures.concerns("inbox"))
        #expect(!departures.concerns("other"))
    }

    @Test func `an uploaded file is deleted where the folder says so`() async throws {
        let departures = departures(.delete)
        #expect(departures.concerns("inbox"))

        await departures.take(try file())

        #expect(!directory.holds("a.jpg"))
    }

    @Test func `an uploaded file is moved where the folder says so`() async throws {
        await departures(.move(directory.at("done"))).take(try file())

        #expect(!directory.holds("a.jpg"))
        #expect(try directory.text("done/a.jpg") == "one")
    }

    @Test func `a name that is taken gets a number before its ending, and nothing is overwritten`() async throws {
        try directory.write("done/a.jpg", "other")
        try directory.write("done/a-1.jpg", "another")
        try directory.write("done/.hidden", "other")
        let departures = departures(.move(directory.at("done")))

        await departures.take(try file())
        await departures.take(try file(".hidden", "mine"))
        await departures.take(try file("bare", "first"))
        await departures.take(try file("bare", "second"))

        #expect(try directory.text("done/a.jpg") == "other")
        #expect(try directory.text("done/a-1.jpg") == "another")
        #expect(try directory.text("done/a-2.jpg") == "one")
        #expect(try directory.text("done/.hidden-1") == "mine")
        #expect(try directory.text("done/bare-1") == "second")
    }

    @Test func `a version that did not go up stays`() async throws {
        let file = try file()
        try directory.write("a.jpg", "changed since")

        await departures(.delete).take(file)
        await departures(.move(directory.at("done"))).take(file)

        #expect(try directory.text("a.jpg") == "changed since")
        #expect(!directory.holds("done/a.jpg"))
    }

    @Test func `a move that a crash cut short between its two steps makes no second copy`() async throws {
        let path = try file().path
        try directory.hardLink("done/a.jpg", to: "a.jpg")
        let version = try FileStatus.of(path).version

        await departures(.move(directory.at("done"))).take(path, version: version, folder: "inbox")

        #expect(!directory.holds("a.jpg"))
        #expect(!directory.holds("done/a-1.jpg"))
        #expect(try directory.text("done/a.jpg") == "one")
    }

    @Test func `a file that cannot leave stays, and that is told`() async throws {
        let file = try file()

        await departures(.move(directory.at("missing"))).take(file)

        #expect(directory.holds("a.jpg"))
        expectTold(file)
    }

    @Test(.timeLimit(.minutes(1))) func `a file whose file system hangs is left, and that is told`() async throws {
        let (threads, clock, hang) = (FolderThreads(["inbox"]), ManualClock(), Hang())
        let disks = SourceDisks(threads: threads, patience: Patience(.seconds(30), clock: clock))
        let departures = departures(.delete, disks: disks)
        let file = try file()
        await hang.take(threads["inbox"])

        await withTaskGroup(of: Void.self) { group in
            group.addTask { await departures.take(file) }
            await clock.sleepers(1)
            clock.advance(by: .seconds(30))
        }

        #expect(directory.holds("a.jpg"))
        expectTold(file)
        hang.letGo()
    }

    @Test func `a file that was pushed from elsewhere stays`() async throws {
        let file = try file()
        let pushed = MediaFile(
            folder: nil,
            root: file.root,
            path: file.path,
            version: file.version,
            account: "main",
            mime: .jpeg,
            kind: .image,
            uploadName: "a.jpg"
        )

        await departures(.delete).take(pushed)

        #expect(directory.holds("a.jpg"))
    }
}
