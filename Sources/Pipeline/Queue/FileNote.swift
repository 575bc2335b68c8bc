import SystemPackage

/// A change of a file before it was queued, for ``FileQueue/record(_:at:)``.
package enum FileNote: Hashable, Sendable {
    /// The file is still changing or held open.
    case settling(SettlingFile)
    /// The file at this path left.
    case gone(FilePath)
    /// All files beneath this directory left.
    case goneBelow(FilePath)

    var isOfLeft: Bool { if case .settling = self { false } else { true } }
}

extension FileQueue {
    /// Records that these files are still changing or held open; `reason` says which.
    package func recordSettling(_ files: [SettlingFile], at time: Timestamp) async throws {
        try await record(files.map(FileNote.settling), at: time)
    }

    /// Records that the files at these paths left.
    package func recordGone(_ paths: [FilePath], at time: Timestamp) async throws {
        try await record(paths.map(FileNote.gone), at: time)
    }

    /// Records that all files beneath a directory left.
    package func recordGone(beneath directory: FilePath, at time: Timestamp) async throws {
        try await record([.goneBelow(directory)], at: time)
    }
}
