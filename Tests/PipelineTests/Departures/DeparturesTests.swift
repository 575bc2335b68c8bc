import Crypto
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
    private let directory: TemporaryDirectory
    private let events = RecordedEvents()
    private let ledger: SQLiteLedger
    private let book: any AssetBook
    private let clock = ManualClock()
    private let looked = LookedAt()

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
        book = ledger.book(of: ConfiguredAccount(name: "main", identity: .scripted()))
        try directory.makeDirectory("in")
        try directory.makeDirectory("done")
    }

    /// A file in the folder, up and recorded, with its departure.
    @discardableResult
    private func upload(
        _ name: String = "a.jpg",
        _ content: String = "one",
        leaving: AfterUpload = .delete,
        status: AssetStatus = .ready
    ) async throws -> FilePath {
        try directory.write("in/\(name)", content)
        let path = directory.at("in").pushing(FilePath(name))
        let file = MediaFile(
            folder: "inbox",
            root: directory.at("in"),
            path: path,
            version: try FileStatus.of(path).version,
            account: "main",
            mime: .jpeg,
            kind: .image,
            uploadName: "a.jpg"
        )
        try await ledger.enqueue(file, at: .now())
        _ = try await ledger.claim(account: "main", .oldest(10), at: .now())
        try await book.complete(
            file,
            provider: "scripted",
            sha256: SHA256Digest(bytes: Array(SHA256.hash(data: Array(content.utf8)))),
            receipt: Receipt(assetURN: nil, mediaID: name, publicURL: nil, recipes: [], status: status),
            leaving: leaving,
            at: .now()
        )
        return path
    }

    private func plan(_ after: AfterUpload, path: String = "in", account: String = "main") -> FolderPlan {
        FolderPlan(
            name: "inbox",
            path: directory.at(path),
            account: account,
            settle: .seconds(2),
            settleRenamed: .milliseconds(250),
            admission: Admission(provider: "scripted", acceptedTypes: [.jpeg], limits: SizeLimits()),
            afterUpload: after
        )
    }

    private func departures(
        _ plans: [FolderPlan],
        disks: SourceDisks = SourceDisks(),
        places: HeldPlaces = HeldPlaces()
    ) -> Departures<ManualClock> {
        Departures(
            folders: plans,
            services: DepartureServices(
                book: ledger,
                bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
                places: places,
                disks: disks,
                clock: clock,
                observer: events.observer,
                changed: { [looked] path, _ in looked.add(path) }
            )
        )
    }

    /// Runs them until all that is recorded has been tried once.
    private func carryOut(_ plans: [FolderPlan], disks: SourceDisks = SourceDisks()) async throws {
        let departures = departures(plans, disks: disks)
        try await running(departures) {
            while try await departures.isBusy(except: [], accounts: []) { try await Task.sleep(for: .milliseconds(2)) }
            let names = plans.map(\.name)
            while try await !ledger.departures(exceptFolders: names, after: 0, limit: 1).isEmpty {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    private func running(_ departures: Departures<ManualClock>, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for plan in departures.folders.values { group.addTask { await departures.run(on: plan) } }
            group.addTask { await departures.dropOthers() }
            try await body()
            group.cancelAll()
        }
    }

    private func entry(_ path: FilePath) async throws -> ManifestEntry? {
        guard case .entry(let entry)? = try await ledger.row(of: path)?.content else { return nil }
        return entry
    }

    private var isForgotten: Bool {
        get async throws { try await ledger.departures(exceptFolders: [], after: 0, limit: 1).isEmpty }
    }

    @Test(.timeLimit(.minutes(1))) func `an uploaded file is deleted, and the same commit says so`() async throws {
        let path = try await upload()

        try await carryOut([plan(.delete)])

        #expect(!directory.holds("in/a.jpg"))
        #expect(try await entry(path)?.present == false)
        #expect(try await ledger.record(of: path) == nil)
        #expect(try await isForgotten)
    }

    @Test(.timeLimit(.minutes(1)))
    func `an uploaded file is moved beneath the target by its path, and the entry says where it is`() async throws {
        let path = try await upload("2025/may/a.jpg", leaving: .move(directory.at("done")))

        try await carryOut([plan(.move(directory.at("done")))])

        #expect(!directory.holds("in/2025/may/a.jpg"))
        #expect(try directory.text("done/2025/may/a.jpg") == "one")
        #expect(try await entry(path)?.movedTo == directory.at("done/2025/may/a.jpg"))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a name that is taken beneath the target gets a number, and nothing is replaced`() async throws {
        try directory.write("done/a.jpg", "other")
        let path = try await upload(leaving: .move(directory.at("done")))

        try await carryOut([plan(.move(directory.at("done")))])

        #expect(try directory.text("done/a.jpg") == "other")
        #expect(try directory.text("done/a-1.jpg") == "one")
        #expect(try await entry(path)?.movedTo == directory.at("done/a-1.jpg"))
    }

    @Test(.timeLimit(.minutes(1))) func `a file is moved to another file system by a whole copy`() async throws {
        let other = try OtherDisk()
        let path = try await upload("sub/a.jpg", leaving: .move(other.path))
        #expect(chmod(path.string, 0o640) == 0)
        _ = try await upload("sub/a.jpg", leaving: .move(other.path))

        try await carryOut([plan(.move(other.path))])

        let copy = other.path.appending("sub").appending("a.jpg")
        #expect(!directory.holds("in/sub/a.jpg"))
        #expect(try other.names(in: "sub") == ["a.jpg"], "nothing is left of the copy's way")
        #expect(try other.text("sub/a.jpg") == "one")
        #expect(try await entry(path)?.movedTo == copy)
    }

    @Test(.timeLimit(.minutes(1))) func `a copy that an earlier process had put in its place is not made twice`()
        async throws
    {
        let other = try OtherDisk()
        let path = try await upload(leaving: .move(other.path))
        let departure = try #require(try await ledger.departures(exceptFolders: [], after: 0, limit: 1).first)
        try other.write("one", to: "a.jpg")
        try await ledger.recordAim(other.path.appending("a.jpg"), of: departure)
        guard case .aside = try AsideFile.take(departure, beneath: directory.at("in"), isQuiet: true) else {
            return fail("it was not set aside")
        }

        try await carryOut([plan(.move(other.path))])

        #expect(try other.names(in: ".") == ["a.jpg"])
        #expect(try directory.namesOf("in").isEmpty)
        #expect(try await entry(path)?.movedTo == other.path.appending("a.jpg"))
    }

    /// A file that was set aside by a process that ended then; its hidden name.
    private func leftover(_ name: String, leaving: AfterUpload = .delete) async throws -> FilePath {
        let path = try await upload(name, leaving: leaving)
        let departure = try #require(try await ledger.departures(exceptFolders: [], after: 0, limit: 1).first)
        guard case .aside = try AsideFile.take(departure, beneath: directory.at("in"), isQuiet: true) else {
            throw Errno.invalidArgument
        }
        let hidden = try #require(HiddenName(.file, of: departure)?.component)
        return path.removingLastComponent().appending(hidden)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a file that was written to since an earlier process set it aside stays, whatever mtime it has`()
        async throws
    {
        let hidden = try await leftover("a.jpg")
        try directory.rewriteKeepingTimes("in/\(hidden.lastComponent?.string ?? "")", "two")

        try await carryOut([plan(.delete)])

        #expect(try directory.text("in/a.jpg") == "two")
        #expect(looked.all == [directory.at("in/a.jpg")])
        #expect(try await isForgotten)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a file that was set aside is left to its own departure`() async throws {
        let hidden = try await leftover("sub/a.jpg")
        let departures = departures([plan(.delete)])

        await departures.returnLeftover(hidden, in: "inbox")

        #expect(try directory.namesOf("in/sub") == [hidden.lastComponent?.string])
        #expect(looked.all.isEmpty)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["renamed directory", "no departure", "other folder's ledger"])
    func `a file that was set aside and has no departure there has its name again`(case name: String) async throws {
        var hidden = try await leftover("sub/a.jpg")
        let departure = try #require(try await ledger.departures(exceptFolders: [], after: 0, limit: 1).first)
        var directoryName = "in/sub"
        switch name {
        case "renamed directory":
            directoryName = "in/renamed"
            #expect(rename(directory.at("in/sub").string, directory.at(directoryName).string) == 0)
            hidden = directory.at(directoryName).appending(try #require(hidden.lastComponent))
        case "no departure": try await ledger.drop(departure)
        default:
            let other = "in/sub/.outtray-\(departure.id)-1.a.jpg"
            #expect(rename(hidden.string, directory.at(other).string) == 0)
            hidden = directory.at(other)
            try await ledger.drop(departure)
        }
        let departures = departures([plan(.delete)])

        await departures.returnLeftover(hidden, in: "inbox")

        #expect(try directory.namesOf(directoryName) == ["a.jpg"])
        #expect(looked.all == [directory.at("\(directoryName)/a.jpg")])
        let isTold = events.all.contains {
            if case .stays(directory.at("\(directoryName)/a.jpg"), _) = $0 { true } else { false }
        }
        #expect(isTold)
    }

    @Test(.timeLimit(.minutes(1)))
    func `the departure of a folder that is gone waits for the folder`() async throws {
        _ = try await leftover("sub/a.jpg")
        #expect(rename(directory.at("in").string, directory.at("away").string) == 0)

        await departures([directory.plan(name: "another", after: .delete)]).dropOthers()
        #expect(try await !isForgotten)

        #expect(rename(directory.at("away").string, directory.at("in").string) == 0)
        await departures([directory.plan(name: "another", after: .delete)]).dropOthers()
        #expect(try directory.namesOf("in/sub") == ["a.jpg"])
        #expect(try await isForgotten)
    }

    @Test(.timeLimit(.minutes(1)))
    func `no file leaves a folder that has come to lie in another one`() async throws {
        try await upload()
        let places = HeldPlaces()
        #expect(places.take(DirectoryPlace(of: directory.path), of: "other", for: events) == nil)
        let departures = departures([plan(.delete)], places: places)

        try await running(departures) {
            while try await departures.failed().count < 1 { try await Task.sleep(for: .milliseconds(2)) }
        }

        #expect(directory.holds("in/a.jpg"))
        let reason = try #require(try await departures.failed().first.first?.reason)
        #expect(reason.contains("its folder shows files of a watched folder: it lies in folder other"))
    }

    @Test(.timeLimit(.minutes(1))) func `a version that did not go up stays, and is looked at again`() async throws {
        let path = try await upload()
        try directory.edit("in/a.jpg", "changed since")

        try await carryOut([plan(.delete)])

        #expect(try directory.text("in/a.jpg") == "changed since")
        #expect(looked.all == [path])
        #expect(try await entry(path)?.present == true)
        #expect(try await isForgotten)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["keep", "other path", "other account", "no folder"])
    func `what the configuration in force does not ask for stays`(case name: String) async throws {
        let path = try await upload()
        try directory.makeDirectory("new")
        let plans =
            switch name {
            case "keep": [plan(.keep)]
            case "other path": [plan(.delete, path: "new")]
            case "other account": [plan(.delete, account: "second")]
            default: [directory.plan(name: "another", after: .delete)]
            }

        try await carryOut(plans)

        #expect(directory.holds("in/a.jpg"))
        #expect(try await isForgotten)
        let isTold = events.all.contains { if case .stays(path, _) = $0 { true } else { false } }
        #expect(isTold)
    }

    @Test(.timeLimit(.minutes(1))) func `what was up before is no departure`() async throws {
        try await upload(leaving: .keep)

        try await carryOut([plan(.delete)])

        #expect(directory.holds("in/a.jpg"))
    }

    @Test(.timeLimit(.minutes(1)))
    func `without folders nothing is carried out, and nothing is void`() async throws {
        try await upload()

        await departures([]).dropOthers()

        #expect(directory.holds("in/a.jpg"))
        #expect(try await !isForgotten)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a file stays until its provider can use it, and for good where that cannot`() async throws {
        try await upload("ready.jpg", "one", status: .processing)
        try await upload("bad.jpg", "two", status: .processing)
        let first = try #require(try await book.processing(at: .now(), limit: 2).first)
        try await carryOut([plan(.delete)])
        #expect(directory.holds("in/ready.jpg") && directory.holds("in/bad.jpg"))

        try await book.recordStatus(.ready, of: first, nextLook: nil, at: .now())
        let bad = try #require(try await book.processing(at: .now(), limit: 2).first)
        try await book.recordStatus(.failed, of: bad, nextLook: nil, at: .now())
        try await carryOut([plan(.delete)])

        #expect(!directory.holds("in/ready.jpg") && directory.holds("in/bad.jpg"))
        #expect(try await isForgotten)
    }

    @Test(.timeLimit(.minutes(1)))
    func `what fails is told once a cause, counted, and tried again when it can go`() async throws {
        try await upload("a.jpg", leaving: .move(directory.at("gone")))
        try await upload("b.jpg", "two", leaving: .move(directory.at("gone")))
        let departures = departures([plan(.move(directory.at("gone")))])

        try await running(departures) {
            while try await departures.failed().count < 2 { try await Task.sleep(for: .milliseconds(2)) }
            let told = events.all.count { if case .departureFailed = $0 { true } else { false } }
            #expect(told == 1)
            #expect(try directory.namesOf("in") == ["a.jpg", "b.jpg"], "nothing is hidden meanwhile")
            try directory.makeDirectory("gone")
            while directory.namesIfThere("gone").count < 2 {
                clock.advance(by: .seconds(1))
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        #expect(directory.namesIfThere("gone") == ["a.jpg", "b.jpg"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a file that somebody writes to waits until that one has closed it`() async throws {
        let path = try await upload()
        let writer = try FileDescriptor.open(path, .writeOnly, options: .append)
        let departures = departures([plan(.delete)])

        try await running(departures) {
            while try await departures.failed().count < 1 { try await Task.sleep(for: .milliseconds(2)) }
            #expect(directory.holds("in/a.jpg"))
            try writer.close()
            while directory.holds("in/a.jpg") {
                clock.advance(by: .seconds(1))
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a folder whose file system hangs holds up no other, and is not tried again meanwhile`() async throws {
        let (threads, hang) = (FolderThreads(["inbox", "other"]), Hang())
        let disks = SourceDisks(threads: threads, patience: Patience(.seconds(30), clock: clock))
        let path = try await upload()
        let departures = departures([plan(.delete)], disks: disks)
        await hang.take(threads["inbox"])

        try await running(departures) {
            try await clock.sleepers(1)
            clock.advance(by: .seconds(30))
            while try await departures.failed().count < 1 { try await Task.sleep(for: .milliseconds(2)) }
            #expect(directory.holds("in/a.jpg"))
            hang.letGo()
            while directory.holds("in/a.jpg") {
                clock.advance(by: .seconds(1))
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        #expect(try await ledger.failedDepartures(limit: 1).count <= 1, "\(path)")
    }

    @Test func `a file leaves only by the configuration of the folder that it went up from`() throws {
        try directory.write("in/a.jpg", "one")
        func file(folder: String?, root: String) throws -> MediaFile {
            MediaFile(
                folder: folder,
                root: directory.at(root),
                path: directory.at("in/a.jpg"),
                version: version(1),
                account: "main",
                mime: .jpeg,
                kind: .image,
                uploadName: "a.jpg"
            )
        }
        let departures = departures([plan(.delete)])

        #expect(departures.action(for: try file(folder: "inbox", root: "in")) == .delete)
        #expect(departures.action(for: try file(folder: nil, root: "in")) == .keep, "it was pushed by name")
        #expect(departures.action(for: try file(folder: "inbox", root: "former")) == .keep, "its folder has moved")
        #expect(departures.action(for: try file(folder: "other", root: "in")) == .keep)
    }
}

/// Paths that were to be looked at again.
private final class LookedAt: Sendable {
    private let paths = Mutex<[FilePath]>([])

    var all: [FilePath] { paths.withLock { $0 } }

    func add(_ path: FilePath) { paths.withLock { $0.append(path) } }
}

extension TemporaryDirectory {
    func namesOf(_ name: String) throws -> [String] { try names(beneath: at(name)) }

    func namesIfThere(_ name: String) -> [String] { (try? namesOf(name)) ?? [] }
}
