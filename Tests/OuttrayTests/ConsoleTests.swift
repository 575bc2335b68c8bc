import Foundation
import Glibc
import Pipeline
import SystemPackage
import Testing
import Threads

@testable import outtray

@Suite(.timeLimit(.minutes(5))) struct ConsoleTests {
    @Test func `a pipe that does not block and is full is waited for`() async throws {
        let (reader, writer) = try FileDescriptor.pipe()
        defer { try? reader.close() }
        #expect(fcntl(writer.rawValue, F_SETFL, O_NONBLOCK) == 0)
        // More than a pipe holds.
        let length = 1 << 20
        Thread.detachNewThread {
            _ = Console.write(String(repeating: "x", count: length), to: writer.rawValue)
            try? writer.close()
        }

        let count = try await offPool {
            var count = 0
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
            defer { buffer.deallocate() }
            while case let read = try reader.read(into: buffer), read > 0 { count += read }
            return count
        }

        #expect(count == length)
    }

    @Test func `what keeps a text from being written is told`() throws {
        let (reader, writer) = try FileDescriptor.pipe()
        try reader.close()
        let full = try FileDescriptor.open("/dev/full", .writeOnly)
        signal(SIGPIPE, SIG_IGN)

        #expect(Console.write("x", to: full.rawValue) == .noSpace)
        #expect(Console.write("x", to: writer.rawValue) == .brokenPipe)
        try writer.close()
        try full.close()
        #expect(Console.write("x", to: -1) == .badFileDescriptor)
    }
}
