import SystemPackage

/// A file that no folder watches. It counts as gone only if `root` is there without it.
package struct UnwatchedFile: Hashable, Sendable {
    /// The folder's name that it is known with; nil if it has none.
    package let folder: String?
    package let path: FilePath
    package let root: FilePath
    /// The device of the file, as it was last seen.
    package let device: UInt64

    package init(folder: String?, path: FilePath, root: FilePath, device: UInt64) {
        self.folder = folder
        self.path = path
        self.root = root
        self.device = device
    }
}
