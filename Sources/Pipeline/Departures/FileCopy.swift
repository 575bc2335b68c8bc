import Glibc
import SystemPackage

/// A copy of an open file under a hidden name. It gets its real name when it is whole. Its calls block.
final class FileCopy: Sendable {
    /// How many bytes are copied or read at a time: 1 MiB.
    static let chunkLength = 1 << 20

    private let directory: OpenDirectory
    private let name: FilePath.Component
    private let descriptor: FileDescriptor

    /// Begins a new copy. Removes an earlier try's file of this name.
    init(as name: FilePath.Component, in directory: OpenDirectory) throws {
        do throws(Errno) {
            try directory.remove(name)
        } catch .noSuchFileOrDirectory {}
        let opened = directory.open(name, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        guard opened >= 0 else { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: opened)
        self.directory = directory
        self.name = name
    }

    deinit {
        try? descriptor.close()
    }

    /// Copies a chunk of the source and returns it; an empty chunk is the end.
    func append(from source: SourceFile, at offset: Int64) throws -> [UInt8] {
        let chunk = try source.read(at: offset, count: Self.chunkLength)
        _ = try descriptor.writeAll(toAbsoluteOffset: offset, chunk)
        return chunk
    }

    /// Gives the copy the source's rights and times, and its owner if this user may. Then makes it durable.
    func seal(like source: SourceFile) throws {
        let status = try source.status()
        // Without the right to give files away, the copy is this user's.
        _ = fchown(descriptor.rawValue, status.st_uid, status.st_gid)
        var times = [status.st_atim, status.st_mtim]
        guard fchmod(descriptor.rawValue, status.st_mode & 0o777) == 0,
            futimens(descriptor.rawValue, &times) == 0
        else { throw Errno(rawValue: errno) }
        try FileSync.sync(descriptor)
        // Makes the reads that follow come from the disk.
        posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_DONTNEED)
    }

    /// Reads a chunk of the copy; an empty chunk is the end.
    func read(at offset: Int64) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: Self.chunkLength) { buffer, filled in
            filled = try descriptor.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Gives the copy its name, durably. Returns false if the name is taken by now.
    func publish(as real: FilePath.Component) throws -> Bool {
        do throws(Errno) {
            try directory.move(name, into: directory, as: real)
        } catch .fileExists {
            return false
        }
        try directory.sync()
        return true
    }

    /// Removes the copy.
    func discard() throws {
        try directory.remove(name)
    }
}
