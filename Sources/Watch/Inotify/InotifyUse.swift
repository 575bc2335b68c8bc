import Glibc
import SystemPackage

/// The inotify instances and watches that processes of this user have (proc_pid_fdinfo(5)).
///
/// Processes that may not be looked at do not count, so there may be more.
package struct InotifyUse: Equatable, Sendable {
    package private(set) var instances = 0
    package private(set) var watches = 0

    /// Counts in all processes but this one and those of the numbers. Blocks for some milliseconds.
    package static func ofOthers(except processes: Set<Int32> = []) -> InotifyUse {
        of(
            processes: Set((ProcFile.names(in: "/proc") ?? []).compactMap { Int32($0) }).subtracting(processes)
                .subtracting([getpid()])
        )
    }

    /// Counts in these processes.
    static func of(processes: Set<Int32>) -> InotifyUse {
        var use = InotifyUse()
        for process in processes { use.add("/proc/\(process)") }
        return use
    }

    private mutating func add(_ process: String) {
        var status = stat()
        guard stat(process, &status) == 0, status.st_uid == geteuid() else { return }
        for descriptor in ProcFile.names(in: "\(process)/fd") ?? [] {
            var target = [UInt8](repeating: 0, count: 64)
            let count = readlink("\(process)/fd/\(descriptor)", &target, target.count)
            guard count > 0, target[..<count].elementsEqual("anon_inode:inotify".utf8) else { continue }
            instances += 1
            watches += Self.watches(in: "\(process)/fdinfo/\(descriptor)")
        }
    }

    /// The number of lines that begin with `inotify`: one for each watch.
    private static func watches(in path: String) -> Int {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return 0 }
        defer { try? file.close() }
        let word = Array("inotify ".utf8)
        var (count, column, fits) = (0, 0, true)
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while let read = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), read > 0 {
            for byte in buffer[..<read] {
                if byte == UInt8(ascii: "\n") {
                    (column, fits) = (0, true)
                } else if fits, column < word.count {
                    fits = byte == word[column]
                    column += 1
                    if fits, column == word.count { count += 1 }
                }
            }
        }
        return count
    }
}
