import SystemPackage
import Threads
import Watch

// Files that wait, and that their folder ignores by now: an `.outtrayignore` or the configuration has changed.

extension Pipeline {
    /// Lets go of ignored files whenever ``ignoringBell`` rings, until the task is cancelled. At most once a second,
    /// however many `.outtrayignore` files are written.
    ///
    /// A file whose turn comes before is judged then (``UploadSource``), so none goes up meanwhile.
    func letGoOfIgnored() async {
        while !Task.isCancelled {
            await ignoringBell.wait()
            if Task.isCancelled { return }
            do {
                try await lookForIgnored()
            } catch {
                tell("look for ignored files", error)
            }
            try? await clock.sleep(for: Schedules.ignoring)
        }
    }

    private func lookForIgnored() async throws {
        var place: Int64 = 0
        // Folders whose file system does not answer. They are not asked again in this round.
        var silent: Set<String> = []
        while true {
            let page = try await bookkeeping.durably { try await queue.waiting(after: place, limit: 512) }
            guard let last = page.last else { return }
            place = last.place
            for (name, files) in Dictionary(grouping: page, by: \.folder) {
                guard let name, !silent.contains(name), let folder = roster.folder(name) else { continue }
                guard let dismissed = try await ignored(among: files, of: folder) else {
                    silent.insert(name)
                    continue
                }
                await settler.drop(dismissed.map(\.file.path), of: name)
                try await dismiss(dismissed)
            }
        }
    }

    /// The files that the folder ignores by now, with the reason. Nil if its file system does not answer.
    private func ignored(
        among files: [WaitingFile],
        of folder: FolderPlan
    ) async throws -> [(file: WaitingFile, why: Dismissal)]? {
        let watched = folder.watched
        let paths = files.map(\.path)
        let exclusions = try await threads[folder.name].run(within: disks.patience) {
            // Without the folder, its files wait.
            guard let ignoreFiles = try? IgnoreFiles(of: watched) else { return [WatchedFolder.Exclusion?]() }
            return paths.map { watched.exclusion(of: $0, ignoreFiles) }
        }
        guard let exclusions else { return nil }
        return zip(files, exclusions).compactMap { file, exclusion in
            WaitingRules.dismissal(by: exclusion).map { (file, $0) }
        }
    }
}
