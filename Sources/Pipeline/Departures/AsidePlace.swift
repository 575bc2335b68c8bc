import Glibc
import SystemPackage
import Watch

/// The directory of a departing file, held open, and the file's hidden name there.
///
/// A file is renamed before the last look at it. From then on nobody reaches it by its name, and anything put under
/// that name is another file. Its calls block.
struct AsidePlace: Sendable {
    private let root: FilePath
    /// The path of ``parent``.
    private let directory: FilePath
    let parent: OpenDirectory
    let name: FilePath.Component
    let aside: FilePath.Component
    /// The name of a directory of our own, for file systems without `RENAME_NOREPLACE`. Nobody else has a name in it.
    private let shelter: FilePath.Component

    /// The place of a departing file. Nil if the file's directory is not there, or a link leads to it.
    ///
    /// - Throws: `Errno` if the folder itself cannot be opened; `SourceFileError`.
    init?(of departure: Departure, beneath root: FilePath, canRename: Bool = true) throws {
        guard let hidden = HiddenName(.file, of: departure), let name = departure.path.lastComponent else { return nil }
        try self.init(hidden, of: name, in: departure.path.removingLastComponent(), beneath: root, canRename)
    }

    /// The place of a hidden name in this directory. `name` is the file's own name.
    init?(
        _ hidden: HiddenName,
        of name: FilePath.Component,
        in directory: FilePath,
        beneath root: FilePath,
        _ canRename: Bool = true
    ) throws {
        var relative = directory
        guard relative.removePrefix(root), let aside = hidden.used(.file).component,
            let shelter = hidden.used(.shelter).component
        else { return nil }
        let folder = try OpenDirectory(root, canRename: canRename)
        do throws(SourceFileError) {
            parent = try folder.directory(relative)
        } catch .missing, .notRegular, .outside {
            return nil
        }
        self.root = root
        self.directory = directory
        self.name = name
        self.aside = aside
        self.shelter = shelter
    }

    /// Whether the kernel hears of every writer here. On a network disk, or a file system of a type that is not known,
    /// it may not.
    var isWatchedByKernel: Bool { FileSystemKind.of(parent.descriptor).knowsWriters }

    /// The directory of a file that an earlier try, or an earlier process, has set aside; nil if there is none. Removes
    /// an empty shelter.
    func leftover() throws -> OpenDirectory? {
        if try parent.status(of: aside) != nil { return parent }
        guard try parent.status(of: shelter)?.kind == .directory else { return nil }
        let home = try parent.directory(FilePath(root: nil, components: shelter))
        if try home.status(of: aside) != nil { return home }
        try parent.removeDirectory(shelter)
        return nil
    }

    /// Sets aside the file that has the name by now. Returns the directory of its hidden name.
    ///
    /// - Throws: `Errno`: `.noSuchFileOrDirectory` if nothing has that name.
    func setAside() throws -> OpenDirectory {
        do throws(Errno) {
            try parent.rename(name, into: parent, as: aside)
            return parent
        } catch {
            guard OpenDirectory.isMissing(error) else { throw error }
        }
        do throws(Errno) {
            try parent.makeDirectory(shelter, mode: 0o700)
        } catch .fileExists {}
        let home = try parent.directory(FilePath(root: nil, components: shelter))
        do throws(Errno) {
            try parent.renameReplacing(name, into: home, as: aside)
        } catch {
            try? parent.removeDirectory(shelter)
            throw error
        }
        return home
    }

    /// Gives the file its own name again, with a number if that name is taken. Returns its path.
    func putBack(from home: OpenDirectory) throws -> FilePath {
        let names = NumberedName(name)
        let isDirectory = try home.status(of: aside)?.kind == .directory
        while let free = try parent.firstFree(names) {
            do throws(Errno) {
                // link(2) takes no directory. rename(2) replaces no directory with something in it.
                if isDirectory, !parent.canRename {
                    try home.renameReplacing(aside, into: parent, as: free)
                } else {
                    try home.move(aside, into: parent, as: free)
                }
            } catch .fileExists {
                continue
            }
            try leave(home)
            CrashPoint.putBack.reached()
            return directory.appending(free)
        }
        throw Errno.fileExists
    }

    /// Removes the shelter, if there is one, and makes the end of the hidden name durable.
    func leave(_ home: OpenDirectory) throws {
        if home !== parent { try parent.removeDirectory(shelter) }
        try parent.sync()
    }

    /// Whether the directory is still at its path: nobody has moved it out of the folder.
    func isInPlace() throws -> Bool {
        var relative = directory
        guard relative.removePrefix(root) else { return false }
        do {
            let now = try OpenDirectory(root).directory(relative)
            return try now.identity() == parent.identity()
        } catch let error as SourceFileError {
            if case .failed = error { throw error }
            return false
        }
    }
}
