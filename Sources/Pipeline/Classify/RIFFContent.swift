/// The chunks of a RIFF file: WebP and AVI.
enum RIFFContent {
    /// A WebP is whole if its RIFF chunk ends within the file.
    static func webP(in bytes: FileBytes) -> MediaFinding {
        guard let size = bytes.littleNumber(at: 4, length: 4), Int64(size) + 8 > bytes.size else {
            return MediaFinding(.webp)
        }
        return .unfinished(.webp, "it has \(bytes.size) bytes, and its header says \(size + 8)")
    }

    /// An AVI has its pictures in a list named `movi`. The sizes of large AVIs are often wrong, so they say nothing.
    static func avi(in bytes: FileBytes) -> MediaFinding {
        var offset: Int64 = 12
        while let type = bytes.fourCC(at: offset), let size = bytes.littleNumber(at: offset + 4, length: 4) {
            if type == "LIST", bytes.has("movi", at: offset + 8) { return MediaFinding(.avi) }
            // Chunks begin at even offsets.
            offset += 8 + Int64(size) + Int64(size & 1)
        }
        return bytes.isSpent ? MediaFinding(.avi) : .unfinished(.avi, "it has no pictures (movi)")
    }
}
