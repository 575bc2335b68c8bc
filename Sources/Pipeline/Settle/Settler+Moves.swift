import SystemPackage
import Threads
import Watch

// Files that are up and moved with their directory.

extension Settler {
    /// Those of the found files that have to settle, by the index of their sight. The entries of moved files follow
    /// them: these files are not looked at, and their bytes are not read.
    ///
    /// A file has moved if it was up at another path of its folder in this very version. The rename of a directory
    /// leaves its files' times alone. The rename of a file, a write, or another link change its ctime.
    func withoutMoved(_ found: [Int: [FoundFile]], of sights: [Sight]) async -> [Int: [FoundFile]] {
        await sift(found, of: sights) { files, plan in plan.keepsMovedFiles ? await move(files, in: plan) : [] }
    }

    /// The found files without those that `taken` returns. It is asked once a folder: many small directories share a
    /// batch, and their files are recorded together.
    func sift(
        _ found: [Int: [FoundFile]],
        of sights: [Sight],
        _ taken: ([FoundFile], FolderPlan) async -> Set<FoundFile>
    ) async -> [Int: [FoundFile]] {
        var found = found
        var indices: [String: [Int]] = [:]
        for index in found.keys {
            guard case .found(let list) = sights[index] else { continue }
            indices[list.folder, default: []].append(index)
        }
        for (folder, indices) in indices {
            guard let plan = folders[folder] else { continue }
            let gone = await taken(indices.flatMap { found[$0] ?? [] }, plan)
            if !gone.isEmpty { for index in indices { found[index]?.removeAll(where: gone.contains) } }
        }
        return found
    }

    /// Lets the entries of moved files follow them. Returns the files.
    ///
    /// At the end of the service none is moved. The next start finds them again.
    private func move(_ files: [FoundFile], in plan: FolderPlan) async -> Set<FoundFile> {
        // What settles already has shown a change. Whole seconds tell too little of a file at another path.
        let files = files.filter { !plan.isSidecar($0.path) && !holds($0) && $0.version.hasExactTimes }
        if files.isEmpty { return [] }
        do {
            let places = try await bookkeeping.durably { try await queue.formerPlaces(of: files) }
            if places.isEmpty { return [] }
            let left = left(among: places.values.joined())
            let moves = try await threads[plan.name].run {
                places.compactMap { file, places in
                    MovedFile(file, from: places, left: left, beneath: plan.path)
                }
            }
            guard !moves.isEmpty, folders[plan.name] == plan else { return [] }
            let moved = try await bookkeeping.durably { try await queue.move(moves, by: plan, at: .now()) }
            CrashPoint.movesRecorded.reached()
            for (file, former) in moved { observer(.reused(file, movedFrom: former)) }
            noteRecorded()
            let paths = Set(moved.map(\.file.path))
            return Set(files.filter { paths.contains($0.path) })
        } catch {
            return []
        }
    }
}

extension FolderPlan {
    /// Whether the entry of a moved file follows it at once.
    ///
    /// Not with markers, as a file at a new place needs its marker there. Not where files leave after their upload, as
    /// a look decides whether they may.
    var keepsMovedFiles: Bool { done == nil && afterUpload == .keep }
}
