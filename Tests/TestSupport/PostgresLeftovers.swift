import Foundation
import Glibc
import SystemPackage
import Threads

/// The servers that run still. The end of the process ends them, too: a static value has no other end.
enum PostgresLeftovers {
    private static let directories = Mutex<Set<FilePath>>([])
    private static let atExit: Void = { _ = atexit { PostgresLeftovers.endAll() } }()

    static func add(_ data: FilePath) {
        _ = atExit
        directories.withLock { _ = $0.insert(data) }
    }

    /// Ends a server as in a crash, by the process in its lock file. The server is gone a moment later.
    static func end(_ data: FilePath) {
        directories.withLock { _ = $0.remove(data) }
        guard let lock = try? String(contentsOfFile: data.appending("postmaster.pid").string, encoding: .utf8),
            let process = lock.split(separator: "\n").first.flatMap({ pid_t($0) }),
            // The lock file may be left over, and the number be another process's by now.
            let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd"),
            FilePath(place) == data
        else { return }
        kill(process, SIGQUIT)
    }

    private static func endAll() {
        let left = directories.withLock { $0 }
        for data in left {
            end(data)
            try? FileManager.default.removeItem(atPath: data.removingLastComponent().string)
        }
    }
}
