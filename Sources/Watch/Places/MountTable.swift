import Glibc
import SystemPackage

/// What is mounted where, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
struct MountTable: Equatable {
    /// The kernel's file with the table.
    static let file: FilePath = "/proc/self/mountinfo"

    /// One mount: a part of a file system, and the path where it shows.
    struct Mount: Hashable {
        let number: Int
        /// The number of the mount that it is mounted on.
        let parent: Int
        /// Equal for two mounts of one file system.
        let fileSystem: [UInt8]
        /// The path of the mounted directory within its file system.
        let root: FilePath
        let point: FilePath
    }

    private let mounts: [Mount]

    /// Reads the table's bytes. Leaves out a line without its first five fields.
    init(_ bytes: [UInt8]) {
        mounts = bytes.split(separator: UInt8(ascii: "\n")).compactMap(Self.mount)
    }

    /// Reads the table from the kernel. Empty if there is no `/proc`.
    static func read() -> MountTable {
        let file = try? FileDescriptor.open(file, .readOnly, options: [.closeOnExec])
        return (try? file?.closeAfter { try file?.readMounts() }) ?? MountTable([])
    }

    /// The places where something was mounted or unmounted since `earlier`.
    func points(changedSince earlier: MountTable) -> Set<FilePath> {
        Set(Set(mounts).symmetricDifference(earlier.mounts).map(\.point))
    }

    /// The mount of a path without links; nil if the table has none.
    ///
    /// `number` is the kernel's word on it (statx(2), `STATX_MNT_ID`). Without that word, the last of the mounts with
    /// the longest fitting point counts. That one may be hidden under a later mount of a directory above.
    func mount(of path: FilePath, number: Int?) -> Mount? {
        if let number, let mount = mounts.first(where: { $0.number == number }) { return mount }
        let fitting = mounts.filter { path.starts(with: $0.point) }
        let longest = fitting.map(\.point.components.count).max()
        return fitting.last { $0.point.components.count == longest }
    }

    /// The mounts that show beneath a path of `mount`. Leaves out those that are hidden under others.
    func mounts(beneath path: FilePath, of mount: Mount) -> [Mount] {
        var shown: [Mount] = []
        var next = [mount]
        while let parent = next.popLast() {
            let onTop = mounts.filter {
                $0.parent == parent.number && $0.number != parent.number && $0.point.starts(with: path)
            }
            let open = onTop.filter { one in
                !onTop.contains { $0.point != one.point && one.point.starts(with: $0.point) }
            }
            // A mount on the very point of its parent hides all of the parent.
            if parent.number != mount.number, !open.contains(where: { $0.point == parent.point }) {
                shown.append(parent)
            }
            next += open
        }
        return shown
    }

    private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
        let fields = line.split(separator: UInt8(ascii: " "))
        guard fields.count >= 5, let number = number(fields[0]), let parent = Self.number(fields[1]) else { return nil }
        return Mount(
            number: number,
            parent: parent,
            fileSystem: fileSystem(fields),
            root: path(fields[3]),
            point: path(fields[4])
        )
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: field, as: UTF8.self))
    }

    /// The device. For NFS, the device and the source: all its mounts say `/` as their root (nfs_show_path in the
    /// kernel), although one device may have several exports.
    private static func fileSystem(_ fields: [ArraySlice<UInt8>]) -> [UInt8] {
        let device = Array(fields[2])
        guard let end = fields.dropFirst(6).firstIndex(of: [UInt8(ascii: "-")]), fields.count > end + 2,
            fields[end + 1].starts(with: Array("nfs".utf8))
        else { return device }
        return device + [UInt8(ascii: " ")] + fields[end + 2]
    }

    /// Decodes a field: a backslash and three octal digits stand for a space, tab, newline, `#` or backslash.
    private static func path(_ field: ArraySlice<UInt8>) -> FilePath {
        var bytes: [CChar] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (48...55).contains($0) }) {
                let value = digits.reduce(0) { $0 * 8 + Int($1 - 48) }
                bytes.append(CChar(bitPattern: UInt8(truncatingIfNeeded: value)))
                rest = rest.dropFirst(3)
            } else {
                bytes.append(CChar(bitPattern: byte))
            }
        }
        return FilePath(platformString: bytes + [0])
    }
}

extension FileDescriptor {
    /// Reads the table again, from its beginning.
    func readMounts() throws -> MountTable {
        try seek(offset: 0, from: .start)
        return MountTable(try readAll())
    }
}
