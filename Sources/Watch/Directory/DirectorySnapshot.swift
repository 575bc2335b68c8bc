import SystemPackage

/// The entries of a polled directory at the last look.
struct DirectorySnapshot: Equatable, Sendable {
    var files: [FilePath.Component: FileVersion] = [:]
    /// Subdirectories by name, with their inodes.
    var directories: [FilePath.Component: UInt64] = [:]
    /// The directory's device; 0 if the directory was not looked into.
    private var device: UInt64 = 0
    /// Nil for the folder itself, which is looked for by its path, and for a directory that was not looked into.
    private var standing: DirectoryStanding?
    /// The time of the look, as ``FileVersion/isYoung(at:)`` takes it; nil for a directory that was not looked into.
    private var seen: Int64?
    /// The files that had changed in the moment of the look.
    private var young: [FilePath.Component] = []

    /// Of a directory that was not looked into, or with these entries. `device`: the directory's, 0 if not known.
    init(
        files: [FilePath.Component: FileVersion] = [:],
        directories: [FilePath.Component: UInt64] = [:],
        device: UInt64 = 0
    ) {
        (self.files, self.directories, self.device) = (files, directories, device)
    }

    /// Of an open directory, whose entries are noted later.
    init(on directory: FileDescriptor, isRoot: Bool) {
        device = directory.device ?? 0
        standing = isRoot ? nil : DirectoryStanding(of: directory)
        seen = FileVersion.now
    }

    /// Whether something was mounted here, or unmounted, between this look and `later`. The entries then are those of
    /// two directories.
    func isApart(from later: DirectorySnapshot) -> Bool {
        device != 0 && later.device != 0 && device != later.device
    }

    /// Whether the directory may have been elsewhere between this look and `later`. Then its files, and those beneath,
    /// are to be told once more.
    func mayHaveMoved(until later: DirectorySnapshot) -> Bool {
        guard let standing, let now = later.standing else { return false }
        return standing.mayHaveMoved(until: now)
    }

    /// The differences in a later look.
    struct Difference: Equatable {
        var newFiles: [FilePath.Component] = []
        /// Files that are the same, and had changed in the moment of the earlier look. Right after it they may have
        /// been away, and be back by now, in the same version.
        var doubtfulFiles: [FilePath.Component] = []
        var changedFiles: [FilePath.Component] = []
        var goneFiles: [FilePath.Component] = []
        var newDirectories: [FilePath.Component] = []
        var goneDirectories: [FilePath.Component] = []

        var hasLosses: Bool { !goneFiles.isEmpty || !goneDirectories.isEmpty }
    }

    /// What happened between this look and `later`. A directory with an old name and another inode counts as gone and
    /// as new.
    func difference(to later: DirectorySnapshot) -> Difference {
        var difference = Difference()
        for (name, version) in later.files {
            switch files[name] {
            case nil: difference.newFiles.append(name)
            case version: break
            default: difference.changedFiles.append(name)
            }
        }
        difference.doubtfulFiles = young.filter { files[$0] != nil && later.files[$0] == files[$0] }
        difference.goneFiles = files.keys.filter { later.files[$0] == nil }
        difference.newDirectories = later.directories.filter { directories[$0.key] != $0.value }.map(\.key)
        difference.goneDirectories = directories.filter { later.directories[$0.key] != $0.value }.map(\.key)
        return difference
    }

    /// Makes the subdirectory differ from any later look. No directory has the inode 0.
    mutating func doubt(_ name: FilePath.Component) {
        directories[name] = 0
    }

    /// Takes over what an earlier look found under a name that cannot be looked at now. It has not left, as far as
    /// anybody can tell.
    mutating func keep(_ name: BorrowedName, from earlier: DirectorySnapshot?) {
        guard let earlier, let name = name.component else { return }
        if let version = earlier.files[name] { files[name] = version }
        if let inode = earlier.directories[name] { directories[name] = inode }
    }

    /// Adds an entry if it is a file or a directory.
    mutating func note(_ entry: DirectoryReader.Entry) {
        if entry.kind == .other { return }
        guard let name = entry.name.component else { return }
        guard entry.kind == .regular else {
            directories[name] = entry.inode
            return
        }
        files[name] = entry.version
        if let seen, entry.version?.isYoung(at: seen) == true { young.append(name) }
    }
}
