import SystemPackage
import Threads
import Watch

// Files that left, on their way into the ledger.

extension Settler {
    /// How many files that left are recorded in one write.
    private static var leavingAtATime: Int { 256 }
    /// How long a directory that left may wait for the next of its files to be found at another place.
    private static var longestHold: Duration { .seconds(2) }

    /// Notes that a directory left. Its files may have moved with it.
    ///
    /// So the loss waits until Watch has looked into all directories that came. An entry that follows its file
    /// meanwhile is gone through once: it is not recorded as gone first. Whatever needs the loss to be recorded does
    /// not wait.
    func holdLeaving(of directory: FilePath) {
        guard let plan = folders.values.first(where: { directory.starts(with: $0.path) }), plan.keepsMovedFiles else {
            return
        }
        extendHold(of: plan.name)
    }

    func extendHold(of folder: String) {
        leavingHolds[folder] = clock.now.advanced(by: Self.longestHold)
    }

    /// Notes that Watch has looked into all directories of the folder that came.
    func endHold(of folder: String) {
        leavingHolds[folder] = nil
    }

    /// The folders with found files among the sights, where files that left are held back.
    func foldersHeld(among sights: [Sight]) -> Set<String> {
        if leavingHolds.isEmpty { return [] }
        return Set(sights.compactMap { if case .found(let files) = $0 { files.folder } else { nil } })
            .filter { leavingHolds[$0] != nil }
    }

    /// Notes that the found files of these folders are being dealt with. They may have come from where others left.
    func beginNews(of folders: Set<String>) {
        foldersWithNews.formUnion(folders)
    }

    func endNews(of folders: Set<String>) {
        foldersWithNews.subtract(folders)
        for folder in folders where leavingHolds[folder] != nil { extendHold(of: folder) }
        noteRecorded()
    }

    /// When files that left are recorded without a ring; nil if none are held back.
    var endOfHold: C.Instant? {
        guard !leaving.isEmpty, foldersWithNews.isDisjoint(with: leavingHolds.keys) else { return nil }
        return leavingHolds.values.max()
    }

    /// Records the files that have left until now, unless some of them may be found at another place.
    func recordLeavingUnlessHeld() async {
        let now = clock.now
        // To compare very many files, and to record their moves, may take longer.
        leavingHolds = leavingHolds.filter { $0.value > now || foldersWithNews.contains($0.key) }
        if leavingHolds.isEmpty { await recordLeaving() }
    }

    /// Records all files that have left until now.
    package func recordLeaving() async {
        await leavingTurns.run {
            while case let notes = leaving.removeFirst(Self.leavingAtATime), !notes.isEmpty {
                await record(notes)
                leaving.forget(notes)
            }
        }
    }

    /// Those of the former places whose files have left, though the ledger may not know it yet.
    func left(among places: some Sequence<FormerPlace>) -> Set<FilePath> {
        leaving.isEmpty ? [] : Set(places.lazy.map(\.path).filter { self.leaving.holds($0) })
    }
}
