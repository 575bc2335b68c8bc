import Glibc
import SystemPackage
import Watch

/// A file that is read from its beginning to its end, such as a manifest. Blocks as long as its file system does.
///
/// It has to be a regular file. A FIFO would be waited for, and to open a device may do something. So nothing else is
/// opened.
package enum RegularFile {
    /// Reads all bytes, or the first `most`.
    ///
    /// - Throws: ``NotRegular``, or the `Errno` of the failed call.
    package static func content(of path: FilePath, most: Int = .max) throws -> [UInt8] {
        try reading(path) { file, _ in try file.readAll(most: most) }
    }

    /// Does `work` on the open file. Nil if there is no such file.
    ///
    /// - Throws: ``NotRegular``, the `Errno` of the failed call, or the errors of `work`.
    static func readingIfThere<Value>(_ path: FilePath, _ work: (FileDescriptor) throws -> Value) throws -> Value? {
        do {
            return try reading(path) { file, _ in try work(file) }
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
    }

    /// Does `work` on the open file, whose status is given too.
    ///
    /// - Throws: ``NotRegular``, the `Errno` of the failed call, or the errors of `work`.
    package static func reading<Value>(
        _ path: FilePath,
        _ work: (FileDescriptor, stat) throws -> Value
    ) throws -> Value {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { throw Errno(rawValue: errno) }
        try check(status)
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        return try file.closeAfter {
            // Something else may have taken its place.
            guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            try check(status)
            return try work(file, status)
        }
    }

    private static func check(_ status: stat) throws(NotRegular) {
        let kind = status.st_mode & S_IFMT
        if kind != S_IFREG { throw NotRegular(kind: kind) }
    }
}

/// Something else is where a regular file has to be. A link counts as what it leads to.
package struct NotRegular: Error, Hashable, Sendable, CustomStringConvertible {
    /// As in `st_mode` of inode(7).
    let kind: mode_t

    package var description: String {
        let name =
            switch kind {
            case S_IFDIR: "a directory"
            case S_IFIFO: "a FIFO"
            case S_IFSOCK: "a socket"
            default: "a device"
            }
        return "it is \(name), and must be a regular file"
    }
}
