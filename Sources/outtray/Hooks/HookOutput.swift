import CLinux
import Glibc
import SystemPackage
import Threads

/// What a command writes: a pipe that a thread of its own empties. The last ``most`` bytes are kept.
///
/// So a command that floods is not stopped, and takes no memory. A process that outlives the command may keep the pipe
/// open; nobody waits for that.
final class HookOutput: Sendable {
    /// In bytes.
    static let most = 2048
    /// After the command's end, so much more is read at most. A flood by a process left behind has no end.
    private static let mostAfterEnd = 1 << 20

    private static let threads = BlockingThreads(name: "hook-output", bound: 256)

    /// For the command. The one who starts it closes it.
    let writeEnd: FileDescriptor
    private let ending: FileDescriptor
    private let tail = Promise<[UInt8]>()

    init() throws {
        let pipe = try Self.pipe()
        let end: (read: FileDescriptor, write: FileDescriptor)
        do {
            end = try Self.pipe()
        } catch {
            try? pipe.read.close()
            try? pipe.write.close()
            throw error
        }
        (writeEnd, ending) = (pipe.write, end.write)
        Self.threads.leave { [tail] in
            tail.give(.success(Self.drain(pipe.read, until: end.read)))
            try? pipe.read.close()
            try? end.read.close()
        }
    }

    /// The command has ended. Returns the last of its output, as text; nil if it wrote nothing.
    func finish() async -> String? {
        try? ending.close()
        let bytes = (try? await tail.value()) ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// Reads until the pipe's other end is closed, or until the command has ended and what it wrote is read.
    private static func drain(_ output: FileDescriptor, until end: FileDescriptor) -> [UInt8] {
        var kept: [UInt8] = []
        var left = mostAfterEnd
        while true {
            var waits = [
                pollfd(fd: output.rawValue, events: Int16(POLLIN), revents: 0),
                pollfd(fd: end.rawValue, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waits, 2, -1) >= 0 else {
                if errno == EINTR { continue }
                return kept
            }
            let hasEnded = waits[1].revents != 0
            if waits[0].revents == 0 {
                if hasEnded { return kept }
                continue
            }
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            let count = chunk.withUnsafeMutableBytes { read(output.rawValue, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return kept }
            kept += chunk[..<count]
            kept.removeFirst(max(0, kept.count - most))
            if hasEnded { left -= count }
            if left <= 0 { return kept }
        }
    }

    /// A pipe that no child process inherits by mistake.
    private static func pipe() throws -> (read: FileDescriptor, write: FileDescriptor) {
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw Errno(rawValue: errno) }
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }
}
