import Ledger
import Pipeline
import SystemPackage
import TestSupport
import Threads
import Watch

@testable import Fleet

/// A host that takes part in a test's fleet as the service does, with the account `main`, which the fleet calls
/// `brand-x`.
struct TestMember: Sendable {
    static let name = "me"
    static let account = FleetAccount(
        name: "brand-x",
        target: "somebody",
        apiKey: "key",
        address: "https://api.example"
    )
    static let configured = ConfiguredAccount(
        name: "main",
        identity: AccountIdentity(
            provider: "postbreeze",
            contract: "postbreeze",
            address: "https://api.example",
            proof: .target,
            key: "key"
        )
    )

    let host: HostID
    let connection: PostgresConnection
    let membership: Membership
    let counts = FleetCounts()
    private let seen = Monitor((beats: 0, turns: 0))

    /// How often the host came into the fleet, fell out of it, or failed to come in.
    var turns: Int { seen.read { $0.turns } }

    /// `connection` may be one that nobody runs: then the host stays outside.
    init(
        _ connection: PostgresConnection,
        _ host: HostID = HostID(),
        takeOverAfter: Duration = .seconds(60),
        rule: UnreachableRule = UnreachableRule(wait: .seconds(3600), then: .wait)
    ) {
        (self.host, self.connection) = (host, connection)
        let plan = Self.plan("", takeOverAfter: takeOverAfter, rule: rule)
        membership = Membership(plan, connection, logger: quiet)
        membership.expect(Self.account.name)
    }

    /// The configuration of such a host.
    static func plan(
        _ database: String,
        takeOverAfter: Duration = .seconds(60),
        rule: UnreachableRule = UnreachableRule()
    ) -> FleetPlan {
        FleetPlan(
            database: database,
            host: name,
            accounts: [configured.name: account.name],
            whenUnreachable: rule,
            takeOverAfter: takeOverAfter,
            manifest: "/fleet.json",
            journal: "/fleet.ndjson"
        )
    }

    /// Stays in the fleet until the task is cancelled.
    func run() async {
        await membership.run(as: host) { _ in
            let targets = AccountTargets(connection, host: host, name: Self.name)
            _ = try await targets.enter(.init(account: Self.account.name, target: Self.account.target))
        } seen: { _ in
            seen.change { $0.beats += 1 }
        } changed: {
            seen.change { $0.turns += 1 }
        }
    }

    /// Notes what the fleet says of the account. Returns whether it is shared only from now on.
    func note(_ standing: AccountTargets.Standing) -> Bool {
        let name = Self.account.name
        return membership.note(standing, of: name, number: membership.accounts[name])
    }

    /// Has it show a heartbeat now, or try to come in.
    func ring() { membership.expect("an account that nobody has") }

    /// Returns after another heartbeat.
    func beat() async throws {
        let before = seen.read { $0.beats }
        ring()
        try await seen.wait { $0.beats > before }
    }

    /// Another process enters under this host's identity. Returns the number of its start.
    @discardableResult
    func enterTwin() async throws -> Int64 {
        try await HostRoll(connection, host: host).enter(named: Self.name).boot
    }

    /// Runs `body` with a desk of this host.
    func withDesk<Value: Sendable>(
        on database: (any PostgresDatabase)? = nil,
        _ body: (ContentDesk) async throws -> Value
    ) async throws -> Value {
        let desk = ContentDesk(database ?? connection, membership, counts)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await desk.run() }
            defer { group.cancelAll() }
            return try await body(desk)
        }
    }

    /// The pace of the account, as its calls wait for it.
    func pace(_ rates: [CallRate] = []) -> PaceDesk {
        PaceDesk(Self.account, connection, membership, rates: rates, writeRates: [])
    }

    /// The account's index, with this copy of all hosts' entries.
    func index(_ desk: ContentDesk, copy: any FleetCopy) -> AccountIndex {
        AccountIndex(
            Self.account,
            desk,
            membership,
            pace: pace(),
            counts: counts,
            copy: copy,
            news: Doorbell()
        )
    }
}

/// Makes a fleet. Returns what a connection to it needs.
func newFleet() async throws -> String {
    let conninfo = try await PostgresServer.shared().database()
    try await withFleetDatabase(conninfo) { _ = try await FleetSchema().make(in: $0) }
    return conninfo
}

/// Runs `body` with a host that is in the fleet.
func withMember<Value: Sendable>(
    of conninfo: String,
    _ host: HostID = HostID(),
    takeOverAfter: Duration = .seconds(60),
    rule: UnreachableRule = UnreachableRule(wait: .seconds(3600), then: .wait),
    _ body: @escaping @Sendable (TestMember) async throws -> Value
) async throws -> Value {
    try await withFleetDatabase(conninfo) { connection in
        let member = TestMember(connection, host, takeOverAfter: takeOverAfter, rule: rule)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await member.run() }
            defer { group.cancelAll() }
            try await untilSo { member.membership.isInside }
            return try await body(member)
        }
    }
}

/// A host that has no connection to its fleet.
func lonelyMember(_ then: UnreachableRule.Course = .wait) throws -> TestMember {
    let connection = try PostgresConnection(try settings("host=/nowhere dbname=none user=nobody"), logger: quiet)
    return TestMember(connection, rule: UnreachableRule(wait: .seconds(3600), then: then))
}

extension MediaFile {
    /// A file on no disk with content `number`.
    static func sample(_ number: UInt8) -> MediaFile {
        MediaFile(
            folder: "inbox",
            root: "/in",
            path: FilePath("/in/\(number)"),
            version: FileVersion(device: 1, inode: UInt64(number), size: 10, modified: 1, changed: 1),
            account: TestMember.configured.name,
            mime: .jpeg,
            kind: .image,
            uploadName: "\(number).jpg"
        )
    }
}

extension SQLiteLedger {
    /// Takes a file with content `number` all the way.
    func upload(_ number: UInt8) async throws {
        let (file, book, time) = (MediaFile.sample(number), book(of: TestMember.configured), Timestamp(milliseconds: 7))
        try await enqueue(file, at: time)
        _ = try await book.claim(.oldest(100), except: .nothing, at: time)
        try await book.complete(
            file,
            provider: "postbreeze",
            sha256: digest(number),
            receipt: Receipt(mediaID: "med_\(number)", status: .ready),
            leaving: .keep,
            at: time
        )
    }
}
