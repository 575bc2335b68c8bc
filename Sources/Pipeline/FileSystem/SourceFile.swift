import CLinux
import Glibc
import SystemPackage
import Watch

/// A regular file, opened for reading beneath its folder. The same descriptor is checked, classified, hashed and sent.
///
/// No symbolic link is followed from the root to the file, and nothing outside the root is reached. Anything but a
/// regular file is closed at once. `O_NONBLOCK` keeps a FIFO from hanging us.
package final class SourceFile: Sendable {
    private let descriptor: FileDescriptor
    /// The version at the moment of opening.
    package let version: FileVersion

    package convenience init(_ path: FilePath, beneath root: FilePath) throws(SourceFileError) {
        try self.init(owning: try Self.open(path, beneath: root))
    }

    /// Opens the regular file of this name in a directory. A link is refused.
    convenience init(_ name: FilePath.Component, in directory: OpenDirectory) throws(SourceFileError) {
        try self.init(owning: try Self.check(directory.open(name, Self.flags)))
    }

    private init(owning descriptor: FileDescriptor) throws(SourceFileError) {
        do throws(SourceFileError) {
            let status = try Self.status(of: descriptor)
            guard status.st_mode & S_IFMT == S_IFREG else { throw SourceFileError.notRegular }
            version = FileVersion(status)
        } catch {
            try? descriptor.close()
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        try? descriptor.close()
    }

    /// Whether the file is still the version that was opened.
    package func isUnchanged() throws(SourceFileError) -> Bool {
        try currentVersion() == version
    }

    /// The version that the file has now, under any name.
    package func currentVersion() throws(SourceFileError) -> FileVersion {
        FileVersion(try Self.status(of: descriptor))
    }

    /// Owner, rights and times, as they are now.
    func status() throws(SourceFileError) -> stat {
        try Self.status(of: descriptor)
    }

    /// Whether a process holds the file open for writing. Nil if the kernel does not tell: leases need the file's owner
    /// or CAP_LEASE, and support of the file system.
    package var isHeldForWriting: Bool? {
        if clinux_try_read_lease(descriptor.rawValue) == 0 { return false }
        return errno == EAGAIN ? true : nil
    }

    /// Reads up to `count` bytes at `offset`; fewer only at the end of the file. Blocks.
    package func read(at offset: Int64, count: Int) throws(SourceFileError) -> [UInt8] {
        do {
            return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
            }
        } catch {
            throw error as? SourceFileError ?? .failed(.ioError)
        }
    }

    /// Fills `buffer` with the bytes at `offset`. Returns how many; fewer only at the end of the file. Blocks.
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(SourceFileError) -> Int {
        var filled = 0
        do {
            while filled < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                let read = try descriptor.read(fromAbsoluteOffset: offset + Int64(filled), into: rest)
                if read == 0 { break }
                filled += read
            }
            return filled
        } catch {
            throw SourceFileError(error as? Errno ?? .ioError)
        }
    }

    private static func status(of descriptor: FileDescriptor) throws(SourceFileError) -> stat {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw SourceFileError(Errno(rawValue: errno)) }
        return status
    }
}

extension SourceFile {
    private static let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY

    private static func open(_ path: FilePath, beneath root: FilePath) throws(SourceFileError) -> FileDescriptor {
        var relative = path
        guard relative.removePrefix(root), !relative.isEmpty else { throw .outside }
        guard relative.components.allSatisfy({ $0.kind == .regular }) else { throw .outside }
        let directory = try check(root.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        defer { try? directory.close() }
        return try open(relative, from: directory, flags)
    }

    /// Opens a path beneath a directory, following no link on the way.
    static func open(
        _ relative: FilePath,
        from directory: FileDescriptor,
        _ flags: Int32
    ) throws(SourceFileError) -> FileDescriptor {
        let opened = relative.withPlatformString { clinux_open_beneath(directory.rawValue, $0, UInt64(flags)) }
        // Old kernels lack openat2(2); some container sandboxes refuse it.
        if opened < 0, errno == ENOSYS || errno == EPERM {
            return try walk(relative, from: directory, flags)
        }
        return try check(opened)
    }

    /// The same by one `openat` a component, for kernels before 5.6 and for sandboxes without openat2(2).
    package static func walk(
        _ relative: FilePath,
        from directory: FileDescriptor
    ) throws(SourceFileError) -> FileDescriptor {
        try walk(relative, from: directory, flags)
    }

    private static func walk(
        _ relative: FilePath,
        from directory: FileDescriptor,
        _ flags: Int32
    ) throws(SourceFileError) -> FileDescriptor {
        var current = try check(dup(directory.rawValue))
        let components = Array(relative.components)
        for (index, component) in components.enumerated() {
            guard component.kind == .regular else {
                try? current.close()
                throw .outside
            }
            let last = index == components.count - 1
            let next = FilePath(root: nil, components: component).withPlatformString {
                openat(current.rawValue, $0, last ? flags : O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            }
            var failure = errno
            // For a link, openat2(2) says ELOOP, but openat(2) says ENOTDIR.
            if next < 0, failure == ENOTDIR, isLink(component, in: current) { failure = ELOOP }
            try? current.close()
            errno = failure
            current = try check(next)
        }
        return current
    }

    private static func isLink(_ name: FilePath.Component, in directory: FileDescriptor) -> Bool {
        var status = stat()
        let result = FilePath(root: nil, components: name).withPlatformString {
            fstatat(directory.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
        return result == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func check(_ descriptor: CInt) throws(SourceFileError) -> FileDescriptor {
        guard descriptor >= 0 else { throw SourceFileError(Errno(rawValue: errno)) }
        return FileDescriptor(rawValue: descriptor)
    }
}
