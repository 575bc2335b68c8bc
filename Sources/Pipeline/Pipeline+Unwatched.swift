import SystemPackage
import Threads
import Watch

extension Pipeline {
    /// Between two looks at what no folder watches; the same as a folder's own safety rescan.
    private static var lookAgain: Duration { .seconds(3600) }

    /// Looks after files that no folder watches any more, or that were pushed by name, until the task is cancelled: nobody
    /// tells when they leave. They are looked at now, whenever ``unwatchedBell`` rings, and hourly; by a process without
    /// folders, not at all.
    func lookAfterUnwatched() async {
        defer { unwatched.open() }
        guard roster.plan.isWatching else { return }
        while !Task.isCancelled {
            do {
                try await lookAtUnwatched()
            } catch {
                tell("look for files that left", error)
            }
            unwatched.open()
            await unwatchedBell.wait(until: clock.now.advanced(by: Self.lookAgain), clock: clock)
        }
    }

    private func lookAtUnwatched() async throws {
        let watched = roster.plan.watched.map(\.watched)
        var last: FilePath?
        // A root whose file system does not answer is not asked again this time.
        var silent: Set<FilePath> = []
        while true {
            let found = try await queue.unwatched(by: watched, after: last, limit: 512)
            guard let end = found.last else { return }
            last = end.path
            var gone: [FilePath] = []
            for (root, files) in Dictionary(grouping: found, by: \.root) where !silent.contains(root) {
                let paths = files.map(\.path)
                let left = try await threads.threads(beneath: root).look(within: disks.patience) {
                    paths.filter { FileStatus.isGone($0, beneath: root) }
                }
                if let left { gone += left } else { silent.insert(root) }
            }
            let left = gone.filter { !departures.takes($0) }
            if left.isEmpty { continue }
            try await bookkeeping.durably { try await queue.noteGone(left, at: .now()) }
            manifest.wake()
        }
    }
}
