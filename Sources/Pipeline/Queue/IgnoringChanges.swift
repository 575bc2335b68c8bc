import Threads

/// Folders that may ignore other files than before.
///
/// Each waits for a look at its waiting files, and has a count of its changes. The count is for those who judge a file
/// first, and record later that it is let go of. If the count has moved meanwhile, Watch may have found the file while
/// it was still queued, and nobody would find it again.
final class IgnoringChanges: Sendable {
    private struct State {
        var counts: [String: Int] = [:]
        /// Folders that wait for a look.
        var waiting: Set<String> = []
        /// Folders that are being looked at.
        var begun: Set<String> = []
    }

    private let state = Mutex(State())
    private let rescan: @Sendable (String) -> Void
    /// Rings when a folder waits for a look.
    let bell = Doorbell()

    /// `rescan` looks through the folder of this name anew.
    init(rescan: @escaping @Sendable (String) -> Void = { _ in }) {
        self.rescan = rescan
    }

    /// Notes that what the folder ignores has changed.
    func note(_ folder: String) {
        state.withLock { $0.counts[folder, default: 0] += 1 }
        lookAgain(at: folder)
    }

    /// Has the folder wait for a look, without a change.
    func lookAgain(at folder: String) {
        state.withLock { _ = $0.waiting.insert(folder) }
        bell.ring()
    }

    /// Takes the folders that wait for a look and of which none is under way. The caller must ``end(_:)`` each.
    func begin() -> Set<String> {
        state.withLock { state in
            let folders = state.waiting.subtracting(state.begun)
            state.waiting.subtract(folders)
            state.begun.formUnion(folders)
            return folders
        }
    }

    /// Ends the look at a folder.
    func end(_ folder: String) {
        let waits = state.withLock { state in
            state.begun.remove(folder)
            return state.waiting.contains(folder)
        }
        if waits { bell.ring() }
    }

    /// How often what the folder ignores has changed so far.
    func count(of folder: String?) -> Int {
        guard let folder else { return 0 }
        return state.withLock { $0.counts[folder, default: 0] }
    }

    /// Notes that files of the folder are recorded as let go of. They were judged when the count was this or later.
    func noteLetGo(of folder: String?, since count: Int) {
        if let folder, self.count(of: folder) != count { rescan(folder) }
    }
}
