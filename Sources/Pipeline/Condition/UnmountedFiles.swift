import SystemPackage

/// Known files of a folder that count as there, because their file systems are not mounted.
package struct UnmountedFiles: Hashable, Sendable {
    /// The number of files.
    package let count: Int
    /// The number of directories that show, or showed, in the place of the file systems.
    package let directories: Int
    /// The first of the directories, by its path.
    package let first: FilePath

    package init(count: Int, directories: Int, first: FilePath) {
        self.count = count
        self.directories = directories
        self.first = first
    }
}
