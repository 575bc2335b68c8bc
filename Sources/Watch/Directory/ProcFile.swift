import Glibc
import SystemPackage

/// Files and directories of `/proc`, which the kernel makes while they are read (proc(5)).
package enum ProcFile {
    /// The text of a file, up to `most` bytes; nil if it cannot be read.
    package static func text(_ path: String, most: Int = 1 << 20) -> String? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
        let bytes = try? file.closeAfter { try file.readAll(most: most) }
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The names in a directory, without `.` and `..`. Nil, with `errno` set, if it cannot be read.
    package static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
            )
        }
        return names.filter { $0 != "." && $0 != ".." }
    }
}
