import SystemPackage
import Threads
import Watch

// Files that left without an event: the ledger is compared with the disk.

extension Pipeline {
    /// Sweeps a folder after a whole scan: records files as gone that the ledger knows and the disk has not. Looks only
    /// at files that the scan has not seen. Such a file may be there all the same: only the look decides.
    ///
    /// Files whose file system is not mounted have not left. Returns the directories that show in its place.
    func sweep(_ folder: String) async -> Set<FilePath> {
        let seen = await settler.endScan(of: folder)
        guard let root = roster.folder(folder)?.path else { return [] }
        var last: FilePath?
        var unmounted: [FilePath: Int] = [:]
        do {
            repeat {
                let page = try await queue.present(in: folder, except: seen, after: last, limit: 512)
                last = page.end
                let paths = page.paths
                if paths.isEmpty { continue }
                let absences = try await threads[folder].run { () -> [FileAbsence] in
                    var looks = AbsenceLooks(beneath: root)
                    return zip(paths, page.devices).map { looks.look(for: $0, on: $1) }
                }
                for case .unmounted(let directory) in absences { unmounted[directory, default: 0] += 1 }
                let gone = zip(paths, absences).filter { $1 == .gone }.map(\.0).filter { !departures.takes($0) }
                if !gone.isEmpty {
                    try await bookkeeping.durably { try await queue.recordGone(gone, at: .now()) }
                    manifest.bell.ring()
                }
            } while last != nil
        } catch {
            tell("look for files that left", error)
        }
        for (directory, files) in unmounted.sorted(by: { $0.key.string < $1.key.string }) {
            let reason =
                "it is empty and on another file system than the known files in it (\(files)), which count as there"
            observer(.degraded(folder: folder, path: directory, reason: reason))
        }
        return Set(unmounted.keys)
    }

    /// The same for the folder's sidecars. `unmounted`: directories that show in the place of a file system.
    func sweepSidecars(_ folder: String, except unmounted: Set<FilePath>) async {
        guard let root = roster.folder(folder)?.path else { return }
        do {
            try await forEachSidecar(beneath: root) { paths in
                let rest = paths.filter { path in !unmounted.contains { path.starts(with: $0) } }
                let gone = try await threads[folder].run { rest.filter { FileStatus.isGone($0, beneath: root) } }
                guard !gone.isEmpty else { return }
                try await bookkeeping.durably { try await queue.recordGone(gone, at: .now()) }
                manifest.bell.ring()
            }
        } catch {
            tell("look for sidecars that left", error)
        }
    }

    /// Forgets sidecars that are none any more, or are ignored by now.
    private func dropFormerSidecars() async throws {
        try await forEachSidecar(beneath: "/") { paths in
            let former = try await formerSidecars(among: paths)
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
    private func forEachSidecar(beneath directory: FilePath, _ body: ([FilePath]) async throws -> Void) async throws {
        var last: FilePath?
        while true {
            let paths = try await queue.sidecars(beneath: directory, after: last, limit: 512)
            guard let end = paths.last else { return }
            last = end
            try await body(paths)
        }
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
                let paths = files.map(\.path)
                let left = try await threads.threads(beneath: root).run(within: disks.patience) {
                    paths.filter { FileStatus.isGone($0, beneath: root) }
                }
                if let left { gone += left } else { silent.insert(root) }
            }
            let left = gone.filter { !departures.takes($0) }
            if left.isEmpty { continue }
            try await bookkeeping.durably { try await queue.recordGone(left, at: .now()) }
            manifest.bell.ring()
        }
    }
}
