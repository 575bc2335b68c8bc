import Threads

/// The contents that tries on this host have asked the fleet for, or bring up now. Each try counts by itself.
///
/// A try is entered before its claim is sent, and leaves when all is over. So a claim in the database whose content is
/// not in use here belongs to nobody: see ``StrayClaims``.
final class ContentsInUse: Sendable {
    private let tries = Mutex<[ContentKey: Int]>([:])

    func enter(_ key: ContentKey) {
        tries.withLock { $0[key, default: 0] += 1 }
    }

    func leave(_ key: ContentKey) {
        tries.withLock { tries in
            let rest = (tries[key] ?? 1) - 1
            tries[key] = rest > 0 ? rest : nil
        }
    }

    func contains(_ key: ContentKey) -> Bool { tries.withLock { $0[key] != nil } }
}
