import SystemPackage

/// Queued files that may not be claimed, although they are due.
package struct HeldBack: Hashable, Sendable {
    package static let nothing = HeldBack(roots: [], files: [])

    /// Holds back all files that are opened beneath these directories.
    package let roots: Set<FilePath>
    /// Holds back these files, by path.
    package let files: Set<FilePath>
    /// Holds back all files of these sizes, in bytes.
    package let sizes: Set<Int64>
    /// Holds back all files beneath these directories, by path.
    package let directories: Set<FilePath>

    package init(
        roots: Set<FilePath>,
        files: Set<FilePath>,
        sizes: Set<Int64> = [],
        directories: Set<FilePath> = []
    ) {
        self.roots = roots
        self.files = files
        self.sizes = sizes
        self.directories = directories
    }

    /// Holds back these files too.
    func with(_ more: Set<FilePath>) -> HeldBack {
        HeldBack(roots: roots, files: files.union(more), sizes: sizes, directories: directories)
    }

    /// Holds back the files of both.
    func with(_ other: HeldBack) -> HeldBack {
        HeldBack(
            roots: roots.union(other.roots),
            files: files.union(other.files),
            sizes: sizes.union(other.sizes),
            directories: directories.union(other.directories)
        )
    }

    /// Whether this path is held back. Sizes are not checked.
    package func holds(_ path: FilePath) -> Bool {
        files.contains(path) || roots.contains { path.starts(with: $0) }
            || directories.contains { path.starts(with: $0) }
    }
}
