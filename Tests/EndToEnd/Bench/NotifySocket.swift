import Glibc
import SystemPackage

/// The receiving end of the notify socket, in systemd's place.
final class NotifySocket: Sendable {
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

    /// Waits for the next datagram that is more than a status.
    func next() async throws -> String {
        while true {
            let text = try await nextOfAll()
            if !text.hasPrefix("STATUS=") { return text }
        }
    }

    /// Waits for a datagram that has this status.
    func waitForStatus(_ line: String) async throws {
        var heard: [String] = []
        while try await !has(line, in: &heard) {}
    }

    private func has(_ line: String, in heard: inout [String]) async throws -> Bool {
        do {
            let text = try await nextOfAll()
            heard.append(text)
            return text.split(separator: "\n").contains("STATUS=\(line)")
        } catch {
            throw NotReached(what: "the status \(line)", state: heard.joined(separator: "\n"))
        }
    }

    private func nextOfAll() async throws -> String {
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
