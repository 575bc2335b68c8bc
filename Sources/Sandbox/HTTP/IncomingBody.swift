import Hummingbird

/// The bytes of a request as they come in. Never more than a few chunks are in memory. The body can be read once.
struct IncomingBody: Sendable, AsyncSequence {
    /// The body has more bytes than were allowed.
    struct TooLong: Error {}

    /// Yields chunk after chunk, as the connection brings them.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var wrapped: RequestBody.AsyncIterator

        mutating func next() async throws -> ByteBuffer? {
            try await wrapped.next(isolation: #isolation)
        }
    }

    private let wrapped: RequestBody

    init(_ body: RequestBody) {
        wrapped = body
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(wrapped: wrapped.makeAsyncIterator())
    }

    /// All bytes of the body. Throws ``TooLong`` past `limit`, or when the connection broke.
    func collected(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in self {
            guard bytes.count + chunk.readableBytes <= limit else { throw TooLong() }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }
}
