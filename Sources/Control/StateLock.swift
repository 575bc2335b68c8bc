import Glibc
import SystemPackage
import Watch

/// Lets only one process use a state directory. The lock ends with the process, however the process ends.
///
/// flock(2) on a file that is never removed. The file names the holder, for the message of a second process.
package final class StateLock: Sendable {
    private let descriptor: FileDescriptor

    /// Takes the lock.
    ///
    /// - Throws: ``StateLockError``.
    package init(_ directory: FilePath) throws(StateLockError) {
        let path = directory.appending("outtray.lock")
        let descriptor: FileDescriptor
        do {
            let options: FileDescriptor.OpenOptions = [.create, .closeOnExec, .noFollow]
            descriptor = try .open(path, .readWrite, options: options, permissions: [.ownerReadWrite])
        } catch {
            throw .failed("\(path) cannot be opened: \(error)", error as? Errno ?? .ioError)
        }
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let failure = Errno(rawValue: errno)
            let holder = Self.holder(descriptor)
            // The property is not set yet. So `deinit` does not run, and does not close the descriptor again.
            try? descriptor.close()
            if failure == .wouldBlock { throw .held(by: holder, directory) }
            throw .failed("\(path) cannot be locked: \(failure)", failure)
        }
        self.descriptor = descriptor
        _ = ftruncate(descriptor.rawValue, 0)
        _ = try? descriptor.writeAll(toAbsoluteOffset: 0, "\(getpid())\n".utf8)
    }

    /// The process that has the lock of a state directory. Nil if none has it, as far as the kernel tells.
    ///
    /// It does not try to lock: the next start could find the directory taken for a moment. `/proc/locks` (proc(5))
    /// names locks by device and inode; on a file system with devices of its own, such as btrfs, they may differ.
    package static func holder(of directory: FilePath) -> Int32? {
        guard let file = try? FileStatus.of(directory.appending("outtray.lock")).version,
            let locks = ProcFile.text("/proc/locks")
        else { return nil }
        return holder(ofInode: file.inode, device: file.deviceNumbers, locks: locks)
    }

    /// Reads the text of `/proc/locks`: `1: FLOCK  ADVISORY  WRITE 812 08:01:1234 0 EOF`. Device numbers are
    /// hexadecimal.
    static func holder(ofInode inode: UInt64, device: (major: UInt64, minor: UInt64), locks: String) -> Int32? {
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            // A process that waits for a lock has a line with an arrow.
            guard fields.count > 5, fields[1] == "FLOCK", fields[3] == "WRITE" else { continue }
            let place = fields[5].split(separator: ":")
            guard place.count == 3, UInt64(place[0], radix: 16) == device.major,
                UInt64(place[1], radix: 16) == device.minor,
                UInt64(place[2]) == inode, let holder = Int32(fields[4]), holder > 0
            else { continue }
            return holder
        }
        return nil
    }

    deinit {
        try? descriptor.close()
    }

    /// The process id that the holder wrote. Nil if it has written none yet.
    private static func holder(_ descriptor: FileDescriptor) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = bytes.withUnsafeMutableBytes { try? descriptor.read(fromAbsoluteOffset: 0, into: $0) } ?? 0
        return Int32(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}

/// Why the lock could not be taken.
package enum StateLockError: Error, CustomStringConvertible {
    /// Another process has the lock. Its id, if known, and the state directory.
    case held(by: Int32?, FilePath)
    case failed(String, Errno)

    package var description: String {
        switch self {
        case .held(let holder, let directory):
            "another outtray\(holder.map { " (process \($0))" } ?? "") works with \(directory)"
        case .failed(let reason, _): reason
        }
    }
}
