import Threads
import Watch

/// What of each folder could not be looked through, as Watch told last.
final class UnreadFolders: Sendable {
    private let folders = Mutex<[String: Unread]>([:])

    var all: [String: Unread] { folders.withLock { $0 } }

    /// nil where the whole folder was looked through.
    func note(_ unread: Unread?, in folder: String) {
        folders.withLock { $0[folder] = unread }
    }
}
