import SystemPackage

/// Queued files that are not taken, although they are due.
package struct HeldBack: Hashable, Sendable {
    package static let nothing = HeldBack(roots: [], files: [])

    /// All files that are opened beneath one of these directories.
    package let roots: Set<FilePath>
    /// These files, by path.
    package let files: Set<FilePath>
    /// All files of one of these sizes, in bytes.
    package let sizes: Set<Int64>

    package init(roots: Set<FilePath>, files: Set<FilePath>, sizes: Set<Int64> = []) {
        self.roots = roots
        self.files = files
        self.sizes = sizes
    }

    /// These and other files.
    func with(_ more: Set<FilePath>) -> HeldBack {
        HeldBack(roots: roots, files: files.union(more), sizes: sizes)
    }

    /// What either holds back.
    func with(_ other: HeldBack) -> HeldBack {
        HeldBack(
            roots: roots.union(other.roots),
            files: files.union(other.files),
            sizes: sizes.union(other.sizes)
        )
    }

    /// Whether it has this file by its path.
    package func holds(_ path: FilePath) -> Bool {
        files.contains(path) || roots.contains { path.starts(with: $0) }
    }
}
