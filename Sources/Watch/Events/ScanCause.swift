/// Why a folder is scanned as a whole. A closed list, whose values stand in metrics.
package enum ScanCause: String, Sendable, CaseIterable {
    /// The folder has come to its place: at the start, or later.
    case arrival
    /// Events were lost.
    case overflow
    /// The time for a scan has come: the safety scan, or another look at what could not be read.
    case schedule
    /// Another part of the program asked for it.
    case asked
    /// Something was mounted or unmounted in the folder.
    case mount
    /// The folder may be looked into again.
    case opened
}

/// What a folder's watcher does, for counts. It changes nothing of what is known of files.
package enum WatchReport: Sendable, Equatable {
    case scanBegun(folder: String, ScanCause)
    /// Events of the folder were lost, in the kernel or here. A scan follows.
    case overflowed(folder: String)
}
