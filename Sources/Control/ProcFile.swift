import SystemPackage
import Watch

/// Files of `/proc`, which the kernel makes while they are read (proc(5)).
enum ProcFile {
    /// The text of a file, up to 1 MiB; nil if it cannot be read.
    static func text(_ path: String) -> String? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
        let bytes = try? file.closeAfter { try file.readAll(most: 1 << 20) }
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }
}
