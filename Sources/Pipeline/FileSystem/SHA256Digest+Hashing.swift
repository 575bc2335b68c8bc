import Crypto

extension SHA256Digest {
    /// The digest of all that was hashed so far.
    init(_ hash: SHA256) {
        self.init(bytes: Array(hash.finalize()))
    }

    /// The digest of a chunk's bytes.
    init(of chunk: Chunk) {
        var hash = SHA256()
        chunk.withUnsafeBytes { hash.update(bufferPointer: $0) }
        self.init(hash)
    }

    /// The digest of these bytes.
    package init(of bytes: [UInt8]) {
        self.init(bytes: Array(SHA256.hash(data: bytes)))
    }

    /// The digest of a short text's UTF-8.
    init(of text: String) {
        self.init(of: Array(text.utf8))
    }
}
