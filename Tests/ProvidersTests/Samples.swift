import Pipeline
import SystemPackage
import TestSupport
import Watch

@testable import Providers

/// A media file that is nowhere on disk: what a provider is told of one.
func sampleFile(
    size: Int64 = 5,
    mime: MIMEType = .jpeg,
    kind: MediaKind = .image,
    name: String = "cat.jpg"
) -> MediaFile {
    MediaFile(
        folder: "inbox",
        root: "/in",
        path: "/in/cat.jpg",
        version: FileVersion(device: 1, inode: 2, size: size, modified: 3, changed: 4),
        account: "main",
        mime: mime,
        kind: kind,
        uploadName: name
    )
}

/// A body of these bytes, in chunks of at most `chunk`.
func stream(of bytes: [UInt8], chunk: Int = 256 << 10) -> ByteStream {
    let place = Counter()
    return ByteStream(length: Int64(bytes.count)) {
        let start = min(place.add(chunk) - chunk, bytes.count)
        return start < bytes.count ? Chunk(Array(bytes[start..<min(start + chunk, bytes.count)])) : nil
    }
}

/// Bytes that differ from place to place: a pattern whose length is a prime, so that no piece is like another.
func sampleBytes(_ count: Int) -> [UInt8] {
    let pattern = (0..<4093).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    var bytes: [UInt8] = []
    while bytes.count < count { bytes += pattern }
    return Array(bytes.prefix(count))
}

/// Runs `body` with a transfer that is shut down afterwards.
func withTransfer<Result: Sendable>(
    connect: Duration = .seconds(10),
    addresses: [String: String] = [:],
    _ body: (Transfer) async throws -> Result
) async throws -> Result {
    let transfer = Transfer(timeouts: TransferTimeouts(connect: connect), addresses: addresses)
    do {
        let result = try await body(transfer)
        await transfer.shutdown()
        return result
    } catch {
        await transfer.shutdown()
        throw error
    }
}

/// One PUT of `body` to the scripted server, as both providers do it.
func put(
    _ body: ByteStream,
    to server: ScriptedServer,
    headers: [HeaderField] = [],
    patience: Duration = .seconds(60),
    proof: StorageProof = .entityTagOrLocationOrNothing
) async throws -> PieceAnswer {
    try await withTransfer { transfer in
        let piece = Piece(
            index: 0,
            range: 0..<body.length,
            url: server.url + "/bucket/key?X-Amz-Signature=secret",
            headers: headers
        )
        return try await transfer.put(
            piece,
            body: body,
            under: settings(server, progress: patience),
            proof: proof,
            fallbackType: .jpeg
        )
    }
}

/// The error that `body` throws; nil when it throws none.
func failure(of body: () async throws -> Void) async -> ProviderError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ProviderError
    }
}

/// The keys of an account's configuration, held in memory.
struct MemoryKeys: ProviderKeys {
    private let texts: [String: String]

    /// A key without a value is not given.
    init(_ texts: [String: String?] = [:]) {
        self.texts = texts.compactMapValues(\.self)
    }

    func text(_ name: String) -> String? { texts[name] }
}

extension ProviderKind {
    /// The provider of an account with these keys.
    func make(_ connection: ConnectionSettings, _ texts: [String: String?] = [:], transfer: Transfer) -> any Provider {
        var keys = MemoryKeys(texts)
        return settings.init(connection, from: &keys).provider(over: transfer)
    }
}

/// The connection of an account whose API is the scripted server.
func settings(
    _ server: ScriptedServer,
    answer: Duration = .seconds(30),
    progress: Duration = .seconds(60)
) -> ConnectionSettings {
    ConnectionSettings(
        baseURL: server.url + "/api",
        key: Secret("pb_live_key"),
        timeouts: TransferTimeouts(answer: answer, progress: progress)
    )
}

/// The JSON value of a text; nil for what is none.
func parsed(_ text: String) -> JSON? {
    JSON(lenient: Array(text.utf8))
}
