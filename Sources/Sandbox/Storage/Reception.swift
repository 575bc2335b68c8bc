import Crypto
import NIOCore

/// The body of one PUT, taken in: streamed to disk with a running hash, never held in memory.
struct Reception: Sendable {
    let file: IncomingFile
    let bytes: Int64
    let sha256: String

    /// Reads a body until it ends, breaks off, or has brought `limit` bytes. Throws only if the disk fails.
    static func receive(_ body: IncomingBody, upTo limit: Int64?, onto disk: Disk) async throws -> Reception {
        let file = try await disk.incomingFile()
        var hasher = SHA256()
        var bytes: Int64 = 0
        var chunks = body.makeAsyncIterator()
        while limit.map({ bytes < $0 }) ?? true {
            // On a broken connection the body ends early. The count of bytes tells.
            guard var chunk = (try? await chunks.next()).flatMap({ $0 }) else { break }
            if let limit, let head = chunk.readSlice(length: Int(min(Int64(chunk.readableBytes), limit - bytes))) {
                chunk = head
            }
            chunk.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
            try await disk.append(chunk, to: file)
            bytes += Int64(chunk.readableBytes)
        }
        return Reception(file: file, bytes: bytes, sha256: hexadecimal(hasher.finalize()))
    }
}
