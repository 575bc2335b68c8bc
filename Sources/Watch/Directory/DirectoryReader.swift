import CLinux
import Glibc
import SystemPackage

/// An open directory and its entries.
///
/// It is opened beneath the folder, one component at a time, and no component may be a symbolic link. So a link that
/// takes a directory's place meanwhile leads nowhere. The directory is closed with its last owner.
final class DirectoryReader {
    /// One name in the directory.
    struct Entry {
        /// Valid until the reader is asked for its next entry.
        var name: BorrowedName
        var kind: FileStatus.Kind
        /// Only for a regular file.
        var version: FileVersion?
        /// The inode that readdir(3) reports.
        var inode: UInt64
        /// Why the file could not be looked at, as the disk has an error there. Its kind is then what readdir(3) says.
        var failure: Errno?
    }

    private let stream: OpaquePointer
    /// How many entries so far could not be looked at, without the right to enter the directory.
    private(set) var denied = 0

    /// Opens `components` beneath `root`. The root's own path may lead over symbolic links.
    ///
    /// Throws `.noSuchFileOrDirectory`, `.notDirectory` or `.tooManySymbolicLinkLevels` if there is no such directory
    /// (any more).
    convenience init(root: FilePath, components: [FilePath.Component] = []) throws(Errno) {
        try self.init(reading: try Self.open(root: root, components: components))
    }

    /// Opens the directory of this name in an open one.
    convenience init(_ name: BorrowedName, in parent: DirectoryReader) throws(Errno) {
        let raw = openat(parent.descriptor.rawValue, name.start, Self.readable | O_NOFOLLOW)
        if raw < 0 { throw Errno(rawValue: errno) }
        try self.init(reading: FileDescriptor(rawValue: raw))
    }

    /// Takes over the descriptor.
    private init(reading directory: FileDescriptor) throws(Errno) {
        guard let stream = fdopendir(directory.rawValue) else {
            let failure = Errno(rawValue: errno)
            try? directory.close()
            throw failure
        }
        self.stream = stream
    }

    deinit {
        closedir(stream)
    }

    /// For calls on the directory itself. Valid as long as the reader.
    var descriptor: FileDescriptor {
        FileDescriptor(rawValue: dirfd(stream))
    }

    /// Throws `.permissionDenied` if the directory's names may be read, but its files may not be looked at (mode 744).
    func checkEntering() throws(Errno) {
        if faccessat(dirfd(stream), ".", X_OK, AT_EACCESS) != 0 { throw Errno(rawValue: errno) }
    }

    /// The next entry that is still there when it is looked at. Nil at the end. Leaves out `.` and `..`.
    ///
    /// Throws the error of the directory. An error of one file is in its entry.
    func next() throws(Errno) -> Entry? {
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw Errno(rawValue: errno) }
                return nil
            }
            let field = UnsafeRawPointer(entry) + Self.nameOffset
            let name = BorrowedName(field.assumingMemoryBound(to: CChar.self))
            if name.isDots { continue }
            let found = look(at: name, type: Int32(entry.pointee.d_type), inode: UInt64(entry.pointee.d_ino))
            if let found { return found }
        }
    }

    private static let readable = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK
    private static let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 19

    /// Asks for a file's version at once. Returns nil if the file vanished since readdir(3). A file without permission
    /// for a look is nil, too, and counts in ``denied``.
    private func look(at name: BorrowedName, type: Int32, inode: UInt64) -> Entry? {
        if type == Int32(DT_DIR) { return Entry(name: name, kind: .directory, inode: inode) }
        if type != Int32(DT_REG) && type != Int32(DT_UNKNOWN) {
            return Entry(name: name, kind: .other, inode: inode)
        }
        var status = stat()
        guard fstatat(dirfd(stream), name.start, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let failure = Errno(rawValue: errno)
            if failure == .permissionDenied { denied += 1 }
            if failure == .noSuchFileOrDirectory || failure == .permissionDenied { return nil }
            let kind = type == Int32(DT_REG) ? FileStatus.Kind.regular : .other
            return Entry(name: name, kind: kind, inode: inode, failure: failure)
        }
        let kind = FileStatus.Kind(mode: status.st_mode)
        return Entry(
            name: name,
            kind: kind,
            version: kind == .regular ? FileVersion(status) : nil,
            inode: inode
        )
    }

    private static func open(root: FilePath, components: [FilePath.Component]) throws(Errno) -> FileDescriptor {
        let passable = O_DIRECTORY | O_CLOEXEC | Int32(CLINUX_O_PATH)
        var directory = try openDirectory(AT_FDCWD, root, flags: components.isEmpty ? readable : passable)
        for (index, component) in components.enumerated() {
            let flags = (index == components.count - 1 ? readable : passable) | O_NOFOLLOW
            let parent = directory
            defer { try? parent.close() }
            directory = try openDirectory(parent.rawValue, FilePath(root: nil, [component]), flags: flags)
        }
        return directory
    }

    private static func openDirectory(
        _ parent: Int32,
        _ path: FilePath,
        flags: Int32
    ) throws(Errno) -> FileDescriptor {
        let (raw, failure) = path.withPlatformString { (openat(parent, $0, flags), errno) }
        if raw < 0 { throw Errno(rawValue: failure) }
        return FileDescriptor(rawValue: raw)
    }
}
