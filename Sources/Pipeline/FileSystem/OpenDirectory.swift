import CLinux
import Glibc
import SystemPackage
import Watch

/// A directory that is held open: names in it are worked on through its descriptor, wherever its path leads by now.
///
/// Its calls block. None of them follows a link, and none replaces what is there.
final class OpenDirectory: Sendable {
    private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

    let descriptor: FileDescriptor
    /// False where kernel or file system are known to have no ``rename(_:into:as:)``.
    let canRename: Bool

    private init(owning descriptor: FileDescriptor, canRename: Bool) {
        self.descriptor = descriptor
        self.canRename = canRename
    }

    deinit {
        try? descriptor.close()
    }

    /// A directory that a person named: its path may be a link.
    convenience init(_ path: FilePath, canRename: Bool = true) throws(Errno) {
        let descriptor = try Self.opened(path.withPlatformString { Glibc.open($0, Self.flags) })
        self.init(owning: descriptor, canRename: canRename)
    }

    /// The directory at this path beneath another one, following no link on the way; the other one itself where the path is
    /// empty.
    func directory(_ relative: FilePath) throws(SourceFileError) -> OpenDirectory {
        if relative.isEmpty { return self }
        guard relative.components.allSatisfy({ $0.kind == .regular }) else { throw .outside }
        let opened = try SourceFile.open(relative, from: descriptor, Self.flags | O_NOFOLLOW)
        return OpenDirectory(owning: opened, canRename: canRename)
    }

    /// The same, where the directories on the way that are not there are made, durably.
    func makeDirectories(_ relative: FilePath) throws -> OpenDirectory {
        var current = self
        for component in relative.components {
            try current.ensureDirectory(component)
            current = try current.directory(FilePath(root: nil, components: component))
        }
        return current
    }

    private func ensureDirectory(_ name: FilePath.Component) throws {
        do {
            try makeDirectory(name, mode: 0o777)
            try sync()
        } catch Errno.fileExists {
            // What it is shows when it is opened.
        }
    }

    /// A descriptor, or -1 and errno.
    func open(_ name: FilePath.Component, _ flags: Int32, mode: mode_t = 0) -> CInt {
        name.withPlatformString { openat(descriptor.rawValue, $0, flags | O_NOFOLLOW | O_CLOEXEC, mode) }
    }

    /// What has this name; nil where nothing has.
    func status(of name: FilePath.Component) throws(Errno) -> (kind: FileStatus.Kind, version: FileVersion)? {
        var status = stat()
        let result = name.withPlatformString { fstatat(descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }
        if result == 0 { return (FileStatus.Kind(mode: status.st_mode), FileVersion(status)) }
        guard errno == ENOENT else { throw Errno(rawValue: errno) }
        return nil
    }

    /// The first of a file's names that nothing has here; nil where all are taken.
    func firstFree(_ names: NumberedName) throws -> FilePath.Component? {
        try names.firstFree(isTaken: has)
    }

    private func has(_ name: FilePath.Component) throws -> Bool {
        try status(of: name) != nil
    }

    /// The directory's own device and inode.
    func identity() throws(Errno) -> FileIdentity {
        var status = stat()
        try Self.check(fstat(descriptor.rawValue, &status))
        return FileIdentity(FileVersion(status))
    }

    /// Gives a file another name, and only where that is free.
    ///
    /// In one step where there is one; else (NFS, 9p, many of FUSE) by a second name, after which the first one goes: that
    /// one must be out of everybody else's reach.
    ///
    /// - Throws: `.fileExists`; `.improperLink` where the other directory is on another file system; what link(2) says.
    func move(_ name: FilePath.Component, into other: OpenDirectory, as new: FilePath.Component) throws(Errno) {
        do throws(Errno) {
            return try rename(name, into: other, as: new)
        } catch {
            guard Self.isMissing(error) else { throw error }
        }
        try link(name, into: other, as: new)
        try remove(name)
    }

    /// Gives a file another name, in one step, and only where that is free.
    ///
    /// - Throws: `.fileExists`; what ``isMissing(_:)`` knows where there is no such step.
    func rename(_ name: FilePath.Component, into other: OpenDirectory, as new: FilePath.Component) throws(Errno) {
        guard canRename else { throw .invalidArgument }
        try Self.check(
            name.withPlatformString { from in
                new.withPlatformString {
                    clinux_rename_noreplace(descriptor.rawValue, from, other.descriptor.rawValue, $0)
                }
            }
        )
    }

    /// Whether an error of ``rename(_:into:as:)`` says that kernel or file system have no such step.
    static func isMissing(_ error: Errno) -> Bool { [.invalidArgument, .noFunction].contains(error) }

    /// The same by rename(2), which replaces: only for a name in a directory that nobody else writes to, or for a directory.
    func renameReplacing(_ name: FilePath.Component, into other: OpenDirectory, as new: FilePath.Component)
        throws(Errno)
    {
        try Self.check(
            name.withPlatformString { from in
                new.withPlatformString { renameat(descriptor.rawValue, from, other.descriptor.rawValue, $0) }
            }
        )
    }

    /// Gives a file a second name, where that is free.
    func link(_ name: FilePath.Component, into other: OpenDirectory, as new: FilePath.Component) throws(Errno) {
        try Self.check(
            name.withPlatformString { from in
                new.withPlatformString { linkat(descriptor.rawValue, from, other.descriptor.rawValue, $0, 0) }
            }
        )
    }

    func makeDirectory(_ name: FilePath.Component, mode: mode_t) throws(Errno) {
        try Self.check(name.withPlatformString { mkdirat(descriptor.rawValue, $0, mode) })
    }

    func remove(_ name: FilePath.Component) throws(Errno) {
        try Self.check(name.withPlatformString { unlinkat(descriptor.rawValue, $0, 0) })
    }

    /// Only an empty one.
    func removeDirectory(_ name: FilePath.Component) throws(Errno) {
        try Self.check(name.withPlatformString { unlinkat(descriptor.rawValue, $0, AT_REMOVEDIR) })
    }

    /// Makes what was done in it durable, where the file system has a way to.
    func sync() throws(Errno) {
        guard fsync(descriptor.rawValue) != 0, errno != EINVAL else { return }
        throw Errno(rawValue: errno)
    }

    private static func opened(_ descriptor: CInt) throws(Errno) -> FileDescriptor {
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        return FileDescriptor(rawValue: descriptor)
    }

    private static func check(_ result: CInt) throws(Errno) {
        guard result >= 0 else { throw Errno(rawValue: errno) }
    }
}

/// Which file something is, whatever its name, content and times.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(_ version: FileVersion) {
        device = version.device
        inode = version.inode
    }
}
