import Synchronization

/// Which directories the last look at each folder could not read.
final class UnreadFolders: Sendable {
    private let folders = Mutex<[String: UnreadDirectories]>([:])

    var all: [String: UnreadDirectories] { folders.withLock { $0 } }

    /// nil where the whole folder was looked through.
    func note(_ directories: UnreadDirectories?, in folder: String) {
        folders.withLock { $0[folder] = directories }
    }
}
