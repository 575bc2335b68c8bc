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

    /// A folder with the name that its events carry.
    package init(name: String, path: FilePath, recursive: Bool = true, ignore: IgnoreRules = IgnoreRules()) {
        self.name = name
        self.path = path
        self.recursive = recursive
        self.ignore = ignore
    }
}
