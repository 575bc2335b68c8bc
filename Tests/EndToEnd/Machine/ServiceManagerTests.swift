import Glibc
import Sandbox
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// What the daemon tells systemd through `$NOTIFY_SOCKET`.
    struct ServiceManagerTests {
        @Test(.timeLimit(.minutes(1)))
        func `READY comes once the folders are watched, RELOADING and READY with SIGHUP, STOPPING with SIGTERM`()
            async throws
        {
            try await withBench { bench in
                let socket = try NotifySocket(bench.path("notify"))
                try await withProcess(
                    BuiltBinary.command(["run", "--config", bench.configuration.string]),
                    environment: ["NOTIFY_SOCKET": bench.path("notify").string],
                    logFile: bench.path("daemon.log")
                ) { daemon in
                    #expect(try await socket.next().contains("READY=1"))
                    // Watched by now: a file that is moved in is seen, and no scan will come to find it.
                    try bench.write(Media.jpeg(), to: "a.jpg")
                    try bench.move("a.jpg", to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")

                    try daemon.send(SIGHUP)
                    let reloading = try await socket.next()
                    #expect(reloading.contains("RELOADING=1") && reloading.contains("MONOTONIC_USEC="))
                    #expect(try await socket.next().contains("READY=1"))

                    try daemon.send(SIGTERM)
                    #expect(try await socket.next().contains("STOPPING=1"))
                }
            }
        }
    }

    /// The end of the socket that systemd would read.
    private final class NotifySocket: Sendable {
        private let descriptor: Int32

        init(_ path: FilePath) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.string.utf8)) }
            let length = socklen_t(MemoryLayout<sockaddr_un>.size)
            let result = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            guard result == 0 else { throw Errno(rawValue: errno) }
        }

        deinit {
            close(descriptor)
        }

        /// The next datagram.
        func next() async throws -> String {
            var text: String?
            try await wait(for: "a datagram") {
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = recv(descriptor, &bytes, bytes.count, 0)
                if count > 0 { text = String(decoding: bytes[..<count], as: UTF8.self) }
                return text != nil
            }
            return text ?? ""
        }
    }
}
