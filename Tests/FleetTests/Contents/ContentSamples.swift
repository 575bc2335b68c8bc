import Pipeline
import TestSupport

@testable import Fleet

func digest(_ number: UInt8) -> SHA256Digest { SHA256Digest(bytes: Array(repeating: number, count: 32)) }

func key(_ number: UInt8, account: String = "brand-x") -> ContentKey {
    ContentKey(account: account, sha256: digest(number))
}

/// A host of a test's fleet, and what it does with single statements.
struct TestHost: Sendable {
    let database: PostgresConnection
    let host: HostID
    let boot: Int64

    /// Enters a host, and the account `brand-x`.
    init(_ database: PostgresConnection, _ host: HostID = HostID(), named name: String) async throws {
        self.database = database
        self.host = host
        boot = try await HostRoll(database, host: host).enter(named: name).boot
        let targets = AccountTargets(database, host: host, name: name)
        _ = try await targets.enter(.init(account: "brand-x", target: "somebody"))
    }

    func claim(_ keys: [ContentKey]) async throws -> [ContentKey: ContentStanding] {
        let answers = try await database.run([
            ContentStatements.gate(host, boot: boot),
            ContentStatements.claim(keys.map { ($0, 10) }, host: host),
            ContentStatements.standing(keys, host: host),
        ])
        var standings: [ContentKey: ContentStanding] = [:]
        for row in answers[2].rows { standings[try ContentStanding.told(row).0] = try ContentStanding.told(row).1 }
        for row in answers[1].rows {
            standings[try ContentStanding.claimed(row).0] = try ContentStanding.claimed(row).1
        }
        return standings
    }

    /// The fence and the ticket of a claim; nil if another host has it, or if the content is up.
    func claimed(_ key: ContentKey) async throws -> (fence: Int64, ticket: [UInt8]?)? {
        guard case .mine(let fence, let ticket)? = try await claim([key])[key] else { return nil }
        return (fence, ticket)
    }

    func hold(_ key: ContentKey, _ fence: Int64, _ ticket: [UInt8]) async throws -> Bool {
        let claim = ContentStatements.Claimed(key: key, fence: fence, ticket: ticket)
        return try await database.run([ContentStatements.hold([claim], host: host)])[0].rows.count == 1
    }

    func release(_ key: ContentKey, _ fence: Int64) async throws {
        _ = try await database.run(ContentStatements.release([.init(key: key, fence: fence)], host: host))
    }

    /// What became of a takeover from a host that stood at this start and heartbeat.
    func takeOver(_ key: ContentKey, of other: TestHost, beat: Int64) async throws -> (fence: Int64, ticket: [UInt8]?)?
    {
        let statement = ContentStatements.takeOver([key], of: other.host, at: (other.boot, beat), host: host)
        guard let row = try await database.run([statement])[0].rows.first,
            case (_, .mine(let fence, let ticket)) = try ContentStanding.claimed(row)
        else { return nil }
        return (fence, ticket)
    }

    func tell(_ contents: [PublishedContent]) async throws {
        _ = try await database.run(ContentStatements.tell(contents, host: host))
    }
}

extension PublishedContent {
    /// An asset of content `number` under this media id.
    init(_ number: UInt8, _ id: String, _ status: AssetStatus = .ready) {
        self.init(
            key: FleetTests.key(number),
            size: 10,
            stored: StoredReceipt(Receipt(mediaID: id, status: status), uploadedAt: Timestamp(milliseconds: 7))
        )
    }
}

/// The first column of a query's rows.
func texts(_ database: PostgresConnection, _ sql: String) async throws -> [String?] {
    var texts: [String?] = []
    for row in try await database.run(sql).rows { texts.append(try row.text(0)) }
    return texts
}

/// Runs a test with some hosts of a new fleet, which are named `a`, `b` and so on.
///
/// Each has a connection of its own: the statements of one connection follow each other, so hosts that shared one could
/// never be in each other's way.
func withHosts(
    _ count: Int,
    _ body: @escaping @Sendable (PostgresConnection, [TestHost]) async throws -> Void
) async throws {
    let conninfo = try await PostgresServer.shared().database()
    try await withFleetDatabase(conninfo) { database in
        _ = try await FleetSchema().make(in: database)
        try await join("abcdefgh".prefix(count), conninfo, []) { try await body(database, $0) }
    }
}

private func join(
    _ names: Substring,
    _ conninfo: String,
    _ hosts: [TestHost],
    _ body: @escaping @Sendable ([TestHost]) async throws -> Void
) async throws {
    guard let name = names.first else { return try await body(hosts) }
    try await withFleetDatabase(conninfo) { connection in
        let host = try await TestHost(connection, named: String(name))
        try await join(names.dropFirst(), conninfo, hosts + [host], body)
    }
}

/// Runs a test with two hosts of a new fleet, each with a connection of its own.
func withHosts(
    _ body: @escaping @Sendable (PostgresConnection, TestHost, TestHost) async throws -> Void
) async throws {
    try await withHosts(2) { try await body($0, $1[0], $1[1]) }
}
