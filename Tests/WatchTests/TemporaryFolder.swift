import CLinux
import Foundation
import Glibc
import SystemPackage

@testable import Watch

/// A directory of its own for a test, in its real place (no links on the way); removed with its last owner.
final class TemporaryFolder: Sendable {
    let path: FilePath

    init() throws {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/outtray-watch-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, let real = realpath(template, nil) else { throw Errno(rawValue: errno) }
        defer { free(real) }
        path = FilePath(platformString: real)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// The folder, as a watcher takes it.
    func watched(
        recursive: Bool = true,
        ignore: [String] = [],
        _ options: WatchOptions = WatchOptions()
    ) -> WatchedFolder {
        WatchedFolder(
            name: "in",
            path: path,
            recursive: recursive,
            ignore: IgnoreRules(adding: ignore),
            options: options
        )
    }
}

/// What a test does to files; each throws what the kernel says.
enum Disk {
    static func write(_ text: String = "x", to path: FilePath) throws {
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: .ownerReadWrite
        )
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }

    static func makeDirectory(_ path: FilePath) throws {
        try check(path.withPlatformString { mkdir($0, 0o700) })
    }

    /// Like `mkdir -p`.
    static func makeDirectories(_ path: FilePath) throws {
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    static func rename(_ from: FilePath, to path: FilePath) throws {
        try check(from.withPlatformString { from in path.withPlatformString { Glibc.rename(from, $0) } })
    }

    /// Both names keep something all the time (renameat2(2), for which glibc's module has no name).
    static func exchange(_ path: FilePath, with other: FilePath) throws {
        let result = path.withPlatformString { path in
            other.withPlatformString { clinux_exchange(path, $0) }
        }
        try check(result)
    }

    /// Returns once nothing that was done so far is young any more: a change from now on leaves another version.
    static func settle() throws {
        let (begun, long) = (ContinuousClock.now, Duration.milliseconds(25))
        while begun.duration(to: .now) < long { try check(usleep(1000)) }
    }

    static func remove(_ path: FilePath) throws {
        try check(path.withPlatformString { unlink($0) })
    }

    static func removeDirectory(_ path: FilePath) throws {
        try check(path.withPlatformString { rmdir($0) })
    }

    /// Like `rm -r`.
    static func removeAll(_ path: FilePath) throws {
        try FileManager.default.removeItem(atPath: path.string)
    }

    static func link(_ path: FilePath, to target: FilePath) throws {
        try check(target.withPlatformString { target in path.withPlatformString { symlink(target, $0) } })
    }

    static func makeFIFO(_ path: FilePath) throws {
        try check(path.withPlatformString { mkfifo($0, 0o600) })
    }

    /// All regular files beneath, found in the plainest way: by what is not being tested.
    static func files(beneath path: FilePath) throws -> Set<FilePath> {
        var files: Set<FilePath> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: path.string) {
            let child = path.appending(name)
            switch try FileManager.default.attributesOfItem(atPath: child.string)[.type] as? FileAttributeType {
            case .typeRegular: files.insert(child)
            case .typeDirectory: files.formUnion(try self.files(beneath: child))
            default: break
            }
        }
        return files
    }

    /// The directory and all directories beneath.
    static func directories(beneath path: FilePath) throws -> [FilePath] {
        var directories = [path]
        for name in try FileManager.default.contentsOfDirectory(atPath: path.string) {
            let child = path.appending(name)
            let type = try FileManager.default.attributesOfItem(atPath: child.string)[.type] as? FileAttributeType
            if type == .typeDirectory { directories += try self.directories(beneath: child) }
        }
        return directories
    }

    private static func check(_ result: Int32) throws {
        if result != 0 { throw Errno(rawValue: errno) }
    }
}
