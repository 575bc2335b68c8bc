import NIOCore

/// Some bytes of a file, on their way from the disk to the network. They are handed on without being copied.
///
/// So they lie in the memory that the network writes from.
package struct Chunk: Hashable, Sendable {
    package private(set) var buffer: ByteBuffer

    /// An empty chunk with room for so many bytes.
    package init(capacity: Int) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// Copies the bytes.
    package init(_ bytes: [UInt8]) {
        buffer = ByteBuffer(bytes: bytes)
    }

    /// The bytes of a buffer, in the same memory.
    package init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    /// In bytes.
    package var count: Int { buffer.readableBytes }

    package var isEmpty: Bool { count == 0 }

    /// A copy.
    package var bytes: [UInt8] { Array(buffer.readableBytesView) }

    /// Calls `body` with the bytes, which stay where they are.
    package func withUnsafeBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try buffer.withUnsafeReadableBytes(body)
    }

    /// Lets `body` write up to `room` bytes behind the others. It returns how many it wrote, as
    /// does this call.
    @discardableResult
    package mutating func append(room: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Int) rethrows -> Int {
        try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
            try body(UnsafeMutableRawBufferPointer(rebasing: memory[..<room]))
        }
    }

    /// Puts other bytes behind these, which copies them.
    package mutating func append(_ other: Chunk) {
        buffer.writeImmutableBuffer(other.buffer)
    }

    /// The bytes from `start` on, at most `most`, in the same memory.
    package func part(from start: Int, most: Int) -> Chunk {
        let start = min(start, count)
        let slice = buffer.getSlice(at: buffer.readerIndex + start, length: min(most, count - start))
        return Chunk(slice ?? ByteBuffer())
    }
}
