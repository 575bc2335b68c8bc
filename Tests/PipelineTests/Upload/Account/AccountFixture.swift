import Ledger
import SystemPackage
import TestSupport
import Testing
import Threads

@testable import Pipeline

/// One account with a provider that is scripted, a ledger in memory, and a folder with real files.
final class AccountFixture<C: Clock & Sendable>: Sendable where C.Duration == Duration {
    let directory: TemporaryDirectory
    let ledger: SQLiteLedger
    let provider: ScriptedProvider
    let events = RecordedEvents()
    let clock: C
    let services: AccountServices<C>
    /// What the ledger knows of the account.
    let book: any AssetBook
    /// Claimed files that were not tried yet.
    private let claimed = Mutex<[FilePath: QueuedFile]>([:])

    /// `wrapping` puts something between the jobs and the book.
    init(
        _ provider: ScriptedProvider = ScriptedProvider(),
        clock: C,
        concurrency: Int = 4,
        rate: [CallRate] = [],
        identity: AccountIdentity = .scripted(),
        disks: SourceDisks = SourceDisks(),
        index: (any SharedIndex)? = nil,
        afterUpload: AfterUpload = .keep,
        wrapping: (any AssetBook) -> any AssetBook = { $0 }
    ) throws {
        directory = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
        self.provider = provider
        self.clock = clock
        let plan = AccountPlan.scripted(provider: provider, identity: identity, concurrency: concurrency, rate: rate)
        book = ledger.book(of: plan.configured)
        services = AccountServices(
            plan: plan,
            queue: ledger,
            book: wrapping(book),
            memory: PieceMemory(),
            disks: disks,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock,
            observer: events.observer,
            afterUpload: { _ in afterUpload },
            index: index
        )
    }

    /// Writes a file and queues it.
    @discardableResult
    func queue(_ name: String, _ content: [UInt8]) async throws -> MediaFile {
        try directory.write(name, content)
        let file = try directory.media(name)
        try await ledger.enqueue(file, at: .now())
        return file
    }

    /// Makes a large file without content, and queues it. Its size differs with `number`.
    @discardableResult
    func queueLarge(_ name: String, _ number: Int = 0) async throws -> MediaFile {
        try directory.write(name, [])
        let file = try FileDescriptor.open(directory.at(name), .writeOnly)
        try file.closeAfter { try file.resize(to: Portion.largeSize + Int64(number)) }
        let media = try directory.media(name)
        try await ledger.enqueue(media, at: .now())
        return media
    }

    /// Writes a file and takes it from the queue, as a lane does before it runs a job.
    func claim(_ name: String, _ content: [UInt8]) async throws -> MediaFile {
        let file = try await queue(name, content)
        try #require(await claimAll().map(\.file) == [file])
        return file
    }

    /// Takes all files from the queue.
    @discardableResult
    func claimAll() async throws -> [QueuedFile] {
        let files = try await book.claim(.oldest(100), except: .nothing, at: .now())
        claimed.withLock { claimed in
            for file in files { claimed[file.file.path] = file }
        }
        return files
    }

    /// One try at a file, without a lane. `isFirst`: nothing was recorded for the file since it was claimed.
    func run(_ file: MediaFile, attempts: Int = 0, isFirst: Bool = true) async -> UploadJob<C>.Outcome {
        let flight = await services.flights.enter(file.path, size: file.size)
        let begun = claimed.withLock { $0.removeValue(forKey: file.path)?.begun }
        let queued = QueuedFile(file, attempts: attempts, begun: isFirst ? begun : nil)
        let job = UploadJob(queued: queued, account: services, provider: services.provider { _ in }, flight: flight)
        let outcome = await job.run()
        await services.flights.leave(flight.number)
        return outcome
    }

    func state(_ file: MediaFile) async throws -> FileState? { try await ledger.record(of: file.path)?.state }

    func entry(_ path: FilePath) async throws -> ManifestEntry? {
        guard case .entry(let entry)? = try await ledger.row(of: path)?.content else { return nil }
        return entry
    }

    /// The account's lane.
    func lane(
        retry: RetryPolicy = Schedules.file,
        changed: @escaping @Sendable (MediaFile) async -> Void = { _ in },
        dismissal: @escaping @Sendable (MediaFile) -> Dismissal? = { _ in nil }
    ) -> AccountLane<C> {
        AccountLane(
            services: services,
            retry: retry,
            hooks: LaneHooks(
                manifest: Doorbell(),
                processing: Doorbell(),
                turn: { file in dismissal(file).map { .dismissed($0) } ?? .goes(file) },
                changed: changed
            )
        )
    }
}

extension AccountLane {
    /// Runs it for as long as `body` takes.
    func running(_ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.run() }
            try await body()
            group.cancelAll()
        }
    }
}

extension RetryPolicy {
    /// Failed files are due again within a millisecond.
    static let atOnce = RetryPolicy(first: .milliseconds(1), longest: .milliseconds(1))
}

extension RecordedEvents {
    /// Returns once the file of this name is up.
    func uploaded(_ name: String) async throws {
        try await event { if case .uploaded(let file, _) = $0 { file.uploadName == name } else { false } }
    }

    /// Returns once so many tries were put off.
    func postponed(_ count: Int) async throws {
        try await event(count) { if case .postponed = $0 { true } else { false } }
    }
}

extension AccountIdentity {
    static func scripted(key: String = "key") -> AccountIdentity {
        AccountIdentity(
            provider: "scripted",
            contract: "scripted",
            address: "https://scripted.example",
            proof: .owner,
            key: key
        )
    }
}
