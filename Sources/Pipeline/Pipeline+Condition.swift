import SystemPackage
import Threads
import Watch

extension Pipeline {
    /// The names of the folders in force.
    package var folderNames: [String] { roster.plan.watched.map(\.name) }

    /// Folders in force whose first scan is not over. Empty when the pipeline has ended.
    package var foldersNotLookedThrough: [String] {
        beginning.missing.isEmpty ? firstPasses.missing.sorted() : folderNames.sorted()
    }

    /// The folders in force, in the order of the configuration.
    package var folderConditions: [FolderCondition] {
        let missing = Set(foldersNotLookedThrough)
        let unread = unread.all
        let unmounted = unmounted.all
        return roster.plan.watched.map { folder in
            FolderCondition(
                name: folder.name,
                path: folder.path,
                account: folder.account,
                watch: watcher.condition(of: folder.name),
                isLookedThrough: !missing.contains(folder.name),
                isPaused: pauses.contains { $0.subject.isSame(as: .folder(name: folder.name, path: folder.path)) },
                acceptsDrops: folder.acceptsDrops,
                unread: unread[folder.name],
                unmounted: unmounted[folder.name]
            )
        }
    }

    /// The accounts in force, in the order of the configuration.
    package var accountConditions: [AccountCondition] {
        get async {
            var conditions: [AccountCondition] = []
            for account in roster.plan.accounts {
                if let lane = roster.lane(of: account.name) { conditions.append(await lane.condition) }
            }
            return conditions
        }
    }

    /// The newest revision that the manifest's journal has.
    package var writtenRevision: Int64? { get async { await manifest.writtenRevision } }

    /// Why nothing can be recorded, and for how long by now; nil if all can be recorded.
    /// This host's place in its fleet; nil without one.
    package var fleetCondition: FleetCondition? { fleet?.condition }

    package var closedRecords: (reason: String, lasts: Duration)? { bookkeeping.closed }

    /// Uploaded files that cannot leave their folders.
    package func stayingFiles() async throws -> StayingFiles { try await departures.failed() }

    /// How long uploads may take to finish after the end was asked for, by the plan in force.
    package var shutdownTimeout: Duration { roster.plan.shutdownTimeout }

    /// The journal in force.
    package var journalPath: FilePath { roster.plan.manifest.journal }

    /// How each hook in force fares, by name.
    package var hookStandings: [HookStanding] {
        get async throws { try await deliveries.standings }
    }

    /// The accounts in force, by name, each with the cause that all its files wait for.
    package var accountBlocks: [(name: String, blockedBy: WaitCause?)] {
        get async {
            var blocks: [(name: String, blockedBy: WaitCause?)] = []
            for (name, lane) in roster.lanes.sorted(by: { $0.key < $1.key }) {
                blocks.append((name, await lane.blockedBy))
            }
            return blocks
        }
    }
}
