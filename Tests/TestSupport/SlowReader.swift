import Foundation
import Glibc
import SystemPackage

/// A storage that takes one upload slowly but steadily: a little, a pause, a little, never a stop.
///
/// A blocking socket on a thread of its own, so that nothing that runs beside it in the same process makes it stall. Its
/// receive buffer is bounded: the system's may hold all of an upload, and then the sender sees nothing move until the end.
package enum SlowReader {
    /// Runs `body` with the storage's `http://127.0.0.1:…`. It reads `count` bytes, pauses for `pause`, and so on,
    /// and answers 200 once `length` bytes of a body have come.
    package static func run<Result>(
        length: Int,
        reading count: Int,
        every pause: Duration,
        _ body: (_ url: String) async throws -> Result
    ) async throws -> Result {
        let socket = try LoopbackSocket()
        var buffer = CInt(128 << 10)
        setsockopt(socket.descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, socklen_t(MemoryLayout<CInt>.size))
        guard listen(socket.descriptor, 1) == 0 else { throw Errno(rawValue: errno) }
        let microseconds = UInt32(pause / .microseconds(1))
        Thread.detachNewThread { serve(socket, length, count, microseconds) }
        // Lets the reader go where nobody ever connects, or the upload breaks off.
        defer { shutdown(socket.descriptor, CInt(SHUT_RDWR)) }
        return try await body(socket.url)
    }

    private static func serve(_ socket: LoopbackSocket, _ length: Int, _ count: Int, _ pause: UInt32) {
        let connection = accept(socket.descriptor, nil, nil)
        guard connection >= 0 else { return }
        defer { close(connection) }
        var bytes = [UInt8](repeating: 0, count: count)
        var head: [UInt8] = []
        var left: Int?
        while left != 0 {
            if let before = left {
                let got = recv(connection, &bytes, min(count, before), CInt(MSG_WAITALL))
                guard got > 0 else { return }
                left = before - got
            } else {
                let got = recv(connection, &bytes, count, 0)
                guard got > 0 else { return }
                head += bytes[..<got]
                if let end = head.firstRange(of: Array("\r\n\r\n".utf8)) {
                    left = length - (head.count - end.upperBound)
                }
            }
            usleep(pause)
        }
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"slow\"\r\n\r\n".utf8)
        _ = send(connection, answer, answer.count, CInt(MSG_NOSIGNAL))
    }
}
