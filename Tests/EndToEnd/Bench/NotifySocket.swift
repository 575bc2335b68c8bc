import Glibc
import SystemPackage

/// The receiving end of the notify socket, in systemd's place.
final class NotifySocket: Sendable {
    private let descriptor: Int32
    private let path: FilePath

    init(_ path: FilePath) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        let result = Self.withAddress(path) { bind(descriptor, $0, $1) }
        guard result == 0 else { throw Errno(rawValue: errno) }
    }

    /// Fills the queue with datagrams, until the next one has no room.
    func fill() throws {
        let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        defer { close(sender) }
        let error = Self.withAddress(path) { address, length in
            while sendto(sender, "full", 4, 0, address, length) == 4 {}
            return errno
        }
        guard error == EAGAIN else { throw Errno(rawValue: error) }
    }

    private static func withAddress(_ path: FilePath, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.string.utf8)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
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
