import SystemPackage
import Threads
import Watch

// The looks at files: at the beginning of their quiet time, and at its end.

extension Settler {
    /// How many files of one folder are looked at side by side.
    private static var mostAtATime: Int { 64 }

    /// A file after its quiet time, on its way to a look.
    struct QuietFile: Sendable {
        fileprivate let quiet: SettleWindow<C.Instant>.Quiet
        /// The folder's number.
        fileprivate let number: Int?

        var file: FoundFile { quiet.file }
        var rounds: Int { quiet.rounds }
        /// When something was first noted of it.
        var since: C.Instant { quiet.since }
    }

    /// Takes the files that are quiet by now. The caller must look at each.
    func takeQuiet() -> [QuietFile] {
        let now = clock.now
        return windows.takeQuiet(at: now) { room(for: $0) }.flatMap { folder, quiet in
            looking[folder, default: 0] += quiet.count
            if !quiet.isEmpty { roomBells[folder]?.ring() }
            beginLooks(at: quiet.map(\.file.path), in: folder)
            return quiet.map { QuietFile(quiet: $0, number: numbers[folder]) }
        }
    }

    /// When the next file may have to be looked at: one that is quiet by then, in a folder with room for another look,
    /// one of which a look failed, or a shelved one.
    var nextDeadline: C.Instant? {
        let quiet = windows.nextDeadline { room(for: $0) > 0 }
        return [quiet, failedLooks.values.compactMap(\.due).min(), nextShelved].compactMap(\.self).min()
    }

    private func room(for folder: String) -> Int { Self.mostAtATime - looking[folder, default: 0] }

    /// Looks whether the file is the same at both ends of its quiet time. Looks run side by side, so a file on a hung
    /// disk holds up no other. Their records share commits.
    func look(at quiet: QuietFile, _ settled: @Sendable (SettledFile) async -> Void) async {
        let folder = quiet.file.folder
        guard numbers[folder] == quiet.number else { return }
        if let result = await examine(quiet), numbers[folder] == quiet.number {
            await settled(result)
        }
        guard numbers[folder] == quiet.number else { return }
        looking[folder, default: 0] -= 1
        endLook(at: quiet.file.path, in: folder)
        bell.ring()
    }

    /// The look at the end of the quiet time. Returns the file if it has settled.
    private func examine(_ quiet: QuietFile) async -> SettledFile? {
        let file = quiet.file
        guard let plan = folders[file.folder] else { return nil }
        if let oldEnough = quiet.quiet.oldEnough {
            await waitForAge(of: file, until: oldEnough, plan, after: quiet)
            return nil
        }
        let watched = plan.watched
        // A sidecar goes with its file, whose marker is enough.
        let done = plan.isSidecar(file.path) ? nil : plan.done
        let isMarked = quiet.quiet.isMarked
        let looked = try? await threads[plan.name].run {
            (
                QuietLook.at(file, beneath: watched.path, done: done, isMarked: isMarked),
                watched.exclusionOnDisk(of: file.path)
            )
        }
        // A look that was broken off says nothing.
        guard let (look, exclusion) = looked, !Task.isCancelled else { return nil }
        switch look {
        // Too long a path stays so, whatever is ignored.
        case .settled(let settled) where settled.isTooLong && WaitingRules.dismissal(by: exclusion) == nil: break
        case .settled, .changed, .heldOpen, .unmarked:
            if case .undecided(_, _, let reason) = exclusion {
                await settleAgain(file, .fileSystem, reason: reason, plan: plan, after: quiet)
                return nil
            }
            if let dismissal = WaitingRules.dismissal(by: exclusion) {
                await letGo(file, dismissal)
                return nil
            }
        case .gone, .failed: break
        }
        switch look {
        case .settled(let settled):
            observer(.settled(settled.path, waited: quiet.since.duration(to: clock.now)))
            return settled
        case .changed(let now):
            await settleAgain(now, .settling, reason: "still changing", plan: plan, after: quiet)
        case .heldOpen:
            let reason = "held open for writing by another process"
            await settleAgain(file, .heldOpen, reason: reason, plan: plan, after: quiet)
        case .unmarked(let missing): await waitForMarker(of: file, missing, plan, after: quiet)
        case .gone:
            // A note that came during the look is newer: the file is back.
            if !holds(path: file.path, in: file.folder) { await forget(file.path) }
        case .failed(let error):
            await settleAgain(file, .fileSystem, reason: FileLook.words(for: error), plan: plan, after: quiet)
        }
        return nil
    }

