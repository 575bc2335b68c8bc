/// The markers of a JPEG file (ITU-T T.81, annex B): whether it has a picture, whether the picture has an end, and the
/// picture's sides.
enum JPEGContent {
    static func finding(in bytes: FileBytes) -> MediaFinding {
        switch start(in: bytes) {
        case .other(let type): return MediaFinding(type)
        case .scan(let offset, let measure):
            return hasEnd(behind: offset, in: bytes)
                ? MediaFinding(.jpeg, measure: measure)
                : .unfinished(.jpeg, "its picture has no end (marker FF D9)")
        case .none:
            return bytes.isSpent ? MediaFinding(.jpeg) : .unfinished(.jpeg, "it has no picture data")
        }
    }

    private enum Start {
        /// The offset of the main picture's first scan, and the sides that its frame header tells.
        case scan(Int64, MediaMeasure)
        case other(MediaType)
        case none
    }

    /// Goes from marker to marker up to a frame header and a scan. A segment's length skips what lies in it, such as
    /// the preview in the Exif data.
    ///
    /// Where no marker follows, the chain goes on at the next one, as decoders do. A frame header behind such a break
    /// may be the preview's, so it tells no sides.
    private static func start(in bytes: FileBytes) -> Start {
        var offset: Int64 = 2
        var hasFrame = false
        var isWhole = true
        var measure = MediaMeasure.unknown
        while let marker = nextMarker(from: offset, in: bytes) {
            isWhole = isWhole && marker.start == offset
            offset = marker.end
            switch marker.code {
            case 0xF7 where isWhole && !hasFrame: return .other(.other("image/jls", "a JPEG-LS image"))
            case 0xC3, 0xC7, 0xCB, 0xCF:
                if isWhole, !hasFrame { return .other(losslessJPEG) }
                hasFrame = true
            case 0xC4, 0xC8, 0xCC: break
            case 0xC0...0xCF:
                // Two frames are against the rules for a file that viewers show.
                measure = isWhole && !hasFrame ? sides(at: offset, in: bytes) : .unknown
                hasFrame = true
            case 0xDA where hasFrame: return .scan(offset, measure)
            // These have no length.
            case 0x01, 0xD0...0xD9: continue
            default: break
            }
            guard let length = bytes.number(at: offset, length: 2) else { return .none }
            if length >= 2 { offset += Int64(length) } else { isWhole = false }
        }
        return .none
    }

    /// The sides in a frame header whose length stands at `offset`. A height of 0 means that it comes later, as a
    /// marker behind the scan (B.2.5). Exif's orientation is not applied.
    private static func sides(at offset: Int64, in bytes: FileBytes) -> MediaMeasure {
        MediaMeasure(
            sides: (bytes.number(at: offset + 5, length: 2), bytes.number(at: offset + 3, length: 2))
        )
    }

    /// The first marker at or after `offset`. Any number of fill bytes FF may come before it (B.1.1.2); `start` is
    /// where those begin. `end` is behind its code.
    private static func nextMarker(
        from offset: Int64,
        in bytes: FileBytes
    ) -> (start: Int64, end: Int64, code: UInt8)? {
        var offset = offset
        var start: Int64?
        while let piece = bytes.some(at: offset, upTo: 64), piece.count >= 2 {
            for index in piece.indices.dropLast() {
                guard piece[index] == 0xFF else {
                    start = nil
                    continue
                }
                let place = offset + Int64(index - piece.startIndex)
                let first = start ?? place
                start = first
                let code = piece[index + 1]
                if code != 0, code != 0xFF { return (first, place + 2, code) }
            }
            offset += Int64(piece.count - 1)
        }
        return nil
    }

    private static let losslessJPEG = MediaType.other(
        "image/x-lossless-jpeg",
        "a lossless JPEG image",
        wayOut: "save it as an ordinary JPEG"
    )
}

/// The end of the main picture.
extension JPEGContent {
    /// So much is searched from the end of the file, and as much behind the scan's beginning.
    private static let mostSearched: Int64 = 2 << 20
    private static let pieceLength: Int64 = 256 << 10

    /// Whether an end marker comes after `scan`. Mostly it ends the file, so the search begins there. A video behind
    /// the picture, as in a motion photo, has its own bytes, so the search goes on behind the scan's beginning.
    private static func hasEnd(behind scan: Int64, in bytes: FileBytes) -> Bool {
        let size = bytes.size
        if hasEnd(in: max(scan, size - 64)..<size, of: bytes) { return true }
        var end = size
        let tail = max(scan, size - mostSearched)
        while end > tail {
            let start = max(tail, end - pieceLength)
            // One byte more: the marker may lie across.
            if hasEnd(in: start..<min(size, end + 1), of: bytes) { return true }
            end = start
        }
        var start = scan
        let front = min(tail, scan + mostSearched)
        while start < front {
            if hasEnd(in: start..<min(size, start + pieceLength + 1), of: bytes) { return true }
            start += pieceLength
        }
        if front == tail { return bytes.isSpent || bytes.failure != nil }
        // A huge picture, or a huge something behind it: the end of the file tells which.
        return !isPicture(in: max(scan, size - (64 << 10))..<size, of: bytes)
    }

    private static func hasEnd(in range: Range<Int64>, of bytes: FileBytes) -> Bool {
        guard let piece = bytes.bytes(at: range.lowerBound, count: Int(range.upperBound - range.lowerBound)) else {
            return false
        }
        return piece.withUnsafeBufferPointer { piece in
            var index = 0
            while index + 1 < piece.count {
                if piece[index + 1] == 0xD9, piece[index] == 0xFF { return true }
                // Neither this byte nor the next begins a marker.
                index += piece[index + 1] == 0xFF ? 1 : 2
            }
            return false
        }
    }

    /// Whether these are a scan's bytes: after each FF comes a zero or a restart marker. Zeros alone are what a copy
    /// leaves that has not come so far.
    private static func isPicture(in range: Range<Int64>, of bytes: FileBytes) -> Bool {
        guard let piece = bytes.bytes(at: range.lowerBound, count: Int(range.upperBound - range.lowerBound)) else {
            return false
        }
        if piece.allSatisfy({ $0 == 0 }) { return true }
        let followers = zip(piece, piece.dropFirst()).filter { $0.0 == 0xFF }.map(\.1)
        return !followers.isEmpty && followers.allSatisfy { $0 == 0 || (0xD0...0xD7).contains($0) }
    }
}
