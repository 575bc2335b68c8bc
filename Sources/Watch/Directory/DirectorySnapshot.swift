import SystemPackage

/// What a polled directory held when it was looked at last.
struct DirectorySnapshot: Equatable, Sendable {
    var files: [FilePath.Component: FileVersion] = [:]
    /// Subdirectories by name, with their inodes.
    var directories: [FilePath.Component: UInt64] = [:]

    /// What is different in a later look.
    struct Difference: Equatable {
        var newFiles: [FilePath.Component] = []
        var changedFiles: [FilePath.Component] = []
        var goneFiles: [FilePath.Component] = []
        var newDirectories: [FilePath.Component] = []
        var goneDirectories: [FilePath.Component] = []
    }

    /// What happened between this look and `later`. A directory of another inode under an old name is gone and new.
    func difference(to later: DirectorySnapshot) -> Difference {
        var difference = Difference()
        for (name, version) in later.files {
            switch files[name] {
            case nil: difference.newFiles.append(name)
            case version: break
            default: difference.changedFiles.append(name)
            }
        }
        difference.goneFiles = files.keys.filter { later.files[$0] == nil }
        difference.newDirectories = later.directories.filter { directories[$0.key] != $0.value }.map(\.key)
        difference.goneDirectories = directories.filter { later.directories[$0.key] != $0.value }.map(\.key)
        return difference
    }

    /// Makes the subdirectory differ from any in a later look. No directory has the inode 0.
    mutating func doubt(_ name: FilePath.Component) {
        directories[name] = 0
    }

    /// Takes an entry in, if it is a file or a directory.
    mutating func note(_ entry: DirectoryReader.Entry) {
        switch entry.kind {
        case .regular: files[entry.name] = entry.version
        case .directory: directories[entry.name] = entry.inode
        case .other: break
        }
    }
}
