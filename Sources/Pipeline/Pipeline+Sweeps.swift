import SystemPackage
import Threads
import Watch

// Files that left without an event: the ledger is compared with the disk.

extension Pipeline {
    /// Sweeps a folder after a whole scan: records files as gone that the ledger knows and the disk has not. Looks only
    /// at files that the scan has not seen. Such a file may be there all the same: only the look decides.
    ///
    /// Files whose file system is not mounted have not left. Returns what was found; nil if the sweep failed.
    func sweep(_ folder: String) async -> FolderSweep? {
        let seen = await settler.endScan(of: folder)
        guard let root = roster.folder(folder)?.path else { return nil }
        var sweep = FolderSweep(seen)
        do {
            try await forEachUnseen(in: folder, beneath: root, except: seen) { sweep.hasLeft($0, on: $1, $2) }
            let doubts = sweep.doubts
            if !doubts.isEmpty {
                // What nobody can look at does not stand: what depends on it stays.
                let standing = try await threads[folder].run {
                    doubts.filter { (try? FileStatus.of($0, atOrBeneath: root)) != nil }
                }
                sweep.decide(standing: standing)
                try await forEachUnseen(in: folder, beneath: root, except: seen) {
                    sweep.hasLeftAfterAll($0, on: $1, $2)
                }
            }
        } catch {
            tell("look for files that left", error)
            return nil
        }
        unmounted.note(sweep.unmounted, in: folder)
        tell(sweep, of: folder)
        return sweep
    }

    /// Looks for each file that should be in the folder and was not seen by its scan. Records those as gone of which
    /// `hasLeft` is true.
    private func forEachUnseen(
        in folder: String,
        beneath root: FilePath,
        except seen: SeenFiles,
        hasLeft: (FilePath, UInt64, FileAbsence) -> Bool
    ) async throws {
        var last: FilePath?
        repeat {
            let page = try await queue.present(in: folder, except: seen, after: last, limit: 512)
            last = page.end
            let looks = try await looks(at: page.files, in: folder, beneath: root)
            let gone = looks.filter { hasLeft($0.file.path, $0.file.device, $0.absence) }.map(\.file.path)
            try await recordLeft(gone.filter { !departures.takes($0) })
        } while last != nil
    }

    private func looks(
        at files: [PresentFiles.File],
        in folder: String,
        beneath root: FilePath
    ) async throws -> [(file: PresentFiles.File, absence: FileAbsence)] {
        if files.isEmpty { return [] }
        return try await threads[folder].run {
            var looks = AbsenceLooks(beneath: root)
            return files.map { ($0, looks.look(for: $0.path, on: $0.device)) }
        }
    }

    private func recordLeft(_ paths: [FilePath]) async throws {
        if paths.isEmpty { return }
        try await bookkeeping.durably { try await queue.recordGone(paths, at: .now()) }
        manifest.bell.ring()
    }

    private func tell(_ sweep: FolderSweep, of folder: String) {
        let empty = sweep.empty.map { directory, files in
            (
                directory,
                "it is empty and on another file system than the known files in it (\(files)), which count as there"
            )
        }
        let removed = sweep.removed.map { directory, files in
            (
                directory,
                "it is not there, and the file system of the known files in it (\(files)) is not mounted, so they count as there"
            )
        }
        for (directory, reason) in (empty + removed).sorted(by: { $0.0.string < $1.0.string }) {
            observer(.degraded(folder: folder, path: directory, reason: reason))
        }
    }

    /// The same for the folder's sidecars, by what the sweep of its files has found.
    func sweepSidecars(_ folder: String, after sweep: FolderSweep) async {
        guard let root = roster.folder(folder)?.path else { return }
        do {
            try await forEachSidecar(beneath: root) { page in
                let gone = try await looks(at: page.files, in: folder, beneath: root).filter {
                    sweep.hasLeft(sidecar: $0.file.path, on: $0.file.device, $0.absence)
                }
                try await recordLeft(gone.map(\.file.path))
            }
        } catch {
            tell("look for sidecars that left", error)
        }
    }

