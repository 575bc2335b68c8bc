import Foundation
import Glibc
import SystemPackage

/// A connection to a Unix socket.
package typealias UnixConnection = SocketConnection

/// A connection to a Unix socket or a TCP port that says what a well-behaved HTTP client would not.
package final class SocketConnection: Sendable {
    private let descriptor: Int32

    /// - Throws: `Errno`, when nobody listens there.
    package init(_ path: FilePath) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.string.utf8.prefix(107)) }
        let result = withUnsafePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Errno(rawValue: errno) }
        limitPatience()
    }

    /// Connects to a port of 127.0.0.1.
    ///
    /// - Throws: `Errno`, when nobody listens there.
    package init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let result = withUnsafePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Errno(rawValue: errno) }
        limitPatience()
    }

    /// A server that never ends the connection fails the test, and does not hold it up for ever.
    private func limitPatience() {
        var patience = timeval(tv_sec: 50, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends bytes. Returns false when the other side has ended the connection.
    @discardableResult
    package func send(_ bytes: some Sequence<UInt8>) -> Bool {
        let bytes = Array(bytes)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    @discardableResult
    package func send(_ text: String) -> Bool { send(text.utf8) }

    /// Reads until the other side ends the connection.
    package func readToEnd() async -> String { await reading { _ in false } }

    /// Reads until these words have come, or the other side ends the connection.
    package func read(until words: String) async -> String { await reading { $0.contains(words) } }

    /// Reads one answer: a head, and as many bytes as its `Content-Length` says.
    package func readAnswer() async -> String {
        await reading { text in
            guard let end = text.range(of: "\r\n\r\n") else { return false }
            let head = text[..<end.lowerBound].lowercased()
            guard let length = head.range(of: "content-length: ") else { return false }
            return text[end.upperBound...].utf8.count >= (Int(head[length.upperBound...].prefix { $0.isNumber }) ?? 0)
        }
    }

    private func reading(until isEnough: @escaping @Sendable (String) -> Bool) async -> String {
        // A thread of its own: the shared pool has to serve.
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                var all: [UInt8] = []
                var block = [UInt8](repeating: 0, count: 65536)
                while !isEnough(String(decoding: all, as: UTF8.self)) {
                    let count = recv(descriptor, &block, block.count, 0)
                    guard count > 0 else { break }
                    all.append(contentsOf: block[..<count])
                }
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }
}

/// Asks at a control socket and returns the answer's status line, head and body.
package func asked(
    _ path: FilePath,
    _ target: String,
    method: String = "GET",
    headers: [String] = ["Host: outtray"],
    body: String = ""
) async throws -> String {
    let connection = try UnixConnection(path)
    connection.send("\(method) \(target) HTTP/1.1\r\n" + headers.map { "\($0)\r\n" }.joined() + "\r\n" + body)
    return await connection.readAnswer()
}

/// Asks at a port of 127.0.0.1 and returns the answer's status line, head and body.
package func asked(
    port: Int,
    _ target: String,
    method: String = "GET",
    headers: [String] = ["Host: 127.0.0.1"],
    body: String = ""
) async throws -> String {
    let connection = try SocketConnection(port: port)
    let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
    let fields = (headers + length + ["Connection: close"]).map { "\($0)\r\n" }.joined()
    connection.send("\(method) \(target) HTTP/1.1\r\n\(fields)\r\n\(body)")
    return await connection.readToEnd()
}
