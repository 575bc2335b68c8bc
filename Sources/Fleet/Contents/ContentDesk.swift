import Pipeline
import Threads

/// Asks the database about contents, for all accounts of this host. Requests that come side by side share statements.
final class ContentDesk: Sendable {
    /// A content that a file needs.
    struct Wish: Sendable {
        let key: ContentKey
        let size: Int64
    }

    let database: any PostgresDatabase
    let membership: Membership
    private let counts: FleetCounts
    /// What tries of this host need the fleet for now.
    let inUse = ContentsInUse()
    private let claims = StatementGroups<Wish, ContentStanding?>()
    private let holds = StatementGroups<ContentStatements.Claimed, Bool>()
    /// Claims to let go when the database can be reached again. So many at most: a restart lets all go.
    private let left = Mutex<[ContentStatements.Claimed]>([])
    /// Assets of this host that the fleet does not have yet. The publisher tells them as well, by the manifest's
    /// changes.
    private let receipts = Mutex<[PublishedContent]>([])
    /// An account whose provider has told this host to wait, and the pace of the refused call.
    private struct Held: Hashable {
        let account: String
        let pace: String
    }

    /// Holds that are to be told.
    private let pauses = Mutex<[Held: (end: ContinuousClock.Instant, reason: String)]>([:])
    private let bell = Doorbell()
    private static let mostLeft = 10_000

    init(_ database: any PostgresDatabase, _ membership: Membership, _ counts: FleetCounts) {
        self.counts = counts
        self.database = database
        self.membership = membership
    }

    /// - Throws: ``PostgresError``, ``Outside`` or `CancellationError`.
    func claim(_ wish: Wish) async throws -> ContentStanding {
        guard let standing = try await claims.reply(to: wish) else {
            throw PostgresError(.busy, "the content has just changed hands")
        }
        return standing
    }

    /// Returns whether the claim holds its ticket now. Throws as ``claim(_:)`` does.
    func hold(_ claim: ContentStatements.Claimed) async throws -> Bool { try await holds.reply(to: claim) }

    /// Tells the fleet of an asset, now or when the database can be reached.
    func tell(_ content: PublishedContent) {
        receipts.withLock { if $0.count < Self.mostLeft { $0.append(content) } }
        bell.ring()
    }

    /// Lets a claim go, now or when the database can be reached.
    func release(_ claim: ContentStatements.Claimed) {
        left.withLock { if $0.count < Self.mostLeft { $0.append(claim) } }
        bell.ring()
    }

    /// Tells all hosts that an account's provider is not to be called for a while, now or when the database can be
    /// reached.
    func hold(_ account: FleetAccount, for time: Duration, reason: String) {
        let end = ContinuousClock.now.advanced(by: time)
        pauses.withLock { $0[Held(account: account.name, pace: account.pace)] = (end, reason) }
        bell.ring()
    }

    /// Works until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await self.claims.run {
                    try await self.claimAll($0)
                } abandoned: { wish, standing in
                    guard case .mine(let fence, _)? = standing else { return }
                    self.release(ContentStatements.Claimed(key: wish.key, fence: fence))
                }
            }
            group.addTask { await self.holds.run { try await self.holdAll($0) } }
            group.addTask { await self.releaseLeft() }
        }
    }

    /// Wakes what waits for the database.
    func wake() { bell.ring() }

    /// Nil for a content whose claim ended between the two statements: it is asked for again.
    private func claimAll(_ wishes: [Wish]) async throws -> [ContentStanding?] {
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
        // What this host has claimed counts.
        var standings = try ContentStanding.told(answers[2]).merging(ContentStanding.claimed(answers[1])) { $1 }
        try await takeOver(&standings, host, boot)
        return wishes.map { standings[$0.key] }
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
            let taken = try ContentStanding.claimed(answers.last)
            standings.merge(taken) { $1 }
            counts.add(taken.count, to: \.takeovers)
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
            // What could not be told is tried again.
            let isDone =
                left.withLock(\.isEmpty) && receipts.withLock(\.isEmpty) && pauses.withLock(\.isEmpty)
            let clock = ContinuousClock()
            await bell.wait(until: isDone ? nil : clock.now.advanced(by: .seconds(2)), clock: clock)
            if membership.isInside {
                await tellPauses()
                await tellReceipts()
            }
            while let host = try? membership.identity().host, !Task.isCancelled {
                let portion = left.withLock { Array($0.prefix(256)) }
                if portion.isEmpty { break }
                // If that fails, the next connection rings.
                guard (try? await database.run(ContentStatements.release(portion, host: host))) != nil else { break }
                left.withLock { $0.removeFirst(portion.count) }
            }
        }
    }

    private func tellReceipts() async {
        while let host = try? membership.identity().host {
            let portion = receipts.withLock { Array($0.prefix(256)) }
            if portion.isEmpty { return }
            // One statement takes each content once. Of two, the first one counts.
            let contents = Dictionary(portion.map { ($0.key, $0) }) { first, _ in first }
            let statements = ContentStatements.tell(Array(contents.values), host: host) + [ContentStatements.notify]
            guard (try? await database.run(statements)) != nil else { return }
            receipts.withLock { $0.removeFirst(portion.count) }
        }
    }

    private func tellPauses() async {
        for (held, pause) in pauses.withLock({ $0 }) {
            let rest = ContinuousClock.now.duration(to: pause.end)
            let statements = PaceStatements.hold(held.account, pace: held.pace, for: rest, reason: pause.reason)
            if rest > .zero, (try? await database.run(statements)) == nil { continue }
            pauses.withLock { pauses in
                if pauses[held]?.end == pause.end { pauses[held] = nil }
            }
        }
    }

    /// What has become of contents that files of this host wait for. Those that this host may claim now are left out.
    func standings(of keys: [ContentKey]) async throws -> [ContentKey: ContentStanding] {
        let host = try membership.identity().host
        return try ContentStanding.told(try await database.run([ContentStatements.standing(keys, host: host)]).first)
    }
}
