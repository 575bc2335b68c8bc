import Watch

/// A short file's bytes, read at once. They need no second look at the file, and their digest is known before they go.
struct WholeFile: Sendable {
    let bytes: Chunk
    /// Of all bytes.
    let digest: SHA256Digest

    /// Reads the file. Nil if it is long or empty, if it is being changed, or if it cannot be read: ``FileReader`` then
    /// tells why. Blocks.
    init?(_ file: SourceFile) {
        let size = file.version.size
        guard size > 0, MediaFile.isShort(size) else { return nil }
        var bytes = Chunk(capacity: Int(size))
        let read = try? bytes.append(room: Int(size)) { try file.read(at: 0, into: $0) }
        guard read == Int(size), (try? file.isUnchanged()) == true, file.isHeldForWriting != true else { return nil }
        self.bytes = bytes
        digest = SHA256Digest(of: bytes)
    }

    func digest(before end: Int) -> SHA256Digest {
        end == bytes.count ? digest : SHA256Digest(of: bytes.part(from: 0, most: end))
    }
}
