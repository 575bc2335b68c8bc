import Foundation
import Glibc
import SystemPackage

extension Bench {
    func makeDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name).string, withIntermediateDirectories: true)
    }

    /// Writes a file as `cp` does: opens it under its own name, writes, closes.
    @discardableResult
    func write(
        _ bytes: [UInt8],
        to name: String,
        permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    ) throws -> FilePath {
        let path = path(name)
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: permissions
        )
        try file.closeAfter { _ = try file.writeAll(bytes) }
        return path
    }

    /// Renames a file with `rename(2)`. Replaces a file that has the new name.
    func move(_ name: String, to target: String) throws {
        let (from, to) = (path(name), path(target))
        guard rename(from.string, to.string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Sets a file's times to now, and changes nothing else.
    func touch(_ name: String) throws {
        guard utimensat(AT_FDCWD, path(name).string, nil, 0) == 0 else { throw Errno(rawValue: errno) }
    }

    func remove(_ name: String) throws {
        guard unlink(path(name).string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Writes numbered files that stay in the queue, as the key of `main` is wrong.
    func writeStuckQueue(_ count: Int, to directory: String) throws {
        try writeKey("pb_live_wrong", of: "main")
        try makeDirectory(directory)
        for number in 1...count { try write(Media.pdf(number), to: "\(directory)/\(number).pdf") }
    }

    func exists(_ name: String) -> Bool { access(path(name).string, F_OK) == 0 }

    func read(_ path: FilePath) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path.string))) }

    /// Gives everything beneath the bench to another user.
    func give(to user: uid_t) throws {
        for name in [""] + (try FileManager.default.subpathsOfDirectory(atPath: root.string)) {
            guard lchown("\(root)/\(name)", user, user) == 0 else { throw Errno(rawValue: errno) }
        }
    }
}

/// Makes a directory for one test and returns its real path.
func temporaryDirectory() throws -> FilePath {
    var template = Array("\(FileManager.default.temporaryDirectory.path)/outtray-e2e-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil, let real = realpath(template, nil) else { throw Errno(rawValue: errno) }
    defer { free(real) }
    return FilePath(platformString: real)
}
