import CLinux
import Glibc
import SystemPackage
import Watch

/// A directory that is held open. Names in it are reached through its descriptor, wherever its path leads by now.
///
/// Its calls block. None follows a link, but for the initializer with a path. None replaces a file, but for
/// ``renameReplacing(_:into:as:)``.
final class OpenDirectory: Sendable {
    private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

    let descriptor: FileDescriptor
    /// False if kernel or file system are known to lack ``rename(_:into:as:)``.
    let canRename: Bool

    private init(owning descriptor: FileDescriptor, canRename: Bool) {
        self.descriptor = descriptor
        self.canRename = canRename
    }

    deinit {
        try? descriptor.close()
    }

    /// Opens a directory that a person named: its path may be a link.
    convenience init(_ path: FilePath, canRename: Bool = true) throws(Errno) {
        let descriptor = try Self.opened(path.withPlatformString { Glibc.open($0, Self.flags) })
        self.init(owning: descriptor, canRename: canRename)
    }

    /// The directory at this path beneath this one, following no link on the way. For an empty path, this one itself.
    func directory(_ relative: FilePath) throws(SourceFileError) -> OpenDirectory {
        if relative.isEmpty { return self }
        guard relative.components.allSatisfy({ $0.kind == .regular }) else { throw .outside }
        let opened = try SourceFile.open(relative, from: descriptor, Self.flags | O_NOFOLLOW)
        return OpenDirectory(owning: opened, canRename: canRename)
    }

    /// The same, but makes missing directories on the way, durably.
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
            // Opening it will show its kind.
        }
    }

    /// Opens a name; returns a descriptor, or -1 with errno set.
    func open(_ name: FilePath.Component, _ flags: Int32, mode: mode_t = 0) -> CInt {
        name.withPlatformString { openat(descriptor.rawValue, $0, flags | O_NOFOLLOW | O_CLOEXEC, mode) }
    }

    /// The kind and version behind this name; nil if nothing has it.
    func status(of name: FilePath.Component) throws(Errno) -> (kind: FileStatus.Kind, version: FileVersion)? {
        var status = stat()
        let result = name.withPlatformString { fstatat(descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }
        if result == 0 { return (FileStatus.Kind(mode: status.st_mode), FileVersion(status)) }
        guard errno == ENOENT else { throw Errno(rawValue: errno) }
        return nil
    }

    /// The first of these names that is free here; nil if all are taken.
    func firstFree(_ names: NumberedName) throws -> FilePath.Component? {
        try names.firstFree(isTaken: has)
    }

    /// Throws the `Errno` of access(2) if this process may not make names here: no right, read-only, or immutable.
    func checkWritable() throws(Errno) {
        if faccessat(descriptor.rawValue, ".", W_OK | X_OK, AT_EACCESS) != 0 { throw Errno(rawValue: errno) }
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

    /// Gives a file another name, and only if that name is free.
    ///
    /// Takes one step if the file system has such a step. Otherwise (NFS, 9p, many of FUSE), it links the second name,
    /// then removes the first. Nobody else may reach the first name meanwhile.
    ///
    /// - Throws: `.fileExists`; `.improperLink` if the other directory is on another file system; the errors of
    ///   link(2).
    func move(_ name: FilePath.Component, into other: OpenDirectory, as new: FilePath.Component) throws(Errno) {
        do throws(Errno) {
            return try rename(name, into: other, as: new)
        } catch {
            guard Self.isMissing(error) else { throw error }
        }
        try link(name, into: other, as: new)
        try remove(name)
    }

    /// Gives a file another name, in one step, and only if that name is free.
    ///
    /// - Throws: `.fileExists`; without such a step, an error that ``isMissing(_:)`` knows.
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

    /// Whether this error of ``rename(_:into:as:)`` means that kernel or file system have no such step.
    static func isMissing(_ error: Errno) -> Bool { [.invalidArgument, .noFunction].contains(error) }

    /// The same by rename(2), which replaces. Only for a directory, or for a name in a directory that nobody else
    /// writes to.
    func renameReplacing(_ name: FilePath.Component, into other: OpenDirectory, as new: FilePath.Component)
        throws(Errno)
    {
        try Self.check(
            name.withPlatformString { from in
                new.withPlatformString { renameat(descriptor.rawValue, from, other.descriptor.rawValue, $0) }
            }
        )
    }

    /// Gives a file a second name, if that name is free.
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

    /// Removes an empty directory.
    func removeDirectory(_ name: FilePath.Component) throws(Errno) {
        try Self.check(name.withPlatformString { unlinkat(descriptor.rawValue, $0, AT_REMOVEDIR) })
    }

    /// Makes all changes in the directory durable, if its file system can.
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
