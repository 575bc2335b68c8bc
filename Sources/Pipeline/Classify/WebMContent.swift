/// The tracks of a WebM file, which tell a video from a sound, and how long and large the video is.
struct WebMContent {
    /// Where the tracks stand by the seek head, as an offset in the file.
    private var place: Int64?
    private var tracks: EBMLElement?
    private var info: EBMLElement?
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
        static let video: UInt64 = 0xE0
        static let pixelWidth: UInt64 = 0xB0
        static let pixelHeight: UInt64 = 0xBA
        static let info: UInt64 = 0x1549_A966
        static let timestampScale: UInt64 = 0x2A_D7B1
        static let duration: UInt64 = 0x4489
        static let cluster: UInt64 = 0x1F43_B675
    }

    /// After so many bytes, the seek head is asked for the tracks.
    private static let usualPlace: Int64 = 64 << 10

    static func finding(behind header: EBMLElement, in bytes: FileBytes) -> MediaFinding {
        // A header without a size is against the rules, and where it ends is not known.
        if header.size == nil { return MediaFinding(.webm) }
        guard let segment = segment(behind: header, in: bytes) else {
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
        if types.contains(1) || bytes.isSpent {
            return MediaFinding(.webm, measure: content.measure(segment, bytes))
        }
        return MediaFinding(.withoutPicture(.webm, hasSound: types.contains(2)))
    }

    /// The measure of a Matroska file, which has the same elements.
    static func measure(behind header: EBMLElement, in bytes: FileBytes) -> MediaMeasure {
        guard header.size != nil, let segment = segment(behind: header, in: bytes) else { return .unknown }
        var content = WebMContent()
        content.look(in: segment, bytes)
        return content.measure(segment, bytes)
    }

    private static func segment(behind header: EBMLElement, in bytes: FileBytes) -> EBMLElement? {
        var segment: EBMLElement?
        EBMLElement.walk(header.end(within: bytes.size)..<bytes.size, in: bytes) { element in
            if element.id == ID.segment { segment = element }
            return segment == nil
        }
        return segment
    }

    private mutating func look(in segment: EBMLElement, _ bytes: FileBytes) {
        segment.walk(in: bytes) { element in
            switch element.id {
            case ID.tracks: tracks = element
            case ID.info: info = info ?? element
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

/// The measure, by the elements `Info` and `Tracks` (RFC 9559, 5.1.2 and 5.1.4).
extension WebMContent {
    private func measure(_ segment: EBMLElement, _ bytes: FileBytes) -> MediaMeasure {
        let info = info ?? tracks.flatMap { Self.info(behind: $0, segment, bytes) }
        return MediaMeasure(
            sides: tracks.map { Self.sides(in: $0, bytes) } ?? (nil, nil),
            duration: info.flatMap { Self.duration(in: $0, bytes) }
        )
    }

    /// `Info` mostly comes before the tracks. Nobody looks for it behind the first pictures.
    private static func info(behind tracks: EBMLElement, _ segment: EBMLElement, _ bytes: FileBytes) -> EBMLElement? {
        var info: EBMLElement?
        let (start, end) = (tracks.end(within: bytes.size), segment.end(within: bytes.size))
        EBMLElement.walk(start..<max(start, end), in: bytes) { element in
            if element.id == ID.info { info = element }
            return info == nil && element.id != ID.cluster
        }
        return info
    }

    /// Of the first video track. The picture is the coded one: a crop, a turn and a shape of pixels are not applied.
    private static func sides(in tracks: EBMLElement, _ bytes: FileBytes) -> (UInt64?, UInt64?) {
        var sides: (UInt64?, UInt64?) = (nil, nil)
        tracks.walk(in: bytes) { track in
            guard track.id == ID.track else { return true }
            var video: EBMLElement?
            var isVideo = false
            track.walk(in: bytes) { element in
                if element.id == ID.trackType { isVideo = element.number(in: bytes) == 1 }
                if element.id == ID.video { video = element }
                return true
            }
            guard isVideo, let video else { return true }
            video.walk(in: bytes) { element in
                if element.id == ID.pixelWidth { sides.0 = element.number(in: bytes) }
                if element.id == ID.pixelHeight { sides.1 = element.number(in: bytes) }
                return true
            }
            return false
        }
        return sides
    }

    /// A floating-point number of units, each so many nanoseconds long: a million if nothing else is said.
    private static func duration(in info: EBMLElement, _ bytes: FileBytes) -> Duration? {
        var scale: UInt64? = 1_000_000
        var units: Double?
        info.walk(in: bytes) { element in
            if element.id == ID.timestampScale { scale = element.number(in: bytes) }
            if element.id == ID.duration { units = element.float(in: bytes) }
            return true
        }
        guard let scale, let units, units > 0 else { return nil }
        let milliseconds = (units * Double(scale) / 1_000_000).rounded()
        guard milliseconds.isFinite, milliseconds >= 1, milliseconds < 9e15 else { return nil }
        return .milliseconds(Int64(milliseconds))
    }
}
