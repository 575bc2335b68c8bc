import SystemPackage
import Threads

extension Pipeline {
    /// The names of the folders in force.
    package var folderNames: [String] { roster.plan.watched.map(\.name) }

    /// Folders in force whose first scan is not over. Empty when the pipeline has ended.
    package var foldersNotLookedThrough: [String] {
        beginning.missing.isEmpty ? firstPasses.missing.sorted() : folderNames.sorted()
    }

    /// The journal in force.
    package var journalPath: FilePath { roster.plan.manifest.journal }

    /// Why nothing can be recorded at present; nil if all can be recorded.
    package var recordsTrouble: String? { bookkeeping.closed?.reason }

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
