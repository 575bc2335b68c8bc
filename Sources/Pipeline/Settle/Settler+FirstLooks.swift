import Threads
import Watch

/// How far this process is with the first look through a folder.
enum FirstLookStage: Sendable {
    /// Nothing is known yet. The folder has been watched since then at the latest.
    case unknown(since: Timestamp)
    /// It goes on. `skipped`: how many files it has skipped. `isWhole` is false if some could not be recorded.
    case open(FirstLook, skipped: Int, isWhole: Bool)
    /// The folder was looked through.
    case over
}

// Files that lay in a folder before it was watched (``ExistingFiles``).

extension Settler {
    /// Begins the folder's first look, if it has none behind it. At the end of the service nothing is known of it, and
    /// the next start goes on.
    func beginFirstLook(of folder: String) async {
        guard let plan = folders[folder], case .unknown(let since) = firstLooks[folder] else { return }
        do {
            let look = try await bookkeeping.durably {
                try await queue.beginFirstLook(of: plan.path, plan.existing, at: since)
            }
            guard folders[folder] == plan else { return }
            firstLooks[folder] = look.map { .open($0, skipped: 0, isWhole: true) } ?? .over
        } catch {}
    }

    /// Ends the folder's first look, after a whole scan. Returns how many files it has skipped; nil if none ends.
    func endFirstLook(of folder: String) async -> Int? {
        guard let plan = folders[folder], case .open(let look, let skipped, let isWhole) = firstLooks[folder] else {
            return nil
        }
        guard isWhole else {
            // The next scan finds what could not be recorded.
            firstLooks[folder] = .open(look, skipped: skipped, isWhole: true)
            return nil
        }
        do {
            try await bookkeeping.durably { try await queue.endFirstLook(of: plan.path, at: .now()) }
        } catch {
            return nil
        }
        if folders[folder] == plan { firstLooks[folder] = .over }
        return skipped
    }

    /// Those of the found files that have to settle, by the index of their sight. Files that lay there are skipped.
    func withoutSkipped(_ found: [Int: [FoundFile]], of sights: [Sight]) async -> [Int: [FoundFile]] {
        await sift(found, of: sights) { files, plan in
            guard plan.existing == .skip else { return [] }
            switch firstLooks[plan.name] {
            case .over: return []
            // Somebody who waits for a file may look before the first scan does. That scan finds the file.
            case .unknown, nil: return Set(files)
            case .open(let look, _, _): return await skip(files, in: plan, look)
            }
        }
    }

    /// Skips those of the files that lay there. Returns the files that need no look now: they are skipped, or could not
    /// be recorded.
    private func skip(_ files: [FoundFile], in plan: FolderPlan, _ look: FirstLook) async -> Set<FoundFile> {
        let now = Timestamp.now()
        // A file that settles already has shown a change.
        let lying = files.filter { look.found($0.version, at: now) && !plan.isSidecar($0.path) && !holds($0) }
        let old = await done(lying, in: plan, before: look, at: now)
        if old.isEmpty { return [] }
        let recorded = try? await bookkeeping.durably { try await queue.skip(old, at: .now()) }
        if case .open(look, let skipped, let isWhole) = firstLooks[plan.name] {
            let count = recorded.map { old.count - $0.count } ?? 0
            firstLooks[plan.name] = .open(look, skipped: skipped + count, isWhole: isWhole && recorded != nil)
        }
        return Set(old).subtracting(recorded ?? [])
    }

    /// Those of the files whose markers lay there, too. All, in a folder without markers.
    ///
    /// A file without its marker is still to come. The same holds where its marker cannot be looked at.
    private func done(
        _ files: [FoundFile],
        in plan: FolderPlan,
        before look: FirstLook,
        at now: Timestamp
    ) async -> [FoundFile] {
        guard let done = plan.done, !files.isEmpty else { return files }
        let root = plan.path
        let marked = try? await threads[plan.name].run {
            files.filter { file in
                let marker = FileLook.at(done.marker(of: file.path), beneath: root, folder: file.folder)
                guard case .there(let marker, _) = marker else { return false }
                return marker.version.speaks(of: file.version) && look.found(marker.version, at: now)
            }
        }
        return marked ?? []
    }
}