    /// Lets go of a file that its folder ignores by now.
    private func letGo(_ file: FoundFile, _ why: Dismissal) async {
        let waiting = WaitingFile(
            place: 0,
            path: file.path,
            version: file.version,
            folder: file.folder,
            account: nil,
            content: nil
        )
        try? await bookkeeping.durably { try await queue.dismiss([(waiting, why)], at: .now()) }
        observer(why.event(of: file.path))
    }

    /// Lets a file that has rested wait until it is as old as its folder wants.
    private func waitForAge(of file: FoundFile, until oldEnough: C.Instant, _ plan: FolderPlan, after quiet: QuietFile)
        async
    {
        guard !holds(path: file.path, in: file.folder), windows[file.folder] != nil else { return }
        let now = clock.now
        let left = now.duration(to: oldEnough)
        let isShelved = mustShelve(file.path, in: file.folder)
        if !isShelved {
            windows[file.folder]?.noteAgain(
                file,
                at: now,
                quiet: left,
                oldEnough: oldEnough,
                isMarked: quiet.quiet.isMarked,
                rounds: quiet.rounds + 1,
                since: quiet.since
            )
            bell.ring()
        }
        let due = wallTime().advanced(by: left)
        await record([.settling(SettlingFile(file, reason: "is younger than min_age", due: due, isRested: true))])
        if isShelved, numbers[file.folder] == quiet.number { shelve(in: file.folder, due: oldEnough) }
    }

    /// `quiet`: the quiet time that has just ended; nil for a file whose wait begins anew.
    func settleAgain(
        _ file: FoundFile,
        _ cause: WaitCause,
        reason: String,
        plan: FolderPlan,
        after quiet: QuietFile? = nil
    ) async {
        // A note that came during the look is newer than the look.
        guard !holds(path: file.path, in: file.folder), windows[file.folder] != nil else { return }
        let isSame = quiet?.file.version == file.version
        windows[file.folder]?.noteAgain(
            file,
            at: clock.now,
            quiet: max(plan.settle(for: file.path), file.version.granularity),
            oldEnough: isSame ? nil : oldEnough(file, plan),
            isMarked: isSame && quiet?.quiet.isMarked == true,
            rounds: (quiet?.rounds ?? 0) + 1,
            since: quiet?.since ?? clock.now
        )
        bell.ring()
        if plan.isSidecar(file.path) { return }
        await record([.settling(SettlingFile(file, cause: cause, reason: reason))])
    }

    /// Looks at each changed path once. Its present version is the result of its last change.
    func look(at sights: [Sight]) async -> [FilePath: FileLook] {
        var paths: [String: [FilePath]] = [:]
        var seen: Set<FilePath> = []
        for case .changed(let path, let folder, _) in sights where seen.insert(path).inserted {
            paths[folder, default: []].append(path)
        }
        var looks: [FilePath: FileLook] = [:]
        for (folder, paths) in paths { looks.merge(await look(at: paths, folder: folder)) { _, new in new } }
        return looks
    }

    private func look(at paths: [FilePath], folder: String) async -> [FilePath: FileLook] {
        let root = folders[folder]?.path
        var looks: [FilePath: FileLook] = [:]
        for start in stride(from: 0, to: paths.count, by: Self.mostAtATime) {
            let group = Array(paths[start..<min(start + Self.mostAtATime, paths.count)])
            // A cancelled task leaves looks out.
            let found = try? await threads[folder].run {
                group.map { FileLook.at($0, beneath: root ?? $0.removingLastComponent(), folder: folder) }
            }
            for (path, look) in zip(group, found ?? []) { looks[path] = look }
        }
        return looks
    }
}
