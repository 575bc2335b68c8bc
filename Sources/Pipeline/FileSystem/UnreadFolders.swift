import Threads
import Watch

/// The parts of each folder that could not be read, by Watch's last report.
final class UnreadFolders: Sendable {
    private let folders = Mutex<[String: Unread]>([:])

    var all: [String: Unread] { folders.withLock { $0 } }

    /// Notes the unread parts of a folder; nil if the whole folder was read.
    func note(_ unread: Unread?, in folder: String) {
        folders.withLock { $0[folder] = unread }
    }
}
