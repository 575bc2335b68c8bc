/// The chunks of a RIFF file: WebP and AVI.
enum RIFFContent {
    /// A WebP is whole if its RIFF chunk ends within the file.
    static func webP(in bytes: FileBytes) -> MediaFinding {
        guard let size = bytes.littleNumber(at: 4, length: 4), Int64(size) + 8 > bytes.size else {
            return MediaFinding(.webp, measure: WebPFrame.measure(in: bytes))
        }
        return .unfinished(.webp, "it has \(bytes.size) bytes, and its header says \(size + 8)")
    }

    /// An AVI has its pictures in a list named `movi`. The sizes of large AVIs are often wrong, so they say nothing.
    static func avi(in bytes: FileBytes) -> MediaFinding {
        var header: RIFFChunk?
        var hasPictures = false
        RIFFChunk.walk(12..<max(12, bytes.size), in: bytes) { chunk in
            if chunk.isList("hdrl", in: bytes) { header = header ?? chunk }
            hasPictures = chunk.isList("movi", in: bytes)
            return !hasPictures
        }
        guard hasPictures || bytes.isSpent else { return .unfinished(.avi, "it has no pictures (movi)") }
        return MediaFinding(.avi, measure: header.map { AVIHeader.measure(of: $0, in: bytes) } ?? .unknown)
    }
}

/// The place of a chunk in a RIFF file.
struct RIFFChunk {
    let type: String
    /// Offsets in the file. `end` may lie beyond the place that has the chunk.
    let body: Int64
    let end: Int64

    /// The chunks in `range`, in order, until one returns false or what follows is no chunk.
    static func walk(_ range: Range<Int64>, in bytes: FileBytes, _ visit: (RIFFChunk) -> Bool) {
        var offset = range.lowerBound
        while offset < range.upperBound, let type = bytes.fourCC(at: offset),
            let size = bytes.littleNumber(at: offset + 4, length: 4)
        {
            guard visit(RIFFChunk(type: type, body: offset + 8, end: offset + 8 + Int64(size))) else { return }
            // Chunks begin at even offsets.
            offset += 8 + Int64(size) + Int64(size & 1)
        }
    }

    func isList(_ name: String, in bytes: FileBytes) -> Bool { type == "LIST" && bytes.has(name, at: body) }

    /// The chunks in this list, as far as the file has it.
    func walk(in bytes: FileBytes, _ visit: (RIFFChunk) -> Bool) {
        let limit = min(end, bytes.size)
        if body + 4 < limit { Self.walk(body + 4..<limit, in: bytes, visit) }
    }

    /// A number of four bytes in the chunk. Nil if the chunk ends earlier.
    func number(at place: Int64, in bytes: FileBytes) -> UInt64? {
        end - body >= place + 4 ? bytes.littleNumber(at: body + place, length: 4) : nil
    }
}
