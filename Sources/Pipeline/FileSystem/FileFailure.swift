import SystemPackage

/// What could not be done with a file, and with which: an errno alone says nothing to whoever reads the log.
package struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: FilePath
    /// As in "cannot be replaced".
    package let deed: String
    package let errno: Errno

    package init(_ path: FilePath, _ deed: String, _ errno: Errno) {
        self.path = path
        self.deed = deed
        self.errno = errno
    }

    package var description: String { "\(path) \(deed): \(errno)" }

    /// Does work with a file; what the kernel says of it becomes a failure of that file.
    static func naming<Value>(_ path: FilePath, _ deed: String, _ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let errno as Errno {
            throw FileFailure(path, deed, errno)
        }
    }
}
