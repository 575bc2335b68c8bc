import SystemPackage
import Watch

/// What left in a batch and was not recorded yet.
private struct LeftPaths {
    var paths: Set<FilePath> = []
    var directories = false

    var isEmpty: Bool { paths.isEmpty && !directories }

    func hold(_ path: FilePath) -> Bool { directories || paths.contains(path) }
}

extension Pipeline {
    /// Step 1: hands what Watch tells to Settle, each folder's by a task of its own: one that waits for its disk holds up no
    /// other.
    ///
    /// - Throws: What keeps Watch from working at all: no descriptor or thread to be had.
    func watch() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.watcher.run() }
            for (folder, channel) in watcher.events {
                group.addTask {
                    let loop = Loops.join("events of \(folder)")
                    defer { loop.leave() }
                    for await batch in channel { await loop.step { await self.take(batch) } }
                }
            }
        }
    }

    /// Hands a batch's files to Settle together, so that thousands of events share commits.
    private func take(_ batch: [WatchEvent]) async {
        var sights: [Sight] = []
        var left = LeftPaths()
        for event in batch {
            switch event {
            case .found(let path, let version, let folder):
                // What is known of a file that left is not forgotten before it is recorded, and would pass for this one.
                if left.hold(path) { await settle(&sights, &left) }
                sights.append(.found(FoundFile(folder: folder, path: path, version: version)))
            case .changed(let path, let folder): sights.append(.changed(path, folder: folder))
            case .renamedInto(let path, let folder): sights.append(.changed(path, folder: folder, renamed: true))
            // What has become of a departing file is recorded where it is taken away.
            case .gone(let path, _) where departures.takes(path): break
            case .gone(let path, _):
                sights.append(.gone(path))
                left.paths.insert(path)
            case .goneBelow(let path, _):
                sights.append(.goneBelow(path))
                left.directories = true
            case .scanned(let folder):
                // The sweep compares with what is recorded.
                await settle(&sights, &left)
                unread.note(nil, in: folder)
                await sweep(folder)
                firstPasses.checkOff(folder)
            case .scannedInPart(let folder):
                await settle(&sights, &left)
                unread.note(folders[folder].map { UnreadDirectories(count: 1, first: $0.path) }, in: folder)
                firstPasses.checkOff(folder)
            case .unwatched(let folder, let reason): observer(.degraded(folder: folder, reason: reason))
            }
        }
        await settle(&sights, &left)
    }

    /// Both are taken out.
    private func settle(_ sights: inout [Sight], _ left: inout LeftPaths) async {
        guard !sights.isEmpty else { return }
        await settler.take(sights)
        if !left.isEmpty { manifest.wake() }
        sights = []
        left = LeftPaths()
    }

    /// After a whole pass over a folder: files that the ledger thinks are there, and that are not.
    private func sweep(_ folder: String) async {
        guard let root = folders[folder]?.path else { return }
        var last: FilePath?
        do {
            while true {
                let paths = try await queue.present(in: folder, after: last, limit: 512)
                guard let end = paths.last else { break }
                last = end
                let gone = try await threads[folder].look { paths.filter { FileStatus.isGone($0, beneath: root) } }
                    .filter { !departures.takes($0) }
                if !gone.isEmpty {
                    try await bookkeeping.durably { try await queue.noteGone(gone, at: .now()) }
                    manifest.wake()
                }
            }
        } catch {
            tell("look for files that left", error)
        }
    }

    /// A stage's work failed; when it was broken off, that is no failure.
    private func tell(_ stage: String, _ error: any Error) {
        guard !(error is CancellationError), !Task.isCancelled else { return }
        observer(.failed(stage: stage, reason: "\(error)"))
    }

    /// Steps 3 and 4: classifies a settled file and queues or rejects it.
    func classify(_ settled: SettledFile) async {
        guard let plan = folders[settled.folder] else { return }
        do {
            // An event without a change: opened for writing and closed again, or heard of late.
            let file = FoundFile(folder: settled.folder, path: settled.path, version: settled.version)
            if try await bookkeeping.durably({ try await queue.unhandled(among: [file]) }).isEmpty { return }
            switch await Classifier(plan).classify(settled.path, version: settled.version, on: threads[plan.name]) {
            case .media(let file):
                CrashPoint.classified.reached()
                try await bookkeeping.durably { try await queue.enqueue(file, at: .now()) }
                CrashPoint.queued.reached()
                observer(.queued(file))
                lanes[file.account]?.wake()
            case .rejected(let rejection):
                try await bookkeeping.durably { try await queue.reject(settled, rejection, at: .now()) }
                CrashPoint.rejectionRecorded.reached()
                observer(.rejected(settled.path, rejection))
                manifest.wake()
            case .changed, .gone:
                // Settle looks what is there now.
                await settler.note(settled.path, folder: settled.folder)
                manifest.wake()
            case .unreadableNow(let reason):
                if Task.isCancelled { return }
                await settler.wait(for: settled, reason: reason)
            }
        } catch {
            // All ends: nothing of it was recorded, and the next start's scan finds it.
        }
    }
}
