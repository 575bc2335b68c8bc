import Crypto
import Dispatch
import Threads

/// SHA-256 over chunks in order, computed on a thread of its own while the chunks travel on.
final class StreamHasher: Sendable {
    private let queue = DispatchQueue(label: "outtray.sha256")
    private let hash = Mutex(SHA256())

    /// Takes the next chunk. Returns when all earlier chunks are hashed; this one is then being hashed. So at most one
    /// chunk waits.
    func add(_ chunk: [UInt8]) async {
        await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume()
                self.hash.withLock { $0.update(data: chunk) }
            }
        }
    }

    /// The digest of all chunks so far.
    func digest() async -> SHA256Digest {
        await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: SHA256Digest(bytes: Array(self.hash.withLock { $0.finalize() })))
            }
        }
    }
}

extension SHA256Digest {
    /// The digest of these bytes.
    init(of bytes: [UInt8]) {
        self.init(bytes: Array(SHA256.hash(data: bytes)))
    }

    /// The digest of a short text's UTF-8.
    init(of text: String) {
        self.init(of: Array(text.utf8))
    }
}
