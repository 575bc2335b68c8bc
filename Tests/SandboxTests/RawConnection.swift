import Foundation
import Glibc

/// A TCP connection that says what a well-behaved client library would not.
final class RawConnection: Sendable {
    private let descriptor: Int32

    /// Connects to `http://127.0.0.1:PORT`; nil when that fails.
    init?(origin: String) {
        guard let port = origin.split(separator: ":").last.flatMap({ UInt16($0) }) else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if connected != 0 { return nil }
        // A server that never ends the connection fails the test, and does not hold it up for ever.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Says that no more bytes will come, but goes on listening.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads until the other side ends. The error is 0 for an orderly end, else an errno.
    func readToEnd() async -> (text: String, error: Int32) {
        // A thread of its own: Dispatch's global queue is the shared pool on Linux, which the sandbox needs to answer.
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.blockingReadToEnd()) }
        }
    }

    private func blockingReadToEnd() -> (text: String, error: Int32) {
        var all: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &block, block.count, 0)
            if count < 0 { return (String(decoding: all, as: UTF8.self), errno) }
            if count == 0 { return (String(decoding: all, as: UTF8.self), 0) }
            all.append(contentsOf: block[..<count])
        }
    }
}

/// The request line's target of a URL on this machine.
func target(of url: String) -> String {
    String(url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
}
