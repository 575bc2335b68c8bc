/// The tracks of a WebM file, which tell a video from a sound.
struct WebMContent {
    /// Where the tracks stand by the seek head, as an offset in the file.
    private var place: Int64?
    private var tracks: EBMLElement?
    /// Whether the walk ended at an element without a size, as in a live stream: what follows was not seen.
    private var isOpen = false

    private enum ID {
        static let segment: UInt64 = 0x1853_8067
        static let seekHead: UInt64 = 0x114D_9B74
        static let seek: UInt64 = 0x4DBB
        static let seekID: UInt64 = 0x53AB
        static let seekPosition: UInt64 = 0x53AC
        static let tracks: UInt64 = 0x1654_AE6B
        static let track: UInt64 = 0xAE
        static let trackType: UInt64 = 0x83
    }

    /// After so many bytes, the seek head is asked for the tracks.
    private static let usualPlace: Int64 = 64 << 10

    static func finding(behind header: EBMLElement, in bytes: FileBytes) -> MediaFinding {
        // A header without a size is against the rules, and where it ends is not known.
        if header.size == nil { return MediaFinding(.webm) }
        var segment: EBMLElement?
        EBMLElement.walk(header.end(within: bytes.size)..<bytes.size, in: bytes) { element in
            if element.id == ID.segment { segment = element }
            return segment == nil
        }
        guard let segment else {
            return bytes.isSpent ? MediaFinding(.webm) : .unfinished(.webm, "it ends behind its header")
        }
        var content = WebMContent()
        content.look(in: segment, bytes)
        guard let tracks = content.tracks else {
            return content.isOpen || bytes.isSpent
                ? MediaFinding(.webm) : .unfinished(.webm, "it has no list of tracks (Tracks)")
        }
        if let size = tracks.size, size > bytes.size - tracks.body {
            return .unfinished(.webm, "it ends within its list of tracks (Tracks)")
        }
        let types = types(in: tracks, bytes)
        if types.contains(1) || bytes.isSpent { return MediaFinding(.webm) }
        return MediaFinding(.withoutPicture(.webm, hasSound: types.contains(2)))
    }

    private mutating func look(in segment: EBMLElement, _ bytes: FileBytes) {
        segment.walk(in: bytes) { element in
            switch element.id {
            case ID.tracks: tracks = element
            case ID.seekHead: place = Self.place(in: element, segment, bytes) ?? place
            default: break
            }
            isOpen = element.size == nil
            return tracks == nil && (place == nil || element.body < segment.body + Self.usualPlace)
        }
        if tracks == nil, let place {
            isOpen = place < bytes.size
            tracks = EBMLElement(at: place, in: bytes).flatMap { $0.id == ID.tracks ? $0 : nil }
        }
    }

    /// The tracks' place in the seek head. Positions count from the segment's body.
    private static func place(in seekHead: EBMLElement, _ segment: EBMLElement, _ bytes: FileBytes) -> Int64? {
        var place: Int64?
        seekHead.walk(in: bytes) { seek in
            guard seek.id == ID.seek else { return true }
            var (id, position): (UInt64?, UInt64?)
            seek.walk(in: bytes) { element in
                if element.id == ID.seekID { id = element.number(in: bytes) }
                if element.id == ID.seekPosition { position = element.number(in: bytes) }
                return true
            }
            guard id == ID.tracks, let position, position < UInt64(Int64.max / 2) else { return true }
            place = segment.body + Int64(position)
            return false
        }
        return place
    }

    private static func types(in tracks: EBMLElement, _ bytes: FileBytes) -> Set<UInt64> {
        var types: Set<UInt64> = []
        tracks.walk(in: bytes) { track in
            guard track.id == ID.track else { return true }
            track.walk(in: bytes) { element in
                guard element.id == ID.trackType else { return true }
                if let type = element.number(in: bytes) { types.insert(type) }
                return false
            }
            return true
        }
        return types
    }
}
