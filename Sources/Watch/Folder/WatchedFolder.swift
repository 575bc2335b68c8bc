import SystemPackage

/// One folder that is looked at, and what of it counts.
package struct WatchedFolder: Equatable, Sendable {
    /// What events and logs call it.
    package var name: String
    /// Absolute. Its own last component may be a symbolic link, since a person named it; nothing beneath is followed.
    package var path: FilePath
    /// False: only the files directly in it.
    package var recursive: Bool
    package var ignore: IgnoreRules

    /// A folder by the name that events carry.
    package init(name: String, path: FilePath, recursive: Bool = true, ignore: IgnoreRules = IgnoreRules()) {
        self.name = name
        self.path = path
        self.recursive = recursive
        self.ignore = ignore
    }
}
