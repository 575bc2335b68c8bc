import Control
import Pipeline
import SystemPackage
import Threads

/// The work of `outtray manifest verify --remote`: one look at the asset of each entry, at its provider.
///
/// Entries of one account are looked at one after the other, accounts side by side. Entries that share an asset share
/// the look. An account that cannot tell is not asked for its other entries.
struct RemoteVerification: Sendable {
    /// An entry of the manifest.
    struct Entry: Sendable, Hashable {
        let path: FilePath
        let provider: String
        /// As the manifest shows it.
        let account: String
        /// Of entries with one account, equal ids mean one asset.
        let id: String?

        init(path: FilePath, _ entry: ManifestEntry) {
            self.path = path
            provider = entry.provider
            account = entry.account
            id = entry.receipt.id
        }
    }

    /// What is told of one entry, or of several at once.
    enum News: Sendable, Equatable {
        /// An entry whose asset is there, with the status that the manifest says.
        case there
        case differs(ManifestAudit.Difference)
        /// It cannot be told now.
        case unknown(FilePath, reason: String)
        /// So many entries were not asked for, as their account cannot tell now.
        case unknownToo(Int, account: String, reason: String)
        /// So many entries were not asked for: nobody may ask, or no call tells.
        case unasked(Int, account: String, reason: String)
        /// The entry was removed from the manifest meanwhile.
        case left
    }

    /// How many entries came to which end.
    struct Tally: Sendable, Equatable {
        var there = 0
        var differences: [ManifestAudit.Difference] = []
        var unknown = 0
        var unasked = 0
        var left = 0

        /// How many entries have their answer.
        var count: Int { there + differences.count + unknown + unasked + left }

        mutating func add(_ news: News) {
            switch news {
            case .there: there += 1
            case .differs(let difference): differences.append(difference)
            case .unknown: unknown += 1
            case .unknownToo(let count, _, _): unknown += count
            case .unasked(let count, _, _): unasked += count
            case .left: left += 1
            }
        }
    }

    /// After so many entries in a row that cannot be told, the account is not asked any more.
    static let patience = 3

    let look: @Sendable (FilePath) async throws -> AssetLook?

    /// Looks at all entries, and tells each piece of news as it comes.
    ///
    /// - Throws: `CancellationError`, and the errors of `look`.
    func run(_ entries: [Entry], tell: @escaping @Sendable (News) -> Void) async throws {
        let groups = Dictionary(grouping: entries) { [$0.provider, $0.account] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for entries in groups.values { group.addTask { try await lookAtAll(entries, tell) } }
            try await group.waitForAll()
        }
    }

    private func lookAtAll(_ entries: [Entry], _ tell: (News) -> Void) async throws {
        var known: [String: AssetLook?] = [:]
        var unasked: [String: Int] = [:]
        var vain = 0
        for (index, entry) in entries.enumerated() {
            try Task.checkCancellation()
            let found: AssetLook?
            if let id = entry.id, let earlier = known[id] {
                found = earlier
            } else {
                found = try await look(entry.path)
                // A later entry may show what this one does not show any more.
                if let id = entry.id, found != nil { known[id] = .some(found) }
            }
            guard let found else {
                tell(.left)
                continue
            }
            switch found.finding {
            case .there(let status): tell(Self.news(of: entry.path, found, status))
            case .gone:
                tell(.differs(.init(.provider, "\(found.provider) has no \(found.id) any more", at: entry.path)))
            case .unasked(let reason): unasked[reason, default: 0] += 1
            case .unknown(let reason, let isOfAccount):
                tell(.unknown(entry.path, reason: reason))
                vain += 1
                let rest = entries.count - index - 1
                if isOfAccount || vain >= Self.patience, rest > 0 {
                    tell(.unknownToo(rest, account: found.account, reason: reason))
                    return Self.tell(unasked, of: entry.account, tell)
                }
                continue
            }
            vain = 0
        }
        Self.tell(unasked, of: entries.first?.account ?? "", tell)
    }

    private static func tell(_ unasked: [String: Int], of account: String, _ tell: (News) -> Void) {
        for (reason, count) in unasked.sorted(by: { $0.key < $1.key }) {
            tell(.unasked(count, account: account, reason: reason))
        }
    }

    /// The service looks after an asset that is still processing by itself. A provider that says nothing of the status
    /// does not contradict the manifest.
    private static func news(of path: FilePath, _ found: AssetLook, _ status: AssetStatus) -> News {
        guard status != found.recorded, status != .unknown, found.recorded != .processing else { return .there }
        let reason =
            "\(found.provider) says \(status.rawValue) of \(found.id), and the manifest \(found.recorded.rawValue)"
        return .differs(.init(.provider, reason, at: path))
    }
}

/// What the providers said in all.
struct RemoteOutcome: Sendable {
    let entries: Int
    let tally: RemoteVerification.Tally
    let isInterrupted: Bool

    var words: String {
        let parts = [
            (tally.there, "there"), (tally.differences.count, "differ"), (tally.unknown, "unknown"),
            (tally.unasked, "not asked for"), (tally.left, "left the manifest meanwhile"),
        ]
        let told = parts.filter { $0.0 > 0 || $0.1 == "there" }.map { "\(Words.number($0.0)) \($0.1)" }
        return "remote  \(Words.count(entries, "entry", "entries")): \(told.joined(separator: ", "))"
    }
}
