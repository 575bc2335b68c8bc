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

    /// `wrapping` puts something between the jobs and the book.
    init(
        _ provider: ScriptedProvider = ScriptedProvider(),
        clock: C,
        concurrency: Int = 4,
        rate: [CallRate] = [],
        identity: AccountIdentity = .scripted(),
        disks: SourceDisks = SourceDisks(),
        wrapping: (any AssetBook) -> any AssetBook = { $0 }
    ) throws {
        directory = try TemporaryDirectory()
        ledger = try SQLiteLedger(inMemory: quiet)
        self.provider = provider
        self.clock = clock
        let plan = AccountPlan(
            name: "main",
            provider: provider,
            settings: "",
            providerName: "scripted",
            identity: identity,
            concurrency: concurrency,
            rate: rate,
            writeRate: [],
            admission: Admission(provider: "scripted", acceptedTypes: [.jpeg], limits: SizeLimits())
        )
        book = ledger.book(of: plan.configured)
        services = AccountServices(
            plan: plan,
            queue: ledger,
            book: wrapping(book),
            memory: PieceMemory(),
            disks: disks,
            bookkeeping: Bookkeeping(clock: clock, observer: events.observer),
            clock: clock,
            observer: events.observer
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
        let claimed = try await ledger.claim(account: "main", .oldest(100), at: .now())
        try #require(claimed.map(\.file) == [file])
        return file
    }

    func run(_ file: MediaFile) async -> UploadJob<C>.Outcome {
        await job(file).run()
    }

    /// One try at a file, without a lane.
    func job(_ file: MediaFile, attempts: Int = 0) -> UploadJob<C> {
        UploadJob(file: file, account: services, provider: services.provider { _ in }, attempts: attempts)
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
                dismissal: dismissal,
                uploaded: { _ in },
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
