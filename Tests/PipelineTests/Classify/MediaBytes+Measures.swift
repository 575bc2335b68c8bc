@testable import Pipeline

/// Files whose headers tell sides and durations.
extension MediaBytes {
    typealias Sides = (UInt64, UInt64)

    static func little(_ number: UInt64, _ length: Int) -> [UInt8] { littleEndian(number, length) }

    // MARK: Pictures

    static func frame(_ marker: UInt8, _ sides: Sides) -> [UInt8] {
        segment(marker, [8] + bigEndian(sides.1, 2) + bigEndian(sides.0, 2) + [1, 1, 0x11, 0])
    }

    static func jpeg(
        _ segments: [UInt8] = [],
        frame marker: UInt8 = 0xC0,
        scan: [UInt8] = [0x3F, 0xFF, 0xD9],
        sides: Sides
    ) -> [UInt8] {
        [0xFF, 0xD8] + segments + segment(0xDB, zeros(65)) + frame(marker, sides)
            + segment(0xDA, [1, 1, 0, 0, 0x3F, 0]) + scan
    }

    static func png(sides: Sides) -> [UInt8] {
        let header = bigEndian(sides.0, 4) + bigEndian(sides.1, 4) + [8, 2, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunk("IDAT", noise(9))
            + chunk("IEND")
    }

    static func webP(_ type: String, _ body: [UInt8]) -> [UInt8] { riff("WEBP", riffChunk(type, body)) }

    /// A HEIF file. `sizes` are its properties, of which nil is no size. `items` have their places, from 1 on.
    static func heif(
        _ brand: String = "heic",
        primary: UInt64?,
        sizes: [Sides?],
        items: [(id: UInt64, places: [UInt64])],
        isLong: Bool = false
    ) -> [UInt8] {
        let version: [UInt8] = [isLong ? 1 : 0, 0, 0, isLong ? 1 : 0]
        let idLength = isLong ? 4 : 2
        let properties = sizes.flatMap { size in
            size.map { box("ispe", zeros(4) + bigEndian($0.0, 4) + bigEndian($0.1, 4)) } ?? box("hvcC", noise(30))
        }
        let associations = items.flatMap { item in
            bigEndian(item.id, idLength) + [UInt8(item.places.count)]
                + item.places.flatMap { isLong ? bigEndian(0x8000 | $0, 2) : [0x80 | UInt8($0)] }
        }
        let table = box("ipma", version + bigEndian(UInt64(items.count), 4) + associations)
        let chosen = primary.map { box("pitm", [version[0], 0, 0, 0] + bigEndian($0, idLength)) } ?? []
        let meta =
            box("hdlr", zeros(4) + ascii("\0\0\0\0pict") + zeros(13)) + chosen
            + box("iprp", box("ipco", properties) + table)
        return box("ftyp", ascii("\(brand)\0\0\0\0mif1\(brand)")) + box("meta", zeros(4) + meta)
            + box("mdat", noise(80))
    }

    // MARK: Videos

    enum Turn {
        case none, quarter, half
    }

    /// A video track, and what the header of its movie says.
    struct Track {
        var sides: Sides
        var coded: Sides = (0, 0)
        var units: UInt64 = 0
        var scale: UInt64 = 0
        var isLong = false
        var turn = Turn.none
        var movieTurn = Turn.none
        var isOn = true
        var handler = "vide"
    }

    /// A file of these tracks; the first one tells of the movie. `fragments`: that it goes on in fragments, and their
    /// sum.
    static func movieFile(_ tracks: Track..., fragments: UInt64?? = nil, hasFragment: Bool = true) -> [UInt8] {
        movieFile(of: tracks, fragments: fragments, hasFragment: hasFragment)
    }

    /// A file of more tracks than are looked at, before what tells of fragments.
    static func manyTracks(fragments: UInt64??) -> [UInt8] {
        let first = Track(sides: (64, 48), units: 600, scale: 600)
        return movieFile(of: [Track](repeating: first, count: 70), fragments: fragments, hasFragment: true)
    }

    private static func movieFile(of tracks: [Track], fragments: UInt64??, hasFragment: Bool) -> [UInt8] {
        let first = tracks[0]
        let times = bigEndian(0, first.isLong ? 16 : 8)
        let header =
            [first.isLong ? 1 : 0, 0, 0, 0] + times + bigEndian(first.scale, 4)
            + bigEndian(first.units, first.isLong ? 8 : 4) + zeros(16) + matrix(first.movieTurn) + zeros(28)
        var content = box("mvhd", header) + tracks.flatMap(track)
        if let fragments {
            content += box(
                "mvex",
                (fragments.map { box("mehd", zeros(4) + bigEndian($0, 4)) } ?? []) + box("trex", zeros(24))
            )
        }
        return mp4 + box("moov", content) + (fragments != nil && hasFragment ? fragment() : box("mdat", noise(90)))
    }

    private static func track(_ track: Track) -> [UInt8] {
        let times = zeros(track.isLong ? 32 : 20)
        let header =
            [track.isLong ? 1 : 0, 0, 0, track.isOn ? 3 : 2] + times + zeros(16) + matrix(track.turn)
            + bigEndian(track.sides.0 << 16, 4) + bigEndian(track.sides.1 << 16, 4)
        let entry = box("avc1", zeros(24) + bigEndian(track.coded.0, 2) + bigEndian(track.coded.1, 2) + zeros(50))
        let table = box("minf", box("stbl", box("stsd", zeros(4) + bigEndian(1, 4) + entry)))
        let handler = box("hdlr", zeros(8) + ascii(track.handler) + zeros(13))
        return box("trak", box("tkhd", header) + box("mdia", box("mdhd", zeros(24)) + handler + table))
    }

    private static func matrix(_ turn: Turn) -> [UInt8] {
        let one = bigEndian(0x1_0000, 4), minus = bigEndian(0xFFFF_0000, 4), none = zeros(4)
        let rows =
            switch turn {
            case .none: [one, none, none, none, one, none]
            case .quarter: [none, one, none, minus, none, none]
            case .half: [minus, none, none, none, minus, none]
            }
        return rows.flatMap(\.self) + zeros(8) + bigEndian(0x4000_0000, 4)
    }

    static func double(_ number: Double) -> [UInt8] { bigEndian(number.bitPattern, 8) }

    static func float(_ number: Float) -> [UInt8] { bigEndian(UInt64(number.bitPattern), 4) }

    static func webmFile(
        _ type: String = "webm",
        duration: [UInt8]?,
        scale: UInt64? = nil,
        isInfoLast: Bool = false
    ) -> [UInt8] {
        let info = element(
            [0x15, 0x49, 0xA9, 0x66],
            (scale.map { element([0x2A, 0xD7, 0xB1], bigEndian($0, 4)) } ?? [])
                + (duration.map { element([0x44, 0x89], $0) } ?? [])
        )
        let sound = element([0xAE], element([0x83], [2]))
        let picture = element([0xB0], bigEndian(640, 2)) + element([0xBA], bigEndian(360, 2))
        let tracks = element(
            [0x16, 0x54, 0xAE, 0x6B],
            sound + element([0xAE], element([0x83], [1]) + element([0xE0], picture))
        )
        let header = element([0x1A, 0x45, 0xDF, 0xA3], documentType(type))
        return header + segment(isInfoLast ? tracks + info : info + tracks)
    }

    /// `stream`: scale, rate and length of the video stream. `hasParts`: a list says that the file has more than one.
    static func aviFile(
        sides: Sides,
        frames: UInt64,
        frame: UInt64,
        stream: (UInt64, UInt64, UInt64)? = nil,
        hasParts: Bool = false
    ) -> [UInt8] {
        func numbers(_ values: UInt64...) -> [UInt8] { values.flatMap { littleEndian($0, 4) } }
        let main = riffChunk("avih", numbers(frame, 0, 0, 0, frames, 0, 1, 0, sides.0, sides.1, 0, 0, 0, 0))
        func header(_ type: String, _ scale: UInt64, _ rate: UInt64, _ length: UInt64) -> [UInt8] {
            riffChunk("strh", ascii("\(type)\0\0\0\0") + numbers(0, 0, 0, scale, rate, 0, length, 0, 0, 0))
        }
        func list(_ name: String, _ chunks: [UInt8]) -> [UInt8] { riffChunk("LIST", ascii(name) + chunks) }
        let sound = list("strl", header("auds", 1, 44_100, 7))
        let (scale, rate, length) = stream ?? (0, 0, 0)
        let video = list("strl", header("vids", scale, rate, length))
        let parts = hasParts ? list("odml", riffChunk("dmlh", numbers(75))) : []
        return riff("AVI ", list("hdrl", main + sound + video + parts) + list("movi", noise(800)))
    }
}
