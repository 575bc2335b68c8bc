import SystemPackage

/// A file that no folder watches, and the directory that has to be there before it can be said to be gone.
package struct UnwatchedFile: Hashable, Sendable {
    package let path: FilePath
    package let root: FilePath

    package init(path: FilePath, root: FilePath) {
        self.path = path
        self.root = root
    }
}
