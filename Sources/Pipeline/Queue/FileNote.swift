import SystemPackage

/// A change of a file before it was queued, for ``FileQueue/note(_:at:)``.
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
    package func noteSettling(_ files: [SettlingFile], at time: Timestamp) async throws {
        try await note(files.map(FileNote.settling), at: time)
    }

    /// Records that the files at these paths left.
    package func noteGone(_ paths: [FilePath], at time: Timestamp) async throws {
        try await note(paths.map(FileNote.gone), at: time)
    }

    /// Records that all files beneath a directory left.
    package func noteGone(beneath directory: FilePath, at time: Timestamp) async throws {
        try await note([.goneBelow(directory)], at: time)
    }
}
