import Threads

extension Pipeline {
    /// The names of the folders in force.
    package var folderNames: [String] { roster.plan.watched.map(\.name) }

    /// Folders in force whose first scan is not over. Empty when the pipeline has ended.
    package var foldersNotLookedThrough: [String] {
        beginning.missing.isEmpty ? firstPasses.missing.sorted() : folderNames.sorted()
    }

    /// Why nothing can be recorded at present; nil if all can be recorded.
    package var recordsTrouble: String? { bookkeeping.closed?.reason }

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
