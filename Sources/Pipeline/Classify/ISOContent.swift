/// The boxes of an ISO base media file behind its brands: whether the file is whole, and what its tracks hold.
struct ISOContent {
    /// `moov`, the index of a video.
    private(set) var hasIndex = false
    /// `meta`, the index of an image.
    private(set) var hasItems = false
    /// `mdat`, pictures and sound.
    private(set) var hasData = false
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
                hasIndex = true
                readIndex(box, bytes)
            case "meta": hasItems = true
            case "mdat": hasData = true
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
                switch bytes.fourCC(at: box.body + 8) {
                case "vide": hasVideo = true
                case "soun": hasSound = true
                default: break
                }
                return false
            }
            return false
        }
    }
}

extension ISOContent {
    /// What a file of that brand is, by its boxes. A type that no provider takes stays as it is.
    static func finding(_ type: MediaType, in bytes: FileBytes) -> MediaFinding {
        switch type {
        case .heic, .heif: return image(type, bytes)
        case .mp4, .quickTime: return video(type, bytes)
        default: return MediaFinding(type)
        }
    }

    private static func image(_ type: MediaType, _ bytes: FileBytes) -> MediaFinding {
        let content = ISOContent(bytes)
        if let box = content.cutBox { return cut(type, box) }
        if content.hasItems || content.hasIndex || bytes.isSpent { return MediaFinding(type) }
        return .unfinished(type, "it has no index (meta)")
    }

    private static func video(_ type: MediaType, _ bytes: FileBytes) -> MediaFinding {
        let content = ISOContent(bytes)
        if !content.hasIndex, !bytes.isSpent { return .unfinished(type, "it has no index (moov)") }
        if let box = content.cutBox { return cut(type, box) }
        if content.hasVideo || content.isCompressed || bytes.isSpent { return MediaFinding(type) }
        if !content.isIndexFilled { return .unfinished(type, "its index (moov) is not filled in") }
        return MediaFinding(.withoutPicture(type, hasSound: content.hasSound))
    }

    /// A file of a brand that nobody here knows. With a video track it is an MP4.
    static func unknownBrand(_ type: MediaType, in bytes: FileBytes) -> MediaFinding {
        let content = ISOContent(bytes)
        if content.hasVideo {
            return content.cutBox.map { cut(.mp4, $0) } ?? MediaFinding(.mp4)
        }
        if !content.hasIndex, !content.hasItems, content.hasData, !bytes.isSpent {
            return .unfinished(type, "it has no index (moov)")
        }
        return MediaFinding(content.hasSound && content.cutBox == nil ? .withoutPicture(.mp4, hasSound: true) : type)
    }

    private static func cut(_ type: MediaType, _ box: String) -> MediaFinding {
        .unfinished(type, "its box '\(box)' ends beyond the end of the file")
    }
}
