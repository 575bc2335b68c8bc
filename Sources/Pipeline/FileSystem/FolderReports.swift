import Threads

/// The last report of one kind, for each folder that has one.
final class FolderReports<Report: Sendable>: Sendable {
    private let folders = Mutex<[String: Report]>([:])

    var all: [String: Report] { folders.withLock { $0 } }

    /// Takes a folder's report; nil if there is nothing to report any more.
    func note(_ report: Report?, in folder: String) {
        folders.withLock { $0[folder] = report }
    }
}
