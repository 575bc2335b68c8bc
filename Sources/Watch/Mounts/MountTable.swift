import Glibc
import SystemPackage

/// What is mounted where, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
struct MountTable: Equatable {
    private struct Mount: Hashable {
        /// The mount's number, its parent's number, the device and the mounted root, as they stand there.
        var identity: ArraySlice<UInt8>
        var point: FilePath
    }

    private let mounts: Set<Mount>

    /// Reads the table's bytes. Leaves out a line without its first five fields.
    init(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        mounts = Set(lines.compactMap(Self.mount))
    }

    /// The places where something was mounted or unmounted since `earlier`.
    func points(changedSince earlier: MountTable) -> Set<FilePath> {
        Set(mounts.symmetricDifference(earlier.mounts).map(\.point))
    }

    private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
        guard fields.count >= 5 else { return nil }
        return Mount(identity: line[line.startIndex..<fields[4].startIndex], point: path(fields[4]))
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
