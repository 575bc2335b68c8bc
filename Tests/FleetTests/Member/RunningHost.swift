import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Watch

@testable import Fleet

/// A host of a test's fleet that works as a service does, with a ledger in memory.
struct RunningHost: Sendable {
    let member: FleetHost
    /// By the accounts' names in the configuration.
    let indexes: [String: any SharedIndex]

    /// Runs a host with these accounts until `body` has ended, and waits for its end.
    static func run<Value: Sendable>(
        _ accounts: [AccountPlan],
        _ conninfo: String,
        _ ledger: SQLiteLedger,
        strayPause: Duration = .seconds(60),
        _ body: @escaping @Sendable (RunningHost) async throws -> Value
    ) async throws -> Value {
        let plan = FleetPlan(
            database: conninfo,
            host: "a",
            accounts: [:],
            manifest: "/nowhere/fleet.json",
            journal: "/nowhere/fleet.ndjson"
        )
        let member = try FleetHost(plan, book: ledger, strayPause: strayPause, logger: quiet)
        member.keep(accounts)
        let indexes = Dictionary(accounts.compactMap { plan in member.index(of: plan).map { (plan.name, $0) } }) { $1 }
        let host = RunningHost(member: member, indexes: indexes)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                await member.run(release: { _ in }, opened: {}, copied: {})
                return nil
            }
            group.addTask { try await body(host) }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            throw CancellationError()
        }
    }

    /// Waits until the fleet has all that the ledger has, and the ledger knows that.
    func caughtUp(_ ledger: SQLiteLedger) async throws {
        try await untilSo {
            let (revision, noted) = (try await ledger.revision(), try await ledger.revisionOfFleet())
            return member.condition.published == revision && noted == revision
        }
    }
}

extension AccountPlan {
    /// The account `name`, which the fleet calls `shared`.
    static func shared(_ name: String = "main", as shared: String, target: String = "somebody", key: String = "key")
        -> AccountPlan
    {
        AccountPlan(
            name: name,
            provider: ScriptedProvider(),
            settings: "",
            providerName: "scripted",
            identity: AccountIdentity(
                provider: "scripted",
                contract: "scripted",
                address: "https://\(target).example",
                proof: .target,
                key: key
            ),
            concurrency: 2,
            rate: [],
            writeRate: [],
            admission: Admission(provider: "scripted", acceptedTypes: [.jpeg], limits: SizeLimits()),
            fleet: FleetAccount(name: shared, target: target, apiKey: key, address: "https://\(target).example")
        )
    }
}

/// A file with content `number`, in its first version.
func media(_ number: UInt8, account: String = "main") -> MediaFile {
    MediaFile(
        folder: "inbox",
        root: "/in",
        path: FilePath("/in/\(account)-\(number).jpg"),
        version: FileVersion(device: 1, inode: UInt64(number), size: 10, modified: 1, changed: 1),
        account: account,
        mime: .jpeg,
        kind: .image,
        uploadName: "\(number).jpg"
    )
}

extension SQLiteLedger {
    /// Records that content `number` went up to an account, under this media id.
    func upload(_ number: UInt8, to plan: AccountPlan, _ id: String) async throws {
        let file = media(number, account: plan.name)
        try await enqueue(file, at: Timestamp(milliseconds: 1))
        let book = book(of: plan.configured)
        _ = try await book.claim(.oldest(9), except: .nothing, at: Timestamp(milliseconds: 2))
        try await book.complete(
            file,
            provider: "scripted",
            sha256: digest(number),
            receipt: Receipt(mediaID: id, status: .ready),
            at: Timestamp(milliseconds: 3)
        )
    }
}
