import Pipeline
import Threads

/// Asks the database about contents, for all accounts of this host. Requests that come side by side share statements.
final class ContentDesk: Sendable {
    /// A content that a file needs.
    struct Wish: Sendable {
        let key: ContentKey
        let size: Int64
    }

    private let database: any PostgresDatabase
    private let membership: Membership
    private let claims = StatementGroups<Wish, ContentStanding>()
    private let holds = StatementGroups<ContentStatements.Claimed, Bool>()
    /// Claims to let go when the database can be reached again. So many at most: a restart lets all go.
    private let left = Mutex<[ContentStatements.Claimed]>([])
    private let bell = Doorbell()
    private static let mostLeft = 10_000

    init(_ database: any PostgresDatabase, _ membership: Membership) {
        self.database = database
        self.membership = membership
    }

    /// - Throws: ``PostgresError``, ``Outside`` or `CancellationError`.
    func claim(_ wish: Wish) async throws -> ContentStanding { try await claims.reply(to: wish) }

    /// Returns whether the claim holds its ticket now. Throws as ``claim(_:)`` does.
    func hold(_ claim: ContentStatements.Claimed) async throws -> Bool { try await holds.reply(to: claim) }

    /// Lets a claim go, now or when the database can be reached.
    func release(_ claim: ContentStatements.Claimed) {
        left.withLock { if $0.count < Self.mostLeft { $0.append(claim) } }
        bell.ring()
    }

    /// Works until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.claims.run { try await self.claimAll($0) } }
            group.addTask { await self.holds.run { try await self.holdAll($0) } }
            group.addTask { await self.releaseLeft() }
        }
    }

    /// Wakes what waits for the database.
    func wake() { bell.ring() }

    private func claimAll(_ wishes: [Wish]) async throws -> [ContentStanding] {
        let (host, boot) = try membership.identity()
        // Two accounts of the configuration may be one of the fleet.
        let wanted = Dictionary(wishes.map { ($0.key, $0.size) }) { first, _ in first }.map { (key: $0, size: $1) }
        let keys = wanted.map(\.key)
        let answers = try await database.run([
            ContentStatements.gate(host, boot: boot),
            ContentStatements.claim(wanted, host: host),
            ContentStatements.standing(keys, host: host),
        ])
        guard answers.count == 3 else { throw PostgresError(.other, "the database told only a part") }
        var standings: [ContentKey: ContentStanding] = [:]
        for row in answers[2].rows {
            let (key, standing) = try ContentStanding.told(row)
            standings[key] = standing
        }
        for row in answers[1].rows {
            let (key, standing) = try ContentStanding.claimed(row)
            standings[key] = standing
        }
        try await takeOver(&standings, host, boot)
        return try wishes.map { wish in
            // A claim that ended between the two statements: it is asked for again.
            guard let standing = standings[wish.key] else {
                throw PostgresError(.busy, "the content has just changed hands")
            }
            return standing
        }
    }

    /// Takes over the claims of hosts that are silent.
    private func takeOver(_ standings: inout [ContentKey: ContentStanding], _ host: HostID, _ boot: Int64) async throws
    {
        var silent: [HostID: [ContentKey]] = [:]
        for (key, standing) in standings {
            if case .taken(let other, _, _, false) = standing, membership.standstill(of: other) != nil {
                silent[other, default: []].append(key)
            }
        }
        for (other, keys) in silent {
            guard let standstill = membership.standstill(of: other) else { continue }
            let answers = try await database.run([
                ContentStatements.gate(host, boot: boot),
                ContentStatements.takeOver(keys, of: other, at: standstill, host: host),
            ])
            for row in answers.last?.rows ?? [] {
                let (key, standing) = try ContentStanding.claimed(row)
                standings[key] = standing
            }
        }
    }

    private func holdAll(_ claims: [ContentStatements.Claimed]) async throws -> [Bool] {
        let (host, boot) = try membership.identity()
        let answers = try await database.run([
            ContentStatements.gate(host, boot: boot), ContentStatements.hold(claims, host: host),
        ])
        var held: Set<ContentKey> = []
        for row in answers.last?.rows ?? [] { held.insert(try ContentKey(row)) }
        return claims.map { held.contains($0.key) }
    }

    private func releaseLeft() async {
        while !Task.isCancelled {
            await bell.wait()
            while let host = try? membership.identity().host, !Task.isCancelled {
                let portion = left.withLock { Array($0.prefix(256)) }
                if portion.isEmpty { break }
                // If that fails, the next connection rings.
                guard (try? await database.run(ContentStatements.release(portion, host: host))) != nil else { break }
                left.withLock { $0.removeFirst(portion.count) }
            }
        }
    }

    /// What has become of contents that files of this host wait for. Those that this host may claim now are left out.
    func standings(of keys: [ContentKey]) async throws -> [ContentKey: ContentStanding] {
        let host = try membership.identity().host
        let answer = try await database.run([ContentStatements.standing(keys, host: host)])
        var standings: [ContentKey: ContentStanding] = [:]
        for row in answer.first?.rows ?? [] {
            let (key, standing) = try ContentStanding.told(row)
            standings[key] = standing
        }
        return standings
    }
}
