import SystemPackage
import Threads
import Watch

/// The parts of each folder that could not be read, by Watch's last report.
final class UnreadFolders: Sendable {
    private let folders = Mutex<[String: Unread]>([:])

    var all: [String: Unread] { folders.withLock { $0 } }

    /// Whether the folder itself, at this path, could not be read.
    func isRoot(of folder: String, _ path: FilePath?) -> Bool {
        folders.withLock { $0[folder].map { $0.first == path } ?? false }
    }

    /// Notes the unread parts of a folder; nil if the whole folder was read.
    func note(_ unread: Unread?, in folder: String) {
        folders.withLock { $0[folder] = unread }
    }
}
