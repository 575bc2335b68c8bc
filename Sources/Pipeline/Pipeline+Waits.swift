import SystemPackage
import Threads
import Watch

// What those who wait for files ask.

extension Pipeline {
    /// All that is known of these files now. A version that the ledger has not met is looked at by Settle from now on,
    /// so a waiter depends on no event.
    ///
    /// Waits for a file system at most as long as uploads do. Files of one call should be of one folder.
    package func waitedFiles(_ paths: [FilePath]) async throws -> [WaitedFile] {
        var files: [WaitedFile] = []
        var news: [FoundFile] = []
        for path in paths {
            let folder = roster.folder(holding: path)
            let record = try await ledger.record(of: path)
            let now = try await presence(of: path, in: folder)
            let isAnswering = if case .unknown = now { false } else { true }
            let file = WaitedFile(
                path,
                now: now,
                record: record,
                row: try await ledger.row(of: path),
                outside: try await outsideReason(path, folder, asksDisk: isAnswering),
                hindrance: await hindrance(of: record)
            )
            files.append(file)
            if let folder, file.outside == nil, file.isNews, case .there(let version) = file.now {
                news.append(FoundFile(folder: folder.name, path: path, version: version))
            }
        }
        await settler.found(news)
        return files
    }

    /// Waits until `manifest.json` shows what is recorded by now.
    package func catchUpManifest() async throws { try await manifest.catchUp() }

    /// Looks at a path on the threads of its folder, so that a hung file system holds up no other look. Nil if the file
    /// system does not answer in time.
    package func look<Value: Sendable>(
        at path: FilePath,
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value? {
        let own = roster.folder(holding: path).map { threads[$0.name] }
        return try await (own ?? threads.threads(beneath: path.removingLastComponent()))
            .run(within: disks.patience, body)
    }

    /// The files at a path that is a directory: all that the folders in it take. Nil if it is none, or if no folder
    /// takes it.
    ///
    /// - Throws: The `Errno` of a directory that cannot be read, ``Unanswered``, or `WatchedFolder.Exclusion` if it is
    ///   not known whether a folder takes it.
    package func files(inDirectory path: FilePath) async throws -> [FilePath]? {
        let holding = roster.folder(holding: path)
        let inside = roster.plan.watched.filter { $0.path.starts(with: path) }
        // A directory that no folder takes is as wrong as such a file.
        let answer = try await look(at: path) {
            (
                isDirectory: try FileStatus.isDirectory(path),
                exclusion: holding?.watched.exclusionOnDisk(of: path, isDirectory: true)
            )
        }
        guard let (isDirectory, exclusion) = answer else { throw Unanswered(at: path) }
        if let exclusion, case .undecided = exclusion { throw exclusion }
        if inside.isEmpty, holding == nil || exclusion != nil { return nil }
        guard isDirectory || inside.contains(where: { $0.path == path }) else { return nil }
        var files: Set<FilePath> = []
        for folder in inside + (holding.map { [$0] } ?? []) {
            let place = folder.path.starts(with: path) ? folder.path : path
            let watched = folder.watched
            let found = try await self.threads[folder.name].answer(of: place, within: disks.patience) {
                try FolderListing.files(beneath: place, of: watched)
            }
            files.formUnion(found)
        }
        // Their disk may be away.
        files.formUnion(try await ledger.waiting(beneath: path))
        return files.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    private func presence(of path: FilePath, in folder: FolderPlan?) async throws -> WaitedFile.Presence {
        do {
            let root = folder?.path
            let status = try await look(at: path) {
                if let root { try FileStatus.of(path, beneath: root) } else { try FileStatus.of(path) }
            }
            guard let status else { return .unknown(Unanswered(at: root ?? path).description) }
            return status.kind == .regular ? .there(status.version) : .noFile
        } catch let error as Errno {
            return FileStatus.meansGone(error) ? .missing : .unknown("it cannot be looked at: \(error)")
        }
    }

    /// What keeps a queued file's account or folder; nil if only the file itself waits.
    private func hindrance(of record: FileRecord?) async -> String? {
        guard let record, record.state == .queued, let name = record.account,
            let account = roster.plan.accounts.first(where: { $0.name == name })
        else { return nil }
        let root = record.folder.flatMap(roster.folder)?.path
        if let pause = pauseBoard.pause(of: account.configured, beneath: root) { return pause.subject.words }
        return await roster.lane(of: name)?.blockedBy.map { "account \(name): \($0.accountWords)" }
    }

    /// Nil for a file that is not outside, or if that cannot be told now.
    private func outsideReason(_ path: FilePath, _ folder: FolderPlan?, asksDisk: Bool) async throws -> String? {
        guard let folder else { return "it is in no watched folder" }
        let watched = folder.watched
        var exclusion: WatchedFolder.Exclusion?
        if asksDisk { exclusion = try await look(at: path) { watched.exclusionOnDisk(of: path) } ?? nil }
        return switch exclusion {
        case .subdirectory: "its folder \(folder.name) does not watch subdirectories"
        case .ignored(let name, let match):
            "its folder \(folder.name) passes over the name \(FilePath(root: nil, components: name)): \(match.words)"
        case .sidecar: "it is a sidecar, by the patterns of its folder \(folder.name): it goes with a file, and not up"
        case .marker: "it is the marker of another file, by done_suffix of its folder \(folder.name), and never goes up"
        case .undecided, nil: nil
        }
    }
}

extension Roster {
    /// The watched folder that a path lies in; the innermost of several.
    func folder(holding path: FilePath) -> FolderPlan? {
        folders.values.filter { path.starts(with: $0.path) && path != $0.path }.max { $0.path.length < $1.path.length }
    }
}
