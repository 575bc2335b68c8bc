import SystemPackage
import Threads

/// The pauses in force, for all who begin something.
final class PauseBoard: Sendable {
    private let state = Mutex<[Pause]>([])

    var pauses: [Pause] {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// What an account's lane may not claim; nil if it may claim nothing.
    func heldBack(of account: ConfiguredAccount) -> HeldBack? {
        let pauses = pauses
        if pauses.contains(where: { $0.holdsAll(of: account) }) { return nil }
        return HeldBack(roots: Set(pauses.compactMap(\.root)), files: [])
    }

    /// The pause that keeps a queued file from going up; nil if none does.
    func pause(of account: ConfiguredAccount, beneath root: FilePath?) -> Pause? {
        pauses.first { $0.holdsAll(of: account) || ($0.root != nil && $0.root == root) }
    }
}

extension Pause {
    fileprivate func holdsAll(of account: ConfiguredAccount) -> Bool {
        subject == .all || account.isHeld(by: subject)
    }

    /// The directory beneath which a paused folder's files are opened.
    fileprivate var root: FilePath? {
        if case .folder(_, let path) = subject { path } else { nil }
    }
}
