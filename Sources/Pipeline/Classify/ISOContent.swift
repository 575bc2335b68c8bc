/// The boxes of an ISO base media file behind its brands: whether the file is whole, and what its tracks hold.
struct ISOContent {
    /// What `moov` tells, the index of a video. It is read before the walk goes on, as a file of many fragments
    /// reaches the bounds of a look.
    private(set) var index: ISOIndex?
    /// `meta`, the index of an image.
    private(set) var items: ISOBox?
    /// `mdat`, pictures and sound.
    private(set) var hasData = false
    /// `moof`, an index of further pictures and sound.
    private(set) var hasFragments = false
    /// The type of the box that ends beyond the end of the file.
    private(set) var cutBox: String?
    private(set) var hasVideo = false
    private(set) var hasSound = false
    /// The index has boxes. One that is not filled in has none.
    private(set) var isIndexFilled = false
    /// The index is compressed, and its tracks are taken on trust.
    private(set) var isCompressed = false

    init(_ bytes: FileBytes) {
        ISOBox.walk(0..<bytes.size, in: bytes) { box in
            switch box.type {
            case "moov":
                index = index ?? ISOIndex(box, bytes)
                readIndex(box, bytes)
            case "meta": items = items ?? box
            case "mdat": hasData = true
            case "moof": hasFragments = true
            default: break
            }
            if box.end > bytes.size { cutBox = box.type }
            return cutBox == nil
        }
    }

    private mutating func readIndex(_ index: ISOBox, _ bytes: FileBytes) {
        index.walk(in: bytes) { box in
            isIndexFilled = true
            if box.type == "trak" { readTrack(box, bytes) }
            if box.type == "cmov" { isCompressed = true }
            return true
        }
    }

    /// A track's kind is in `mdia`, `hdlr`, behind a version and four bytes of QuickTime's.
    private mutating func readTrack(_ track: ISOBox, _ bytes: FileBytes) {
        track.walk(in: bytes) { box in
            guard box.type == "mdia" else { return true }
            box.walk(in: bytes) { box in
                guard box.type == "hdlr" else { return true }
                let handler = bytes.fourCC(at: box.body + 8)
                if Self.isVideo(handler) { hasVideo = true }
                if handler == "soun" { hasSound = true }
                return false
            }
            return false
        }
    }
}

extension ISOContent {
    /// Whether a track of that handler has a picture. QuickTime's MPEG media has picture and sound in one track
    /// (QuickTime File Format, "MPEG Media").
    static func isVideo(_ handler: String?) -> Bool { ["vide", "MPEG", "mpeg"].contains(handler) }

    /// What a file of that brand is, by its boxes. A type that no provider takes stays as it is. Of these, an AVIF has
    /// the boxes of HEIF, and is measured all the same.
    static func finding(_ type: MediaType, in bytes: FileBytes) -> MediaFinding {
        switch type {
        case .heic, .heif: return image(type, bytes)
        case .mp4, .quickTime: return video(type, bytes)
        case .avif: return MediaFinding(type, measure: ISOContent(bytes).imageMeasure(bytes))
        default: return MediaFinding(type)
        }
    }

    private static func image(_ type: MediaType, _ bytes: FileBytes) -> MediaFinding {
        let content = ISOContent(bytes)
        if let lack = content.cut { return .unfinished(type, lack) }
        if content.items != nil || content.index != nil || bytes.isSpent {
            return MediaFinding(type, measure: content.imageMeasure(bytes))
        }
        return .unfinished(type, "it has no index (meta)")
    }

    private static func video(_ type: MediaType, _ bytes: FileBytes) -> MediaFinding {
        let content = ISOContent(bytes)
        if content.index == nil, !bytes.isSpent { return .unfinished(type, "it has no index (moov)") }
        if let lack = content.lack(in: bytes) { return .unfinished(type, lack) }
        if content.hasVideo || content.isCompressed || bytes.isSpent {
            return MediaFinding(type, measure: content.videoMeasure)
        }
        if !content.isIndexFilled { return .unfinished(type, "its index (moov) is not filled in") }
        return MediaFinding(.withoutPicture(type, hasSound: content.hasSound))
    }

    /// A file of a brand that nobody here knows. With a video track it is an MP4.
    static func unknownBrand(_ type: MediaType, in bytes: FileBytes) -> MediaFinding {
        let content = ISOContent(bytes)
        if content.hasVideo {
            return content.lack(in: bytes).map { .unfinished(.mp4, $0) }
                ?? MediaFinding(.mp4, measure: content.videoMeasure)
        }
        if content.index == nil, content.items == nil, content.hasData, !bytes.isSpent {
            return .unfinished(type, "it has no index (moov)")
        }
        return MediaFinding(content.hasSound && content.cutBox == nil ? .withoutPicture(.mp4, hasSound: true) : type)
    }

    private func imageMeasure(_ bytes: FileBytes) -> MediaMeasure {
        items.map { ISOItems.measure(of: $0, in: bytes) } ?? .unknown
    }

    private var videoMeasure: MediaMeasure { index?.measure(hasFragments: hasFragments) ?? .unknown }

    /// What a video lacks behind its end; nil if nothing.
    private func lack(in bytes: FileBytes) -> String? {
        if let cut { return cut }
        return index?.tellsOfMore(than: bytes.size) == true
            ? "its index (moov) tells of pictures or sound beyond the end of the file" : nil
    }

    /// That the last box is not whole; nil if it is.
    private var cut: String? { cutBox.map { "its box '\($0)' ends beyond the end of the file" } }
}
