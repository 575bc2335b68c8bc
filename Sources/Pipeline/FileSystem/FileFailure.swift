import SystemPackage

/// A failed deed on a file, with the file's path. An errno alone tells a reader of the log nothing.
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

    /// Does work with a file. Turns an `Errno` of the work into a failure of that file.
    static func naming<Value>(_ path: FilePath, _ deed: String, _ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let errno as Errno {
            throw FileFailure(path, deed, errno)
        }
    }
}
