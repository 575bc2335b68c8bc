import CLinux
import Glibc
import SystemPackage

/// Where a directory really lies: its path within its file system, whatever links and bind mounts lead there.
///
/// Two paths show the same files if their places overlap. Different file systems may still show the same files: a
/// union (overlayfs, mergerfs) and its parts, or two NFS exports. Of those, only the very same directory is known.
package struct DirectoryPlace: Sendable {
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

    /// All that lies at and beneath a path, of the name space or of one file system.
    ///
    /// The bytes end with a slash. So an extent contains those that begin with its bytes.
    private struct Extent: Sendable {
        private let bytes: [UInt8]

        init(_ path: FilePath, in fileSystem: [UInt8] = []) {
            let path = path.withPlatformString { path in
                UnsafeBufferPointer(start: path, count: strlen(path)).map { UInt8(bitPattern: $0) }
            }
            bytes = fileSystem + [0] + (path.last == UInt8(ascii: "/") ? path : path + [UInt8(ascii: "/")])
        }

        func contains(_ other: Extent) -> Bool {
            bytes.count <= other.bytes.count && memcmp(bytes, other.bytes, bytes.count) == 0
        }

        func overlap(with other: Extent) -> Overlap? {
            switch (other.contains(self), contains(other)) {
            case (true, true): .same
            case (true, false): .inside
            case (false, true): .around
            case (false, false): nil
            }
        }
    }

    /// Nil without `/proc`.
    private let part: Extent?
    /// The file systems that are mounted beneath it.
    private let mounted: [Extent]
    /// Where they are mounted: paths without links.
    let mountPoints: [FilePath]
    /// Nil if the directory is not there.
    private let identity: FileIdentity?
    /// Its path without links.
    package let path: FilePath
    private let name: Extent

    /// Looks where a path leads. If the path is not there, its place is where it would be made. Blocks.
    package init(of path: FilePath) {
        self.init(of: path, mounts: .read())
    }

    init(of path: FilePath, mounts: MountTable) {
        let real = path.resolved()
        self.init(
            path: real,
            identity: (try? FileStatus.following(real)).map { FileIdentity($0.version) },
            mount: mounts.mount(of: real, number: Self.mountNumber(of: real)),
            mounts: mounts
        )
    }

    /// The place of a path whose file system does not answer. No link is followed, and nothing is looked at.
    package init(unasked path: FilePath) {
        let mounts = MountTable.read()
        self.init(path: path, mount: mounts.mount(of: path, number: nil), mounts: mounts)
    }

    /// The place of a path without links that is not looked at.
    init(path: FilePath, mount: MountTable.Mount?, mounts: MountTable) {
        self.init(path: path, identity: nil, mount: mount, mounts: mounts)
    }

    private init(path: FilePath, identity: FileIdentity?, mount: MountTable.Mount?, mounts: MountTable) {
        self.path = path
        self.identity = identity
        name = Extent(path)
        part = mount.map { Self.part(of: path, in: $0) }
        let beneath = mount.map { mounts.mounts(beneath: path, of: $0) } ?? []
        mounted = beneath.map { Self.part(of: $0.point, in: $0) }
        mountPoints = beneath.map(\.point)
    }

    /// Whether other file systems are mounted beneath it.
    var hasMounts: Bool { !mounted.isEmpty }

    /// How this place overlaps another one; nil if no file shows in both.
    package func overlap(with other: DirectoryPlace) -> Overlap? {
        if let identity, identity == other.identity { return .same }
        if let overlap = name.overlap(with: other.name) { return overlap }
        if let part, let own = other.part, let overlap = part.overlap(with: own) { return overlap }
        if mounted.isEmpty, other.mounted.isEmpty { return nil }
        let (parts, others) = (parts, other.parts)
        return parts.contains { one in others.contains { one.overlap(with: $0) != nil } } ? .shared : nil
    }

    private var parts: [Extent] { (part.map { [$0] } ?? []) + mounted }

    private static func part(of path: FilePath, in mount: MountTable.Mount) -> Extent {
        var rest = path
        _ = rest.removePrefix(mount.point)
        rest.root = nil
        return Extent(mount.root.pushing(rest), in: mount.fileSystem)
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
