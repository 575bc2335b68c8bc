import Pipeline
import SystemPackage
import Threads

/// One account's contents in the fleet, for the account's lane.
final class AccountIndex: SharedIndex {
    let account: FleetAccount
    let desk: ContentDesk
    let membership: Membership
    private let pace: PaceDesk
    private let counts: FleetCounts
    private let copy: any FleetCopy
    /// Rings when a file came to wait.
    private let news: Doorbell
    private let waiting: Mutex<WaitingContents<ContinuousClock.Instant>>
    /// Assets of which another host asks the provider.
    let lookers = Mutex(StatusLookers<ContinuousClock.Instant>())
    let clock = ContinuousClock()

    init(
        _ account: FleetAccount,
        _ desk: ContentDesk,
        _ membership: Membership,
        pace: PaceDesk,
        counts: FleetCounts,
        copy: any FleetCopy,
        news: Doorbell
    ) {
        self.counts = counts
        self.pace = pace
        self.copy = copy
        self.news = news
        self.account = account
        self.desk = desk
        self.membership = membership
        waiting = Mutex(WaitingContents())
    }

    var closure: FleetClosure? { membership.closure(of: account.name) }

    func digest(of file: MediaFile) -> SHA256Digest? {
        waiting.withLock { $0.digest(of: file.path, file.version) }
    }

    func claim(_ digest: SHA256Digest, of file: MediaFile) async throws -> ContentClaim {
        let key = ContentKey(account: account.name, sha256: digest)
        // Before the first word to the database, so that no claim of a try that is under way counts as nobody's.
        desk.inUse.enter(key)
        do {
            let claim = try await claim(key, of: file)
            switch claim {
            case .mine, .alone: break
            case .up, .waits: desk.inUse.leave(key)
            }
            return claim
        } catch {
            desk.inUse.leave(key)
            throw error
        }
    }

    func leave(_ digest: SHA256Digest) {
        desk.inUse.leave(ContentKey(account: account.name, sha256: digest))
    }

    private func claim(_ key: ContentKey, of file: MediaFile) async throws -> ContentClaim {
        // Its assets may be another owner's. It goes up as if this host were alone, and the answer tells the owner.
        if membership.isUnproven(account.name) { return .alone }
        do {
            switch try await desk.claim(ContentDesk.Wish(key: key, size: file.size)) {
            case .mine(let fence, let sealed):
                let ticket = sealed.flatMap { account.seal.open($0, for: key.sha256) }
                return .mine(HeldContent(sha256: key.sha256, fence: fence, ticket: ticket))
            case .up(let stored, let host):
                forget(file)
                counts.add(to: \.adopted)
                return .up(SharedAsset(receipt: stored.receipt, host: host, uploadedAt: stored.uploadedAt))
            case .taken(_, let name, let since, _):
                remember(file, key)
                return .waits(.sameBytes, reason: "\(name) is sending the same bytes since \(since.iso8601)")
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            membership.note(error)
            return await claimWithoutAnswer(key, file, error)
        }
    }

    /// Nobody can ask the fleet now. A content that this host's copy knows to be up needs no answer.
    private func claimWithoutAnswer(_ key: ContentKey, _ file: MediaFile, _ error: any Error) async -> ContentClaim {
        // Only for an account that the fleet has called its own: the copy may be of another owner's.
        let isProven = membership.isProven(account.name)
        let known = isProven ? try? await copy.assetInCopy(account: key.account, key.sha256, size: file.size) : nil
        if let known {
            forget(file)
            return .up(known)
        }
        let start = remember(file, key)
        if membership.mayGoAlone(key.sha256, since: start) {
            forget(file)
            return .alone
        }
        let reason = membership.trouble?.reason ?? (error as? PostgresError)?.reason ?? "\(error)"
        return .waits(.fleetUnreachable, reason: reason)
    }

    func hold(_ ticket: Ticket, for content: HeldContent) async throws -> TicketHold {
        let key = ContentKey(account: account.name, sha256: content.sha256)
        do {
            let sealed = try account.seal.seal(ticket, for: content.sha256)
            let claim = ContentStatements.Claimed(key: key, fence: content.fence, ticket: sealed)
            return try await desk.hold(claim) ? .held : .lost
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            membership.note(error)
            let reason = (error as? PostgresError)?.reason ?? membership.trouble?.reason ?? "\(error)"
            return .unknown(reason: reason)
        }
    }

    var sharers: Int { membership.sharers }

    func waitForPace(isWrite: Bool) async throws {
        try await pace.wait(for: isWrite ? .write : .read)
    }

    func holdPace(for time: Duration, reason: String) { desk.hold(account, for: time, reason: reason) }

    func finish(_ content: HeldContent, size: Int64, receipt: Receipt, at time: Timestamp) {
        let key = ContentKey(account: account.name, sha256: content.sha256)
        desk.tell(PublishedContent(key: key, size: size, stored: StoredReceipt(receipt, uploadedAt: time)))
    }

    func release(_ content: HeldContent) {
        let key = ContentKey(account: account.name, sha256: content.sha256)
        desk.release(ContentStatements.Claimed(key: key, fence: content.fence))
    }

    func keep(_ digest: SHA256Digest, of file: MediaFile) {
        remember(file, ContentKey(account: account.name, sha256: digest))
    }

    /// The content may have come up while the file went back into the queue. So it is looked at once more.
    func wait(for file: MediaFile) {
        waiting.withLock { $0.park(file.path, file.version) }
        news.ring()
    }

    /// Keeps the digest of a file that is to wait. Returns since when it does.
    @discardableResult
    private func remember(_ file: MediaFile, _ key: ContentKey) -> ContinuousClock.Instant {
        let now = clock.now
        return waiting.withLock { waiting in
            waiting.add(file.path, file.version, for: key, at: now)
            return waiting.since(file.path, file.version) ?? now
        }
    }

    private func forget(_ file: MediaFile) {
        waiting.withLock { $0.remove(file.path) }
    }

    // MARK: Letting files go on

    /// So many contents are asked for in one statement.
    private static let portion = 1000
    /// How long the digest of a file is kept that was let go on.
    private static let kept = Duration.seconds(300)

    /// The files that may be tried again: their content is up, free or nobody's, its host is silent, or they may go
    /// alone.
    func ready() async -> [FilePath] {
        let now = clock.now
        let keys = waiting.withLock { waiting in
            waiting.forgetReleased(before: now.advanced(by: .zero - Self.kept))
            return Array(waiting.keys)
        }
        var ready: [FilePath] = []
        for start in stride(from: 0, to: keys.count, by: Self.portion) {
            let portion = Array(keys[start..<min(keys.count, start + Self.portion)])
            let resolved = await resolved(among: portion)
            ready += waiting.withLock { waiting in resolved.flatMap { waiting.release($0, at: now) } }
        }
        return ready
    }

    private func resolved(among keys: [ContentKey]) async -> [ContentKey] {
        do {
            let standings = try await desk.standings(of: keys)
            return keys.filter { key in
                guard case .taken(let host, _, _, false)? = standings[key] else { return true }
                return membership.standstill(of: host) != nil
            }
        } catch {
            membership.note(error)
            let starts = waiting.withLock { waiting in keys.map { ($0, waiting.since($0)) } }
            return starts.filter { key, since in since.map { membership.mayGoAlone(key.sha256, since: $0) } ?? true }
                .map(\.0)
        }
    }
}
