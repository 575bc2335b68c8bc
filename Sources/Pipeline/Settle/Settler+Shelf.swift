import SystemPackage
import Threads
import Watch

// Files that wait for long, past the number for which their folder's window has room (``ShelvedFiles``).
//
// They wait for a long quiet time, for an age or for their markers. The ledger has them as settling, with the time of
// their next look. Whatever happens to one of them brings an event, and so a look.

extension Settler {
    /// How many files that are due are taken from the ledger in one commit.
    private static var shelvedAtATime: Int { 512 }
    /// The least time between two looks for files that are due.
    private static var shelfPause: Duration { .seconds(1) }

    /// Whether a file that waits for long is left to the ledger.
    func mustShelve(_ path: FilePath, in folder: String) -> Bool {
        guard let window = windows[folder] else { return false }
        return window.count >= mostPending && !window.holds(path)
    }

    /// Notes that a file is left to the ledger. `due`: when it is looked at again; nil if it waits for its marker.
    func shelve(in folder: String, due: C.Instant?, isInFirstRound: Bool = false) {
        shelves[folder, default: ShelvedFiles()].add(due: due, isInFirstRound: isInFirstRound)
        bell.ring()
    }

    /// When the next shelved file may be due.
    var nextShelved: C.Instant? { shelves.values.compactMap { $0.isTaking ? nil : $0.next }.min() }

    /// The folders whose shelved files may be due. The caller must take those of each.
    func takeShelves() -> [String] {
        let now = clock.now
        let due = shelves.filter { !$0.value.isTaking && $0.value.next.map { $0 <= now } == true }.map(\.key)
        for folder in due { shelves[folder]?.isTaking = true }
        return due
    }

    /// Takes the shelved files that are due into the folder's window, as far as that has room.
    func takeShelved(of folder: String) async {
        let number = numbers[folder]
        shelves[folder]?.next = nil
        let next = await takeDue(of: folder, number)
        guard numbers[folder] == number, shelves[folder] != nil else { return }
        shelves[folder]?.isTaking = false
        if let next { shelve(in: folder, due: max(next, clock.now.advanced(by: Self.shelfPause))) }
        if next == nil, let end = shelves[folder]?.restingUntil, end <= clock.now {
            shelves[folder]?.restingUntil = nil
        }
        bell.ring()
    }

    /// Returns when to look again; nil if nothing has a time.
    private func takeDue(of folder: String, _ number: Int?) async -> C.Instant? {
        while let plan = folders[folder], numbers[folder] == number, !Task.isCancelled {
            // Beyond its number, the window has room for files that are looked at next. So those that wait for their
            // markers, and may fill it for ever, keep no file from its look.
            let room = min(mostPending + Self.shelvedAtATime - (windows[folder]?.count ?? 0), Self.shelvedAtATime)
            if room <= 0 { return clock.now }
            let now = wallTime()
            let taken = try? await bookkeeping.durably { try await queue.takeDue(in: folder, by: now, limit: room) }
            // At the end of the service nothing is taken. The next start finds all again.
            guard let taken, numbers[folder] == number else { return nil }
            for file in taken.files { putBack(file, plan) }
            bell.ring()
            if taken.files.count < room {
                return taken.next.map { clock.now.advanced(by: .milliseconds($0.milliseconds - now.milliseconds)) }
            }
        }
        return nil
    }

    private func putBack(_ file: FoundFile, _ plan: FolderPlan, isMarked: Bool = false) {
        guard file.path.starts(with: plan.path), !holds(path: file.path, in: plan.name) else { return }
        windows[plan.name]?.noteAgain(
            file,
            at: clock.now,
            quiet: .zero,
            oldEnough: oldEnough(file, plan),
            isMarked: isMarked,
            rounds: shelves[plan.name]?.restingUntil == nil ? 1 : 0,
            since: clock.now
        )
    }

    /// Takes the shelved files whose markers were heard of.
    func takeMarked() async {
        let heard = heardMarkers
        heardMarkers = [:]
        for (folder, markers) in heard {
            let number = numbers[folder]
            guard let plan = folders[folder],
                let records = try? await bookkeeping.durably({ try await queue.settling(at: Array(markers.keys)) }),
                numbers[folder] == number
            else { continue }
            for record in records where record.folder == folder {
                let file = FoundFile(folder: folder, path: record.path, version: record.version)
                putBack(file, plan, isMarked: markers[file.path] == true && file.version.isAhead(of: wallTime()))
            }
        }
        if !heard.isEmpty { bell.ring() }
    }

    /// Those of the found files that have to settle, by the index of their sight. A shelved file is no news in its
    /// version: its time, or its marker, decides.
    func withoutShelved(_ found: [Int: [FoundFile]], of sights: [Sight]) async -> [Int: [FoundFile]] {
        if shelves.isEmpty { return found }
        return await sift(found, of: sights) { files, plan in
            guard let shelf = shelves[plan.name], !files.isEmpty else { return [] }
            let records = try? await bookkeeping.durably { try await queue.settling(at: files.map(\.path)) }
            var shelved: [FilePath: FileVersion] = [:]
            for record in records ?? [] where record.due != nil || shelf.hasUnmarked {
                shelved[record.path] = record.version
            }
            return Set(files.filter { shelved[$0.path] == $0.version })
        }
    }
}
