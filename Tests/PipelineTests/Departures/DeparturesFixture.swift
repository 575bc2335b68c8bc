import Crypto
import Ledger
import SystemPackage
import TestSupport
import Threads

@testable import Pipeline
@testable import Watch

/// Departures, their ledger, and a folder `in` beside a target `done`.
struct DeparturesFixture {
    let directory: TemporaryDirectory
    let events = RecordedEvents()
    let ledger: SQLiteLedger
    let book: any AssetBook
    let clock = ManualClock()
    let looked = LookedAt()

    init() throws {
        directory = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
        book = ledger.book(of: ConfiguredAccount(name: "main", identity: .scripted()))
        try directory.makeDirectory("in")
        try directory.makeDirectory("done")
    }

    /// A file in the folder, up and recorded, with its departure.
    @discardableResult
    func upload(
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
        _ = try await book.claim(.oldest(10), except: .nothing, at: .now())
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

    func plan(
        _ after: AfterUpload,
        path: String = "in",
        account: String = "main",
        done: DoneSuffix? = nil
    ) -> FolderPlan {
        FolderPlan(
            name: "inbox",
            path: directory.at(path),
            account: account,
            settle: .seconds(2),
            settleRenamed: .milliseconds(250),
            done: done,
            admission: Admission(provider: "scripted", acceptedTypes: [.jpeg], limits: SizeLimits()),
            afterUpload: after
        )
    }

    func departures(
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
    func carryOut(_ plans: [FolderPlan], disks: SourceDisks = SourceDisks()) async throws {
        let departures = departures(plans, disks: disks)
        try await running(departures) {
            while try await departures.isBusy(except: [], accounts: []) { try await Task.sleep(for: .milliseconds(2)) }
            let names = plans.map(\.name)
            while try await !ledger.departures(exceptFolders: names, after: 0, limit: 1).isEmpty {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    func running(_ departures: Departures<ManualClock>, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for plan in departures.folders.values { group.addTask { await departures.run(on: plan) } }
            group.addTask { await departures.dropOthers() }
            try await body()
            group.cancelAll()
        }
    }

    func entry(_ path: FilePath) async throws -> ManifestEntry? {
        guard case .entry(let entry)? = try await ledger.row(of: path)?.content else { return nil }
        return entry
    }

    var isForgotten: Bool {
        get async throws { try await ledger.departures(exceptFolders: [], after: 0, limit: 1).isEmpty }
    }
}

/// Paths that were to be looked at again.
final class LookedAt: Sendable {
    private let paths = Mutex<[FilePath]>([])

    var all: [FilePath] { paths.withLock { $0 } }

    func add(_ path: FilePath) { paths.withLock { $0.append(path) } }
}

extension TemporaryDirectory {
    func namesOf(_ name: String) throws -> [String] { try names(beneath: at(name)) }

    func namesIfThere(_ name: String) -> [String] { (try? namesOf(name)) ?? [] }
}
