import SystemPackage
import Watch

/// What the ledger knows of files that a scan has found.
package struct ScanComparison: Sendable {
    /// For each of the lists that were asked about: its files whose version is new, gone before, or still settling. All
    /// others have been dealt with.
    package var unhandled: [[FoundFile]] = []
    /// The numbers of the rows that the files have, in whatever version and state. For ``SeenFiles``.
    package var known: [Int64] = []
    /// Devices that known files were on, and are not any more. A disk may get another number at each boot.
    package var formerDevices: Set<UInt64> = []

    package init() {}
}

extension FileQueue {
    /// Those of `files` whose version is new, gone before, or still settling.
    package func unhandled(among files: [FoundFile]) async throws -> [FoundFile] {
        let found = files.map { FoundFiles($0.path, $0.version, folder: $0.folder) }
        return try await compare(found).unhandled.flatMap(\.self)
    }
}

/// Some paths of files that should be there.
package struct PresentFiles: Sendable, Equatable {
    /// A file that should be there, and the file system that it was on.
    package struct File: Sendable, Equatable {
        package let path: FilePath
        /// As it was last seen; 0 if it is not known.
        package let device: UInt64

        package init(_ path: FilePath, on device: UInt64) {
            self.path = path
            self.device = device
        }
    }

    package var files: [File] = []
    /// The path after which to go on; nil at the end.
    package var end: FilePath?

    package var paths: [FilePath] { files.map(\.path) }

    package init() {}
}
