import Watch

/// A short file's bytes, read at once. They need no second look at the file, and their digest is known before they go.
struct WholeFile: Sendable {
    private let bytes: [UInt8]
    /// Of all bytes.
    let digest: SHA256Digest

    /// Reads the file. Nil if it is long or empty, if it is being changed, or if it cannot be read: ``FileReader`` then
    /// tells why. Blocks.
    init?(_ file: SourceFile) {
        let size = file.version.size
        guard size > 0, MediaFile.isShort(size), let bytes = try? file.read(at: 0, count: Int(size)),
            bytes.count == size, (try? file.isUnchanged()) == true, file.isHeldForWriting != true
        else { return nil }
        self.bytes = bytes
        digest = SHA256Digest(of: bytes)
    }

    func bytes(at offset: Int, count: Int) -> [UInt8] {
        count == bytes.count ? bytes : Array(bytes[offset..<offset + count])
    }

    func digest(before end: Int) -> SHA256Digest {
        end == bytes.count ? digest : SHA256Digest(of: bytes(at: 0, count: end))
    }
}
