import Glibc
import SystemPackage

/// A file that appears whole or not at all: written beside its place, synced, and renamed over it.
///
/// A reader sees the old content or the new one, before, during and after a crash. If the path is a symbolic link, the
/// link's target is replaced and the link stays. Every error is a ``FileFailure``. Blocks; not for two tasks at once.
package final class AtomicFile {
    /// The path of the file itself, links followed.
    private let path: FilePath
    private let temporary: FilePath
    private let descriptor: FileDescriptor
    private var buffer: [UInt8] = []
    private var isDone = false

    /// `mode` is the permission of the new file, whatever the umask.
    package init(_ path: FilePath, mode: FilePermissions) throws {
        let target = try FileFailure.naming(path, "cannot be found") { try path.followingLinks() }
        self.path = target
        temporary = target.beside
        descriptor = try FileFailure.naming(temporary, "cannot be written") { [temporary] in
            try FileDescriptor.open(
                temporary,
                .writeOnly,
                options: [.create, .truncate, .closeOnExec, .noFollow],
                permissions: mode
            )
        }
        // Every property is set by now. So a throw runs `deinit`, which closes and removes the file.
        guard fchmod(descriptor.rawValue, mode.rawValue) == 0 else {
            throw FileFailure(temporary, "cannot be given its mode", Errno(rawValue: errno))
        }
        buffer.reserveCapacity(Self.bufferLength)
    }

    deinit { discard() }

    /// Gives up a file that is not in its place yet. After ``commit()`` it does nothing.
    ///
    /// ``deinit`` does the same, but late if a thread still holds this object. By then the temporary name may belong to
    /// the next file, which would lose it.
    package func discard() {
        guard !isDone else { return }
        isDone = true
        try? descriptor.close()
        _ = temporary.withPlatformString { unlink($0) }
    }

    package func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.bufferLength { try flush() }
    }

    /// Makes the file durable and puts it in its place.
    package func commit() throws {
        try flush()
        try FileFailure.naming(temporary, "cannot be written") { try FileSync.sync(descriptor) }
        CrashPoint.replacementSynced.reached()
        let result = temporary.withPlatformString { from in path.withPlatformString { rename(from, $0) } }
        guard result == 0 else { throw FileFailure(path, "cannot be replaced", Errno(rawValue: errno)) }
        isDone = true
        CrashPoint.replacementRenamed.reached()
        try FileFailure.naming(path, "cannot be made durable") {
            try descriptor.close()
            try FileSync.syncDirectory(of: path)
        }
    }

    private func flush() throws {
        // The descriptor may belong to another file by now.
        guard !isDone else { throw FileFailure(temporary, "was given up", .badFileDescriptor) }
        try FileFailure.naming(temporary, "cannot be written") { _ = try descriptor.writeAll(buffer) }
        buffer.removeAll(keepingCapacity: true)
    }

    private static let bufferLength = 64 * 1024
}

extension FilePath {
    /// A hidden name beside the path: the same name with `.` before and `.new` behind.
    fileprivate var beside: FilePath {
        let name = lastComponent.map { FilePath(root: nil, components: $0).bytes } ?? Array("outtray".utf8)
        return removingLastComponent().pushing(FilePath(bytes: Array(".".utf8) + name + Array(".new".utf8)))
    }
}

/// fsync(2) of files and of the directories that name them.
package enum FileSync {
    package static func sync(_ descriptor: FileDescriptor) throws {
        guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes a rename, a creation or a removal at `path` durable.
    package static func syncDirectory(of path: FilePath) throws {
        let parent = path.removingLastComponent()
        let directory = try FileDescriptor.open(
            parent.isEmpty ? "." : parent,
            .readOnly,
            options: [.directory, .closeOnExec]
        )
        try directory.closeAfter { try sync(directory) }
    }
}
