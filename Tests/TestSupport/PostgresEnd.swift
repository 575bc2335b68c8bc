import CLinux
import Glibc
import SystemPackage

/// Ends a server as in a crash and removes its directory, when this object goes, or when the process has ended in any
/// way: a static value has no other end, and nobody cleans up after SIGKILL.
///
/// A shell waits at the other end of a pipe. The kernel closes the pipe with the process.
final class PostgresEnd: Sendable {
    private let pipe: FileDescriptor
    private let shell: pid_t

    init(_ directory: FilePath) throws {
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        defer { close(ends[0]) }
        pipe = FileDescriptor(rawValue: ends[1])
        // In a session of its own, so that no signal to the tests' group reaches the shell.
        let words = ["/usr/bin/setsid", "/bin/sh", "-c", Self.script, "sh", directory.string]
        shell = try Child.start(words, input: ends[0], output: "/dev/null")
    }

    deinit {
        try? pipe.close()
        _ = try? Child.wait(for: shell)
    }

    /// The lock file may be left over, and its number be another process's by now: the server works in its directory.
    private static let script = """
        read -r _
        pid=$(head -n 1 "$1/data/postmaster.pid")
        if [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; then
            kill -QUIT "$pid"
            while kill -0 "$pid"; do sleep 0.02; done
        fi
        rm -rf "$1"
        """
}
