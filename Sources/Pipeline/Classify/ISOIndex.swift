/// What the index of a video (`moov`) tells: how long the video is, the sides of its picture, and where its data is.
struct ISOIndex {
    private let sides: (UInt64?, UInt64?)
    /// What `mvhd` says.
    private let duration: Duration?
    /// What `mehd` says: with all fragments.
    private let wholeDuration: Duration?
    /// The file may go on in fragments, by `mvex`, or because not all of the index could be read.
    private let isFragmented: Bool
    /// Where the last chunk of a track begins.
    private let lastChunk: UInt64?

    init(_ index: ISOBox, _ bytes: FileBytes) {
        let reader = ISOIndexReader(index, bytes)
        sides = reader.sides
        (duration, wholeDuration) = reader.durations
        isFragmented = reader.fragments != nil || bytes.isSpent
        lastChunk = reader.lastChunk
    }

    /// `hasFragments`: some were seen. Then, or where they are announced, the header's duration may be that of a part
    /// alone. Nobody reads all fragments, so their sum is known only if the index says it.
    func measure(hasFragments: Bool) -> MediaMeasure {
        MediaMeasure(sides: sides, duration: isFragmented || hasFragments ? wholeDuration : duration)
    }

    /// Whether a track's last chunk begins beyond the end of the file, as when the file was cut between two boxes.
    ///
    /// Each chunk lies in a box with a header, so one that was cut off begins beyond the end and not at it.
    func tellsOfMore(than size: Int64) -> Bool { lastChunk.map { $0 > UInt64(size) } ?? false }
}

/// Reads the boxes of an index.
private struct ISOIndexReader {
    /// `mvhd`.
    private var header: ISOBox?
    /// `mvex`: the file may go on in fragments.
    private(set) var fragments: ISOBox?
    private var tracks: [ISOBox] = []
    private let bytes: FileBytes

    /// So many tracks are looked at.
    private static let mostTracks = 64

    init(_ index: ISOBox, _ bytes: FileBytes) {
        self.bytes = bytes
        index.walk(in: bytes) { box in
            switch box.type {
            case "mvhd": header = header ?? box
            case "mvex": fragments = fragments ?? box
            case "trak": if tracks.count < Self.mostTracks { tracks.append(box) }
            default: break
            }
            return true
        }
    }

    // MARK: Data

    /// The largest offset of a last chunk, of the tracks with picture or sound that are switched on. Players need no
    /// others: a track of subtitles or of a camera's data may be left over from before an edit.
    var lastChunk: UInt64? {
        tracks.filter { isOn($0) && (isVideo($0) || handler(of: $0) == "soun") }.compactMap { lastChunk(of: $0) }.max()
    }

    /// The offset of the track's last chunk in this file. A track whose data lies in another file (`dref`) tells
    /// nothing.
    private func lastChunk(of track: ISOBox) -> UInt64? {
        guard let media = track.child("mdia", in: bytes)?.child("minf", in: bytes),
            let references = media.child("dinf", in: bytes)?.child("dref", in: bytes),
            // One reference, whose flags say that the data is in this file.
            references.number(at: 4, length: 4, in: bytes) == 1,
            let flags = references.number(at: 19, length: 1, in: bytes), flags & 1 == 1,
            let table = media.child("stbl", in: bytes)
        else { return nil }
        for (type, length) in [("stco", 4), ("co64", 8)] {
            guard let offsets = table.child(type, in: bytes), let count = offsets.number(at: 4, length: 4, in: bytes),
                count > 0
            else { continue }
            return offsets.number(at: 8 + Int64(length) * Int64(count - 1), length: length, in: bytes)
        }
        return nil
    }

    // MARK: Duration

    /// What the header says, and what `mehd` says.
    var durations: (header: Duration?, whole: Duration?) {
        guard let header else { return (nil, nil) }
        let isLong = header.number(at: 0, length: 1, in: bytes) == 1
        let scale = header.number(at: isLong ? 20 : 12, length: 4, in: bytes)
        let whole = fragments?.child("mehd", in: bytes).flatMap { whole in
            let isLong = whole.number(at: 0, length: 1, in: bytes) == 1
            return MediaMeasure.duration(units(of: whole, at: 4, isLong), perSecond: scale)
        }
        return (MediaMeasure.duration(units(of: header, at: isLong ? 24 : 16, isLong), perSecond: scale), whole)
    }

    /// A duration of four or eight bytes. All bits set mean that it is not known.
    private func units(of box: ISOBox, at place: Int64, _ isLong: Bool) -> UInt64? {
        let units = box.number(at: place, length: isLong ? 8 : 4, in: bytes)
        return units == (isLong ? .max : UInt64(UInt32.max)) ? nil : units
    }

    // MARK: Sides

    /// The first video track that is switched on decides, else the first at all. The picture counts as it is shown.
    var sides: (UInt64?, UInt64?) {
        var switchedOff: ISOBox?
        for track in tracks where isVideo(track) {
            guard let header = track.child("tkhd", in: bytes) else { continue }
            if isOn(track) { return sides(of: track, header) }
            switchedOff = switchedOff ?? track
        }
        return switchedOff.flatMap { track in
            track.child("tkhd", in: bytes).map { sides(of: track, $0) }
        } ?? (nil, nil)
    }

    private func isOn(_ track: ISOBox) -> Bool {
        track.child("tkhd", in: bytes)?.number(at: 3, length: 1, in: bytes).map { $0 & 1 == 1 } ?? false
    }

    private func isVideo(_ track: ISOBox) -> Bool { ISOContent.isVideo(handler(of: track)) }

    private func handler(of track: ISOBox) -> String? {
        track.child("mdia", in: bytes)?.child("hdlr", in: bytes).flatMap { bytes.fourCC(at: $0.body + 8) }
    }

    /// The track's presentation size, in 1/65536 of a pixel, turned as the matrices of track and movie say. Where it is
    /// 0, the size of the coded picture.
    private func sides(of track: ISOBox, _ header: ISOBox) -> (UInt64?, UInt64?) {
        let isLong = header.number(at: 0, length: 1, in: bytes) == 1
        func side(at place: Int64) -> UInt64? {
            header.number(at: place, length: 4, in: bytes).map { ($0 + 0x8000) >> 16 }
        }
        var (width, height) = (side(at: isLong ? 88 : 76), side(at: isLong ? 92 : 80))
        if width == 0 || height == 0 { (width, height) = codedSides(of: track) }
        let isTurned = isQuarterTurn(header, at: isLong ? 52 : 40) != isMovieTurned
        return isTurned ? (height, width) : (width, height)
    }

    private var isMovieTurned: Bool {
        guard let header else { return false }
        return isQuarterTurn(header, at: header.number(at: 0, length: 1, in: bytes) == 1 ? 48 : 36)
    }

    /// Whether a matrix turns the picture by 90° or 270°, mirrored or not: `a` and `d` are 0, `b` and `c` are not.
    private func isQuarterTurn(_ header: ISOBox, at place: Int64) -> Bool {
        func element(_ index: Int64) -> UInt64? { header.number(at: place + 4 * index, length: 4, in: bytes) }
        guard let b = element(1), let c = element(3) else { return false }
        return element(0) == 0 && element(4) == 0 && b != 0 && c != 0
    }

    /// Those of the first sample description (`stsd`).
    private func codedSides(of track: ISOBox) -> (UInt64?, UInt64?) {
        let table = ["mdia", "minf", "stbl", "stsd"].reduce(track as ISOBox?) { $0?.child($1, in: bytes) }
        return (table?.number(at: 40, length: 2, in: bytes), table?.number(at: 42, length: 2, in: bytes))
    }
}
