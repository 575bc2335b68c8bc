import SystemPackage

/// One watched folder, and which of its files count.
package struct WatchedFolder: Equatable, Sendable {
    /// The folder's name in events and logs.
    package var name: String
    /// Absolute. Its last component may be a symbolic link, since a person named it. No link beneath the folder is
    /// followed.
    package var path: FilePath
    /// False: only the files directly in the folder.
    package var recursive: Bool
    package var ignore: IgnoreRules
    /// The names of files that go with media files and never up. They are watched as all files are.
    package var sidecars: NamePatterns
    /// Ignored names with this beginning are sent as `hidden`. They are this program's own, for files on their way out.
    package var hiddenPrefix: String?

    /// A folder with the name that its events carry.
    package init(
        name: String,
        path: FilePath,
        recursive: Bool = true,
        ignore: IgnoreRules = IgnoreRules(),
        sidecars: NamePatterns = NamePatterns(),
        hiddenPrefix: String? = nil
    ) {
        self.name = name
        self.path = path
        self.recursive = recursive
        self.ignore = ignore
        self.sidecars = sidecars
        self.hiddenPrefix = hiddenPrefix
    }

    /// Whether a name is one of this program's own.
    func hides(_ name: BorrowedName) -> Bool {
        hiddenPrefix.map { name.hasPrefix(Array($0.utf8)) } ?? false
    }

    /// Why a file beneath the folder does not go up.
    package enum Exclusion: Hashable, Sendable {
        /// The file is in a subdirectory, and the folder is not recursive.
        case subdirectory
        /// The file's name, or a directory's on the way to it, is ignored.
        case ignored(FilePath.Component)
        /// The file is a sidecar, by its name.
        case sidecar(FilePath.Component)
    }

    /// Why this path beneath the folder does not go up; nil if it counts. A directory is no sidecar.
    package func exclusion(of path: FilePath, isDirectory: Bool = false) -> Exclusion? {
        var relative = path
        guard relative.removePrefix(self.path) else { return nil }
        if !recursive, relative.components.count > 1 { return .subdirectory }
        if let name = relative.components.first(where: ignore.ignores) { return .ignored(name) }
        guard !isDirectory, let name = relative.lastComponent, sidecars.match(name) else { return nil }
        return .sidecar(name)
    }

    /// Whether the folder looks after this path as a sidecar.
    package func hasSidecar(at path: FilePath) -> Bool {
        if case .sidecar = exclusion(of: path) { true } else { false }
    }
}
