import SystemPackage
import Threads
import Watch

// Files that wait, and that their folder ignores by now: an `.outtrayignore` or the configuration has changed.

extension Pipeline {
    /// Notes that what a folder ignores has changed.
    func noteIgnoring(of name: String) {
        ignoring.note(name)
        tryUndecided(in: name)
    }

    /// Has the folder's files tried again that were held back as nobody knew enough of their directories. A scan may
    /// follow because a file system is mounted again.
    func tryUndecided(in name: String) {
        guard let folder = roster.folder(name), disks.undecided.release(beneath: folder.path) else { return }
        wakeLanes()
    }

    /// Lets go of the ignored files of each folder that ``ignoring`` has, until the task is cancelled.
    ///
    /// Folders are looked at side by side, so one whose file system hangs holds up no other. Each is looked at once a
    /// second at most. Where a look takes long, the rest after it is four times as long. A file whose turn comes before
    /// is judged then (``UploadSource``), so none goes up meanwhile.
    func letGoOfIgnored() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await ignoring.bell.wait()
                if Task.isCancelled { return }
                for folder in ignoring.begin() { group.addTask { await self.letGoOfIgnored(in: folder) } }
                try? await clock.sleep(for: Schedules.ignoring)
            }
        }
    }

    private func letGoOfIgnored(in folder: String) async {
        let begun = clock.now
        var isDone = false
        do {
            isDone = try await lookForIgnored(in: folder)
        } catch {
            tell("look for ignored files", error)
        }
        let took = begun.duration(to: clock.now)
        if isDone { try? await clock.sleep(for: min(took * 4, Schedules.undecided)) }
        ignoring.end(folder)
        if isDone { return }
        try? await clock.sleep(for: Schedules.undecided)
        ignoring.lookAgain(at: folder)
    }

    /// Lets go of the folder's files that it ignores by now. Returns false if its file system does not answer, or the
    /// folder cannot be looked into.
    private func lookForIgnored(in name: String) async throws -> Bool {
        var place = Int64.min
        while let folder = roster.folder(name) {
            let page = try await bookkeeping.durably { try await queue.waiting(after: place, limit: 512) }
            guard let last = page.last else { return true }
            place = last.place
            let files = page.filter { $0.folder == name }
            if files.isEmpty { continue }
            let count = ignoring.count(of: name)
            guard let dismissed = try await ignored(among: files, of: folder) else { return false }
            if dismissed.isEmpty { continue }
            await settler.drop(dismissed.map(\.file.path), of: name)
            try await dismiss(dismissed)
            ignoring.noteLetGo(of: name, since: count)
        }
        return true
    }

    /// The files that the folder ignores by now, with the reason. Nil if that cannot be told now.
    private func ignored(
        among files: [WaitingFile],
        of folder: FolderPlan
    ) async throws -> [(file: WaitingFile, why: Dismissal)]? {
        let watched = folder.watched
        let paths = files.map(\.path)
        let exclusions = try await threads[folder.name].run(within: disks.patience) {
            () -> [WatchedFolder.Exclusion?]? in
            // Without the folder, its files wait.
            guard let ignoreFiles = try? IgnoreFiles(of: watched) else { return nil }
            return paths.map { watched.exclusion(of: $0, ignoreFiles) }
        }
        guard let exclusions = exclusions ?? nil else { return nil }
        return zip(files, exclusions).compactMap { file, exclusion in
            WaitingRules.dismissal(by: exclusion).map { (file, $0) }
        }
    }
}
