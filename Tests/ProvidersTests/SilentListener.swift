import Glibc
import Testing

/// A port on which the kernel listens and no program does.
struct SilentListener {
    enum Silence: Sendable {
        /// Connections stand, and nothing comes on them: no TLS, no answer.
        case handshake
        /// Connections do not even stand: the queue for them is full, so that the kernel drops the request for one.
        case connection
    }

    let url: String

    static func run(_ silence: Silence = .handshake, _ body: (SilentListener) async throws -> Void) async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var fillers: [Int32] = []
        defer { for descriptor in [listener] + fillers { close(descriptor) } }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        #expect(call(bind, listener, &address) == 0)
        #expect(listen(listener, silence == .connection ? 0 : 128) == 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        #expect(named == 0)
        if silence == .connection {
            // A queue of 0 holds one connection; what comes after it waits in vain.
            for _ in 0..<2 {
                let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
                fillers.append(socket(AF_INET, type, 0))
                _ = call(connect, fillers[fillers.count - 1], &address)
            }
        }
        try await body(SilentListener(url: "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"))
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32,
        _ descriptor: Int32,
        _ address: inout sockaddr_in
    ) -> Int32 {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