    /// Forgets sidecars that are none any more, or are ignored by now.
    private func dropFormerSidecars() async throws {
        try await forEachSidecar(beneath: "/") { page in
            let former = try await formerSidecars(among: page.paths)
            guard !former.isEmpty else { return }
            try await bookkeeping.durably { try await queue.dropSidecars(former) }
            manifest.bell.ring()
            // A reload during that may have made them sidecars again.
            let still = try await formerSidecars(among: former)
            for path in Set(former).subtracting(still) {
                if let folder = roster.folder(holding: path) { await settler.changed(path, folder: folder.name) }
            }
        }
    }

    /// Paths that no folder looks after as sidecars. Where that cannot be told now, they count as sidecars still.
    private func formerSidecars(among paths: [FilePath]) async throws -> [FilePath] {
        var former: [FilePath] = []
        for (name, paths) in Dictionary(grouping: paths, by: { roster.folder(holding: $0)?.name }) {
            guard let name, let watched = roster.folder(name)?.watched else {
                former += paths
                continue
            }
            let found = try await threads[name].run(within: disks.patience) { () -> [FilePath] in
                guard let ignoreFiles = try? IgnoreFiles(of: watched) else { return [] }
                return paths.filter { path in
                    switch watched.exclusion(of: path, ignoreFiles) {
                    case .sidecar, .undecided: false
                    case .ignored, .subdirectory, .marker, nil: true
                    }
                }
            }
            former += found ?? []
        }
        return former
    }

    /// Hands all noted sidecars beneath a directory to `body`, some hundreds at a time.
    private func forEachSidecar(beneath directory: FilePath, _ body: (PresentFiles) async throws -> Void) async throws {
        var last: FilePath?
        repeat {
            let page = try await queue.sidecars(beneath: directory, after: last, limit: 512)
            last = page.end
            try await body(page)
        } while last != nil
    }

    /// Records when unwatched files leave, and forgets former sidecars, until the task is cancelled. Unwatched files
    /// are files of former folders, and files that were pushed by name. No event tells of their end.
    ///
    /// It looks at once, whenever ``unwatchedBell`` rings, and every hour. A process without folders never looks.
    func lookAfterUnwatched() async {
        defer { unwatched.open() }
        guard roster.plan.isWatching else { return }
        while !Task.isCancelled {
            do {
                try await lookAtUnwatched()
                try await dropFormerSidecars()
                try await bookkeeping.durably { try await queue.forgetOld(at: .now()) }
                try await forgetLeft()
            } catch {
                tell("look for files that left", error)
            }
            unwatched.open()
            await unwatchedBell.wait(until: clock.now.advanced(by: Schedules.unwatched), clock: clock)
        }
    }

    /// Forgets entries whose files left longer ago than `manifest.keep_gone`.
    private func forgetLeft() async throws {
        guard let keepGone = roster.plan.manifest.keepGone else { return }
        // A clock that was set meanwhile must forget nothing: the earlier of two times counts.
        let time = min(Timestamp.now(), .steady()).advanced(by: .zero - keepGone)
        try await bookkeeping.durably { try await ledger.forgetLeft(before: time) }
        manifest.bell.ring()
    }

    private func lookAtUnwatched() async throws {
        let watched = roster.plan.watched.map(\.watched)
        var last: UnwatchedFile?
        // Roots of hung file systems. They are not asked again in this round.
        var silent: Set<FilePath> = []
        while true {
            let found = try await queue.unwatched(by: watched, after: last, limit: 512)
            guard let end = found.last else { return }
            last = end
            var gone: [FilePath] = []
            for (root, files) in Dictionary(grouping: found, by: \.root) where !silent.contains(root) {
                let left = try await threads.threads(beneath: root).run(within: disks.patience) {
                    var looks = AbsenceLooks(beneath: root)
                    return files.filter { looks.look(for: $0.path, on: $0.device).alone(of: $0.path) == .gone }
                        .map(\.path)
                }
                if let left { gone += left } else { silent.insert(root) }
            }
            let left = gone.filter { !departures.takes($0) }
            try await recordLeft(left)
        }
    }
}
