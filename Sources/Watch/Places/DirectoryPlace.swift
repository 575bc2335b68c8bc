import CLinux
import Glibc
import SystemPackage

/// Where a directory really lies: its path within its file system, whatever links and bind mounts lead there.
///
/// Two paths show the same files if their places overlap. Different file systems may still show the same files: a
/// union (overlayfs, mergerfs) and its parts, or two NFS exports. Of those, only the very same directory is known.
package struct DirectoryPlace: Equatable, Sendable {
    /// How two places overlap, for one of them.
    package enum Overlap: Equatable, Sendable {
        case same
        /// It lies in the other one.
        case inside
        /// The other one lies in it.
        case around
        /// The places are apart, but something is mounted in one that also shows in the other.
        case shared
    }

    /// A directory of a file system.
    private struct Part: Equatable {
        let fileSystem: [UInt8]
        let path: FilePath

        func contains(_ other: Part) -> Bool {
            fileSystem == other.fileSystem && other.path.starts(with: path)
        }
    }

    /// Nil without `/proc`.
    private let part: Part?
    /// The file systems that are mounted beneath it.
    private let mounted: [Part]
    /// Device and inode; nil if the directory is not there.
    private let identity: [UInt64]?
    /// Its path without links.
    package let path: FilePath

    /// Looks where a path leads. If the path is not there, its place is where it would be made. Blocks.
    package init(of path: FilePath) {
        self.init(of: path, mounts: .read())
    }

    init(of path: FilePath, mounts: MountTable) {
        let real = path.resolved()
        var status = stat()
        let isThere = real.withPlatformString { stat($0, &status) } == 0
        self.init(
            path: real,
            identity: isThere ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil,
            mount: mounts.mount(of: real, number: Self.mountNumber(of: real)),
            mounts: mounts
        )
    }

    /// The place of a path whose file system does not answer. No link is followed, and nothing is looked at.
    package init(unasked path: FilePath) {
        let mounts = MountTable.read()
        self.init(path: path, identity: nil, mount: mounts.mount(of: path, number: nil), mounts: mounts)
    }

    init(path: FilePath, identity: [UInt64]?, mount: MountTable.Mount?, mounts: MountTable) {
        self.path = path
        self.identity = identity
        part = mount.map { Self.part(of: path, in: $0) }
        mounted =
            mount.map { mounts.mounts(beneath: path, of: $0) }.map { $0.map { Self.part(of: $0.point, in: $0) } } ?? []
    }

    /// How this place overlaps another one; nil if no file shows in both.
    package func overlap(with other: DirectoryPlace) -> Overlap? {
        if path == other.path || identity != nil && identity == other.identity { return .same }
        if path.starts(with: other.path) { return .inside }
        if other.path.starts(with: path) { return .around }
        if let part, let own = other.part {
            if part == own { return .same }
            if own.contains(part) { return .inside }
            if part.contains(own) { return .around }
        }
        let (parts, others) = (parts, other.parts)
        return parts.contains { one in others.contains { one.contains($0) || $0.contains(one) } } ? .shared : nil
    }

    private var parts: [Part] { (part.map { [$0] } ?? []) + mounted }

    private static func part(of path: FilePath, in mount: MountTable.Mount) -> Part {
        var rest = path
        _ = rest.removePrefix(mount.point)
        rest.root = nil
        return Part(fileSystem: mount.fileSystem, path: mount.root.pushing(rest))
    }

    /// The number of the mount that a path leads to, or would be made on. Nil if the kernel does not tell (before
    /// Linux 5.8).
    private static func mountNumber(of path: FilePath) -> Int? {
        var place = path
        while true {
            let (number, failure) = place.withPlatformString { (clinux_mount_number($0), errno) }
            if number >= 0 { return Int(number) }
            guard number == -1, [ENOENT, ENOTDIR].contains(failure), place.removeLastComponent() else { return nil }
        }
    }
}

extension FilePath {
    /// The absolute path without links, as far as it exists. What does not exist is appended as it stands. Blocks.
    package func resolved() -> FilePath {
        if let real = FileStatus.realPath(of: self) { return real }
        guard let last = lastComponent else { return self }
        return removingLastComponent().resolved().appending(last)
    }
}
