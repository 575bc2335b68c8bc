/// One provider account. Does one step once: no retry, no sleep, no memory; ``UploadJob`` and ``AccountLane`` have
/// those.
///
/// The conformance suite holds every provider to this contract:
/// - The key goes to the API's host alone, never with a piece. No redirect is followed.
/// - Bytes go only to the hosts that the account allows: *ask* and *send* refuse all others.
/// - A piece goes to its URL with exactly its headers, a known length, and the body's bytes as they come.
/// - Every failure is a ``ProviderError`` with its kind and, if there are any, the server's own words. It never holds a
///   key or the query of a URL. A cancelled task makes a step throw `.cancelled`.
/// - Answers are read leniently: an unneeded field may be missing or of another type.
package protocol Provider: Sendable {
    /// As in the configuration and the manifest: `postbreeze`, `connectsafely`.
    var name: String { get }

    /// Asks where the bytes go. Each call creates an asset at the provider.
    func ask(for file: MediaFile) async throws(ProviderError) -> Ticket

    /// Sends one piece. `body` has exactly `piece.length` bytes and cannot be replayed.
    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer

    /// Tells the provider that all pieces are there, if it needs to know. May be repeated after a lost answer.
    /// `answers` are in the order of ``Ticket/pieces``.
    func finish(_ ticket: Ticket, answers: [PieceAnswer]) async throws(ProviderError) -> Receipt

    /// Asks whether an uploaded asset can be used yet; `.unknown` if the provider cannot say.
    func status(of receipt: Receipt) async throws(ProviderError) -> AssetStatus

    /// Looks whether the provider still has an uploaded asset. Changes nothing. Make this call only if
    /// ``hindrance(toLookFor:)`` is nil.
    ///
    /// `.gone` is the API's own word alone. An answer that a proxy, another service or a missing route may give is
    /// `.untold`, or an error.
    func presence(of receipt: Receipt) async throws(ProviderError) -> AssetPresence

    /// Why no call tells whether an asset is still there; nil if ``presence(of:)`` can ask.
    func hindrance(toLookFor receipt: Receipt) -> String?

    /// Asks the API about an asset that it does not have, to learn whether it answers and takes the key. Creates
    /// nothing. A refused key is an error, as in any other step. So is a 404 by which a server says that it does not
    /// know the path of the call.
    func probe() async throws(ProviderError) -> ProviderProbe
}

/// The answer to ``Provider/probe()``: the API answers in its own form, and did not refuse the key.
package struct ProviderProbe: Hashable, Sendable {
    /// The server's clock at the time of the answer; nil if the answer has none.
    package let date: Timestamp?
    /// Whether the answer shows that the API is at this address. A 404 that any server may give shows it not.
    package let isOfAPI: Bool

    package init(date: Timestamp? = nil, isOfAPI: Bool = true) {
        self.date = date
        self.isOfAPI = isOfAPI
    }
}

/// Bytes that go out once, in order: chunks of at most 1 MiB, read as the network takes them.
package struct ByteStream: AsyncSequence, Sendable {
    package typealias Element = Chunk

    /// The length of all chunks together, in bytes.
    package let length: Int64
    /// Whether the bytes are in memory already: to read them, nothing has to be waited for that may hang.
    package let isReady: Bool
    private let nextChunk: @Sendable () async throws -> Chunk?

    /// `next` is called from one task at a time. It returns nil after the last chunk.
    package init(length: Int64, isReady: Bool = false, next: @escaping @Sendable () async throws -> Chunk?) {
        self.length = length
        self.isReady = isReady
        nextChunk = next
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let nextChunk: @Sendable () async throws -> Chunk?

        package mutating func next() async throws -> Chunk? { try await nextChunk() }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(nextChunk: nextChunk) }
}
