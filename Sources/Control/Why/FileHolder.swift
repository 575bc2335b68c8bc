import Glibc
import Pipeline
import SystemPackage

/// A process that has a file open for writing.
package struct FileHolder: Equatable, Sendable {
    package let process: pid_t
    /// The name of its program, up to 15 bytes (`/proc/PID/comm`).
    package let name: String

    package init(process: pid_t, name: String) {
        self.process = process
        self.name = name
    }

    /// The processes that have the file at this path open for writing, by `/proc/PID/fd`. Other users' processes are
    /// seen by root alone. Blocks; asks no file system but `/proc`.
    package static func all(of path: FilePath) -> [FileHolder] {
        names(in: "/proc").compactMap { pid_t($0) }.sorted().compactMap { process in
            let holds = names(in: "/proc/\(process)/fd").contains { descriptor in
                target(of: "/proc/\(process)/fd/\(descriptor)") == path.bytes
                    && isForWriting("/proc/\(process)/fdinfo/\(descriptor)")
            }
            guard holds else { return nil }
            let name = ProcFile.text("/proc/\(process)/comm").map { String($0.prefix { $0 != "\n" }) }
            return FileHolder(process: process, name: name ?? "?")
        }
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
            )
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    /// The bytes that a link holds.
    private static func target(of link: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(link, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
        }
        return length < 0 ? nil : Array(buffer.prefix(length))
    }

    /// By the line `flags:` of proc(5), which is octal.
    private static func isForWriting(_ path: String) -> Bool {
        guard let line = ProcFile.text(path)?.split(separator: "\n").first(where: { $0.hasPrefix("flags:") }),
            let flags = Int32(line.dropFirst(6).filter(\.isNumber), radix: 8)
        else { return false }
        return flags & O_ACCMODE != O_RDONLY
    }
}
