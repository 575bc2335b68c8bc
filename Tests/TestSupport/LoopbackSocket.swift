import Glibc
import SystemPackage

/// A TCP socket bound to a free port of 127.0.0.1. It is closed with its last owner.
package final class LoopbackSocket: Sendable {
    let descriptor: CInt
    package let port: UInt16

    /// Port 0: the kernel chooses one.
    package init(port wanted: UInt16 = 0) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = wanted.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard result == 0 else { throw Errno(rawValue: errno) }
    }

    deinit { close(descriptor) }

    /// Takes connections from now on.
    package func listen() throws {
        guard Glibc.listen(descriptor, 8) == 0 else { throw Errno(rawValue: errno) }
    }

    var url: String { "http://127.0.0.1:\(port)" }
}
