import CLinux
import Glibc
import Pipeline
import SystemPackage

/// Reports the daemon's state to systemd, by the datagrams of sd_notify(3). `$NOTIFY_SOCKET` names the socket.
package struct ServiceManager: Sendable {
    private let address: String?

    /// Without systemd there is no socket, and nothing is sent.
    package init(_ environment: [String: String]) {
        address = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Every folder is watched, and its first scan has been handed over.
    package func ready(status: String) {
        send("READY=1\nSTATUS=\(status)")
    }

    /// Whether anybody listens.
    package var isThere: Bool { address != nil }

    /// One line for `systemctl status`.
    package func status(_ line: String) {
        send("STATUS=\(line)")
    }

    /// The configuration is being read again. `Type=notify-reload` also wants the monotonic time.
    package func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(clinux_monotonic_microseconds())")
    }

    /// The service ends, and takes this long at most.
    ///
    /// systemd then waits that long, even if `TimeoutStopSec=` is shorter.
    package func stopping(within time: Duration) {
        send("STOPPING=1\nSTATUS=uploads that can finish do so\nEXTEND_TIMEOUT_USEC=\(time.milliseconds * 1000)")
    }

    /// How long a message waits for room in a full queue. A service manager that reads nothing holds up no upload.
    private static let patience = timeval(tv_sec: 0, tv_usec: 200_000)

    /// Sends a message, at best effort. The daemon does not care about a service manager that does not listen.
    func send(_ text: String) {
        guard let address else { return }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        // A leading `@` means the abstract namespace. Its address begins with a null byte.
        let bytes = Array(address.utf8).enumerated().map { $0 == 0 && $1 == UInt8(ascii: "@") ? 0 : $1 }
        let capacity = MemoryLayout.size(ofValue: name.sun_path)
        guard bytes.count < capacity else { return }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        var patience = Self.patience
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let message = Array(text.utf8)
        withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(socket, message, message.count, Int32(MSG_NOSIGNAL), address, socklen_t(length))
            }
        }
    }
}
