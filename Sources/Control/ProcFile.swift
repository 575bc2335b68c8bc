import SystemPackage
import Watch

/// Files of `/proc`, which the kernel makes while they are read (proc(5)).
enum ProcFile {
    /// The text of a file, up to `most` bytes; nil if it cannot be read.
    static func text(_ path: String, most: Int = 1 << 20) -> String? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
        let bytes = try? file.closeAfter { try file.readAll(most: most) }
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension FileVersion {
    /// The device's numbers, as `/proc` writes them: by the bits of makedev(3) on Linux.
    var deviceNumbers: (major: UInt64, minor: UInt64) {
        (device >> 8 & 0xFFF | device >> 32 & ~0xFFF, device & 0xFF | device >> 12 & ~0xFF)
    }
}
