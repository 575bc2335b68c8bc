import Pipeline
import SystemPackage
import Threads

/// The contents of a fleet in memory, with the protocol's rules, for the hosts of one test.
final class MemoryFleet: Sendable {
    struct Row: Sendable {
        var host: String
        var fence: Int64 = 1
        var isFree = false
        var ticket: Ticket?
        var receipt: SharedAsset?
    }

    private let rows = Mutex<[SHA256Digest: Row]>([:])

    func row(_ sha256: SHA256Digest) -> Row? { rows.withLock { $0[sha256] } }

    func change(_ sha256: SHA256Digest, _ body: @Sendable (inout Row?) -> Void) {
        rows.withLock { body(&$0[sha256]) }
    }

    func index(of host: String) -> MemoryIndex { MemoryIndex(host, in: self) }
}

/// What one host sees of a ``MemoryFleet``. A test can cut it off.
final class MemoryIndex: SharedIndex {
    struct Script: Sendable {
        var closure: FleetClosure?
        /// What the next claim answers in place of the fleet.
        var claim: ContentClaim?
        /// What the next hold answers in place of the fleet.
        var hold: TicketHold?
        /// What ``MemoryIndex/word(on:)`` says of any asset.
        var word = StatusWord.ask
        /// What ``MemoryIndex/digest(of:)`` says of any file.
        var digest: SHA256Digest?
        /// What ``MemoryIndex/sharers`` says.
        var sharers = 1
    }

    private let host: String
    private let fleet: MemoryFleet
    private let script = Mutex(Script())
    private let log = Mutex<[HeldContent]>([])
    private let pace = Mutex((waits: [Bool](), holds: [Duration]()))
    private let waiting = Mutex<[FilePath]>([])
    private let inUse = Mutex<[SHA256Digest]>([])
    private let kept = Mutex<[FilePath: SHA256Digest]>([:])

    init(_ host: String, in fleet: MemoryFleet) {
        self.host = host
        self.fleet = fleet
    }

    /// The claims that were let go, in order.
    var released: [HeldContent] { log.withLock { $0 } }

    func script(_ change: @Sendable (inout Script) -> Void) { script.withLock { change(&$0) } }

    var closure: FleetClosure? { script.withLock { $0.closure } }

    func digest(of file: MediaFile) -> SHA256Digest? { script.withLock { $0.digest } }

    func claim(_ digest: SHA256Digest, of file: MediaFile) async throws -> ContentClaim {
        let claim = answer(to: digest)
        switch claim {
        case .mine, .alone: inUse.withLock { $0.append(digest) }
        case .up, .waits: break
        }
        return claim
    }

    private func answer(to digest: SHA256Digest) -> ContentClaim {
        if let told = script.withLock({ script in
            defer { script.claim = nil }
            return script.claim
        }) {
            return told
        }
        let answer = Mutex<ContentClaim>(.alone)
        fleet.change(digest) { [host] row in
            var now = row ?? MemoryFleet.Row(host: host, fence: 0)
            if let asset = now.receipt { return answer.withLock { $0 = .up(asset) } }
            guard now.host == host || now.isFree else {
                let owner = now.host
                return answer.withLock { $0 = .waits(.sameBytes, reason: "\(owner) is sending the same bytes") }
            }
            (now.host, now.isFree) = (host, false)
            now.fence += 1
            row = now
            let held = HeldContent(sha256: digest, fence: now.fence, ticket: now.ticket)
            answer.withLock { $0 = .mine(held) }
        }
        return answer.withLock { $0 }
    }

    /// What tries bring up now, in the order of their claims.
    var used: [SHA256Digest] { inUse.withLock { $0 } }

    func word(on asset: ProcessingAsset) async throws -> StatusWord { script.withLock { $0.word } }

    func leave(_ digest: SHA256Digest) {
        inUse.withLock { used in
            guard let index = used.firstIndex(of: digest) else { return }
            used.remove(at: index)
        }
    }

    func keep(_ digest: SHA256Digest, of file: MediaFile) {
        kept.withLock { $0[file.path] = digest }
    }

    /// The digests of files whose claims came to nothing.
    var keptDigests: [FilePath: SHA256Digest] { kept.withLock { $0 } }

    func wait(for file: MediaFile) {
        waiting.withLock { $0.append(file.path) }
    }

    /// The files that are to be let go on.
    var parked: [FilePath] { waiting.withLock { $0 } }

    var sharers: Int { script.withLock { $0.sharers } }

    func waitForPace(isWrite: Bool) async throws {
        pace.withLock { $0.waits.append(isWrite) }
    }

    func holdPace(for time: Duration, reason: String) {
        pace.withLock { $0.holds.append(time) }
    }

    /// The calls that have waited for the pace of all hosts, in order: whether each was a write.
    var paceWaits: [Bool] { pace.withLock { $0.waits } }

    /// How long all hosts were told to wait, each time.
    var paceHolds: [Duration] { pace.withLock { $0.holds } }

    func hold(_ ticket: Ticket, for content: HeldContent) async throws -> TicketHold {
        if let told = script.withLock({ script in
            defer { script.hold = nil }
            return script.hold
        }) {
            return told
        }
        let answer = Mutex(TicketHold.lost)
        fleet.change(content.sha256) { [host] row in
            guard row?.host == host, row?.fence == content.fence, row?.receipt == nil else { return }
            row?.ticket = ticket
            answer.withLock { $0 = .held }
        }
        return answer.withLock { $0 }
    }

    func finish(_ content: HeldContent, size: Int64, receipt: Receipt, at time: Timestamp) {
        fleet.change(content.sha256) { [host] row in
            guard row?.receipt == nil else { return }
            row?.receipt = SharedAsset(receipt: receipt, host: host, uploadedAt: time)
        }
    }

    func release(_ content: HeldContent) {
        log.withLock { $0.append(content) }
        fleet.change(content.sha256) { [host] row in
            if row?.host == host, row?.fence == content.fence { row?.isFree = true }
        }
    }
}
