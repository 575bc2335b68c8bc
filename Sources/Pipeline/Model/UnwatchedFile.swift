import SystemPackage

/// A file that no folder watches. It counts as gone only if `root` is there without it.
package struct UnwatchedFile: Hashable, Sendable {
    package let path: FilePath
    package let root: FilePath

    package init(path: FilePath, root: FilePath) {
        self.path = path
        self.root = root
    }
}
