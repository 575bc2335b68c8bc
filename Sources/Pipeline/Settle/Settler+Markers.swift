import SystemPackage
import Threads
import Watch

/// A file that is being looked at, in a folder with markers.
struct LookAtMarked {
    /// How many looks at it are under way.
    var looks = 1
    /// Whether its marker changed meanwhile. A look may have come before that.
    var hasNews = false
}

extension Settler {
    /// Takes the markers out of these sights, and lets the files that wait for them be looked at. A marker that left
    /// stays: the ledger may know it as a file of an earlier configuration.
    func takeMarkers(_ sights: [Sight]) -> [Sight] {
        sights.compactMap { sight in
            switch sight {
            case .changed(let marker, let folder, _):
                guard let done = folders[folder]?.done, marker.lastComponent.map(done.isMarker) == true else {
                    return sight
                }
                hear(of: marker, in: folder, done)
                return nil
            case .found(let files):
                guard let done = folders[files.folder]?.done else { return sight }
                let (others, markers) = files.parted(by: done.names)
                // Mostly no file waits. No path is made then.
                if windows[files.folder]?.isEmpty == false || lookedAt[files.folder]?.isEmpty == false
                    || shelves[files.folder] != nil
                {
                    markers.forEach { hear(of: $0(), $1, in: files.folder, done) }
                }
                return others.isEmpty ? nil : .found(others)
            case .gone(let marker):
                for (folder, plan) in folders {
                    guard let done = plan.done, marker.starts(with: plan.path) else { continue }
                    hear(of: marker, in: folder, done)
                }
                return sight
            case .goneBelow, .walked: return sight
            }
        }
    }

    /// `version`: the marker's, if a look saw it.
    private func hear(of marker: FilePath, _ version: FileVersion? = nil, in folder: String, _ done: DoneSuffix) {
        guard let file = done.file(of: marker) else { return }
        let isAwake = windows[folder]?.wake(file, marker: version, at: clock.now) == true
        // A scan tells of a marker whether it changed or not.
        if isAwake || version == nil { windows[folder]?.mark(file, at: wallTime()) }
        if isAwake { return bell.ring() }
        lookedAt[folder]?[file]?.hasNews = true
        guard shelves[folder]?.hasUnmarked == true, !holds(path: file, in: folder) else { return }
        heardMarkers[folder, default: [:]][file, default: false] = version == nil
    }

    /// Notes that looks at files of a folder begin. Needed only where they may wait for markers.
    func beginLooks(at files: [FilePath], in folder: String) {
        guard folders[folder]?.done != nil else { return }
        for file in files { lookedAt[folder, default: [:]][file, default: LookAtMarked(looks: 0)].looks += 1 }
    }

    func endLook(at file: FilePath, in folder: String) {
        guard let look = lookedAt[folder]?[file] else { return }
        lookedAt[folder]?[file]?.looks -= 1
        if look.looks == 1 { lookedAt[folder]?[file] = nil }
    }

    /// Lets a file that has rested wait for its marker.
    func waitForMarker(of file: FoundFile, _ missing: MissingMarker, _ plan: FolderPlan, after quiet: QuietFile) async {
        guard let done = plan.done, !holds(path: file.path, in: file.folder), windows[file.folder] != nil else {
            return
        }
        if lookedAt[file.folder]?[file.path]?.hasNews == true {
            lookedAt[file.folder]?[file.path]?.hasNews = false
            windows[file.folder]?.noteAgain(
                file,
                at: clock.now,
                quiet: .zero,
                rounds: quiet.rounds + 1,
                since: quiet.since
            )
            return bell.ring()
        }
        if mustShelve(file.path, in: file.folder) {
            shelve(in: file.folder, due: nil)
        } else {
            windows[file.folder]?.park(file, missing, at: clock.now, rounds: quiet.rounds + 1, since: quiet.since)
        }
        let marker = done.marker(of: file.path).lastComponent.map { FilePath(root: nil, [$0]) } ?? ""
        let reason =
            switch missing {
            case .absent: "waits for \(marker)"
            case .stale: "waits for a new \(marker): the one that is there is older than the file"
            case .impossible: "can have no marker, as its name is too long: give it a shorter one"
            }
        await record([.settling(SettlingFile(file, reason: reason, isRested: true))])
    }
}
