import SystemPackage

/// A file that no folder watches. It counts as gone only if `root` is there without it.
package struct UnwatchedFile: Hashable, Sendable {
    /// The folder's name that it is known with; nil if it has none.
    package let folder: String?
    package let path: FilePath
    package let root: FilePath

    package init(folder: String?, path: FilePath, root: FilePath) {
        self.folder = folder
        self.path = path
        self.root = root
    }
}
