@testable import Pipeline

/// One file, and what is measured of it.
struct MeasureRow: Sendable, CustomStringConvertible {
    let name: String
    let bytes: [UInt8]
    let measure: MediaMeasure

    var description: String { "\(name): \(measure.words)" }

    init(_ name: String, _ bytes: [UInt8], _ width: Int64? = nil, _ height: Int64? = nil, _ milliseconds: Int64? = nil)
    {
        self.name = name
        self.bytes = bytes
        measure = MediaMeasure(width: width, height: height, duration: milliseconds.map { .milliseconds($0) })
    }
}

extension MeasureRow {
    private typealias Bytes = MediaBytes

    static let all = images + heifs + movies + fragmented + otherVideos

    private static let images: [MeasureRow] = [
        MeasureRow("baseline.jpg", Bytes.jpeg(frame: 0xC0, sides: (4000, 3000)), 4000, 3000),
        MeasureRow("progressive.jpg", Bytes.jpeg(frame: 0xC2, sides: (1, 65_535)), 1, 65_535),
        // The picture in the Exif data has sides of its own.
        MeasureRow(
            "preview.jpg",
            Bytes.jpeg(Bytes.segment(0xE1, Bytes.jpeg(sides: (160, 120))), sides: (640, 480)),
            640,
            480
        ),
        // Any marker may have fill bytes before it.
        MeasureRow(
            "filled.jpg",
            Bytes.jpeg(Bytes.segment(0xE1, Bytes.noise(4)) + [UInt8](repeating: 0xFF, count: 150), sides: (640, 480)),
            640,
            480
        ),
        MeasureRow("break before filling.jpg", Bytes.jpeg([1, 0xFF, 0xFF], sides: (640, 480))),
        MeasureRow("filling that ends.jpg", Bytes.jpeg([0xFF, 0xFF, 0, 0xFF], sides: (640, 480))),
        MeasureRow("height later.jpg", Bytes.jpeg(sides: (640, 0))),
        MeasureRow("two frames.jpg", Bytes.jpeg(Bytes.frame(0xC0, (160, 120)), sides: (640, 480))),
        // Two bytes too many before the next marker: what follows may be the preview's.
        MeasureRow("broken chain.jpg", Bytes.jpeg(Bytes.segment(0xE1, Bytes.noise(4)) + [1, 1], sides: (640, 480))),
        MeasureRow("unfinished.jpg", Bytes.jpeg(scan: [0x3F], sides: (640, 480))),
        MeasureRow("plain.png", Bytes.png(sides: (1920, 1080)), 1920, 1080),
        MeasureRow("huge.png", Bytes.png(sides: (0x7FFF_FFFF, 1)), 0x7FFF_FFFF, 1),
        MeasureRow("beyond.png", Bytes.png(sides: (0x8000_0000, 1))),
        MeasureRow("nought.png", Bytes.png(sides: (0, 1080))),
        MeasureRow(
            "still.gif",
            Bytes.ascii("GIF89a") + Bytes.little(500, 2) + Bytes.little(281, 2) + [0, 0, 0, 0x3B],
            500,
            281
        ),
        MeasureRow("cut.gif", Bytes.ascii("GIF89a") + Bytes.little(500, 2)),
        MeasureRow(
            "lossy.webp",
            Bytes.webP("VP8 ", [0, 0, 0, 0x9D, 1, 0x2A] + Bytes.little(0x4000 | 800, 2) + Bytes.little(600, 2)),
            800,
            600
        ),
        MeasureRow("delta.webp", Bytes.webP("VP8 ", Bytes.zeros(6) + Bytes.little(800, 2) + Bytes.little(600, 2))),
        MeasureRow("lossless.webp", Bytes.webP("VP8L", [0x2F] + Bytes.little(799 | 599 << 14 | 1 << 28, 4)), 800, 600),
        MeasureRow(
            "extended.webp",
            Bytes.webP("VP8X", Bytes.zeros(4) + Bytes.little(16_383, 3) + Bytes.little(9_999, 3)),
            16_384,
            10_000
        ),
        MeasureRow("odd.webp", Bytes.webP("JUNK", Bytes.zeros(10))),
    ]

    private static let heifs: [MeasureRow] = [
        MeasureRow("one.heic", Bytes.heif(primary: 1, sizes: [(4032, 3024)], items: [(1, [1])]), 4032, 3024),
        // The tiles come first, and the second property is no size.
        MeasureRow(
            "tiles.heic",
            Bytes.heif(
                primary: 49,
                sizes: [(512, 512), nil, (4032, 3024)],
                items: [(1, [1]), (2, [1, 2]), (49, [2, 3])]
            ),
            4032,
            3024
        ),
        MeasureRow(
            "long ids.heic",
            Bytes.heif(primary: 70_000, sizes: [(8, 9), (300, 200)], items: [(3, [1]), (70_000, [2])], isLong: true),
            300,
            200
        ),
        MeasureRow("no size.heic", Bytes.heif(primary: 1, sizes: [(4032, 3024)], items: [(2, [1])])),
        MeasureRow("no primary.heic", Bytes.heif(primary: nil, sizes: [(4032, 3024)], items: [(1, [1])])),
        MeasureRow("nought.heic", Bytes.heif(primary: 1, sizes: [(4032, 0)], items: [(1, [1])])),
        MeasureRow("overflow.heic", Bytes.heif(primary: 1, sizes: [(0xFFFF_FFFF, 0xFFFF_FFFF)], items: [(1, [1])])),
        MeasureRow("picture.avif", Bytes.heif("avif", primary: 1, sizes: [(640, 360)], items: [(1, [1])]), 640, 360),
    ]

    private static let movies: [MeasureRow] = [
        MeasureRow(
            "plain.mp4",
            Bytes.movieFile(.init(sides: (1920, 1080), units: 42_500, scale: 1000)),
            1920,
            1080,
            42_500
        ),
        MeasureRow(
            "long fields.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: 90_000 * 7200, scale: 90_000, isLong: true)),
            64,
            48,
            7_200_000
        ),
        MeasureRow(
            "turned.mov",
            Bytes.movieFile(.init(sides: (1920, 1080), units: 600, scale: 600, turn: .quarter)),
            1080,
            1920,
            1000
        ),
        MeasureRow(
            "turned back.mov",
            Bytes.movieFile(.init(sides: (1920, 1080), units: 600, scale: 600, turn: .quarter, movieTurn: .quarter)),
            1920,
            1080,
            1000
        ),
        MeasureRow(
            "upside down.mov",
            Bytes.movieFile(.init(sides: (1920, 1080), units: 600, scale: 600, turn: .half)),
            1920,
            1080,
            1000
        ),
        // A chapter's pictures are a video track that is switched off.
        MeasureRow(
            "chapters.mov",
            Bytes.movieFile(.init(sides: (160, 120), units: 600, scale: 600, isOn: false), .init(sides: (640, 480))),
            640,
            480,
            1000
        ),
        MeasureRow(
            "switched off.mov",
            Bytes.movieFile(.init(sides: (160, 120), units: 600, scale: 600, isOn: false)),
            160,
            120,
            1000
        ),
        MeasureRow(
            "muxed.mov",
            Bytes.movieFile(.init(sides: (720, 576), units: 600, scale: 600, handler: "MPEG")),
            720,
            576,
            1000
        ),
        MeasureRow(
            "coded size alone.mp4",
            Bytes.movieFile(.init(sides: (0, 0), coded: (720, 576), units: 600, scale: 600)),
            720,
            576,
            1000
        ),
        MeasureRow("no size.mp4", Bytes.movieFile(.init(sides: (0, 0), units: 600, scale: 600)), nil, nil, 1000),
        MeasureRow("no duration.mp4", Bytes.movieFile(.init(sides: (64, 48), units: 0, scale: 600)), 64, 48),
        MeasureRow("no scale.mp4", Bytes.movieFile(.init(sides: (64, 48), units: 600, scale: 0)), 64, 48),
        MeasureRow(
            "said to be unknown.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: 0xFFFF_FFFF, scale: 600)),
            64,
            48
        ),
        MeasureRow(
            "overflow.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: .max - 1, scale: 1, isLong: true)),
            64,
            48
        ),
        MeasureRow("half a millisecond.mp4", Bytes.movieFile(.init(sides: (64, 48), units: 3, scale: 2000)), 64, 48, 2),
        MeasureRow(
            "short header.mp4",
            Bytes.mp4 + Bytes.box("moov", Bytes.box("mvhd", Bytes.zeros(8)) + Bytes.track("vide"))
        ),
    ]

    private static let fragmented: [MeasureRow] = [
        MeasureRow(
            "summed.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: 0, scale: 600), fragments: .some(1200)),
            64,
            48,
            2000
        ),
        MeasureRow(
            "not summed.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: 600, scale: 600), fragments: .some(nil)),
            64,
            48
        ),
        MeasureRow(
            "nothing in fragments.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: 600, scale: 600), fragments: .some(nil), hasFragment: false),
            64,
            48
        ),
        // More fragments than a look may read.
        MeasureRow(
            "long.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: 600, scale: 600), fragments: .some(1200))
                + Array([[UInt8]](repeating: Bytes.fragment(1000), count: 4200).joined()),
            64,
            48,
            2000
        ),
        MeasureRow("fragments of many tracks.mp4", Bytes.manyTracks(fragments: .some(1200)), 64, 48, 2000),
        MeasureRow("many tracks, not summed.mp4", Bytes.manyTracks(fragments: .some(nil)), 64, 48),
        MeasureRow("many tracks.mp4", Bytes.manyTracks(fragments: nil), 64, 48, 1000),
        MeasureRow(
            "fragments that no index announces.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: 600, scale: 600)) + Bytes.fragment(),
            64,
            48
        ),
        MeasureRow(
            "thirty days.mp4",
            Bytes.movieFile(.init(sides: (64, 48), units: 2_592_000, scale: 1)),
            64,
            48,
            2_592_000_000
        ),
        MeasureRow("longer.mp4", Bytes.movieFile(.init(sides: (64, 48), units: 2_592_001, scale: 1)), 64, 48),
    ]

    private static let otherVideos: [MeasureRow] = [
        MeasureRow("plain.webm", Bytes.webmFile(duration: Bytes.double(42_500.4)), 640, 360, 42_500),
        MeasureRow("short number.webm", Bytes.webmFile(duration: Bytes.float(2500)), 640, 360, 2500),
        MeasureRow("own scale.webm", Bytes.webmFile(duration: Bytes.double(2500), scale: 2_000_000), 640, 360, 5000),
        MeasureRow("info last.webm", Bytes.webmFile(duration: Bytes.double(2500), isInfoLast: true), 640, 360, 2500),
        MeasureRow("live.webm", Bytes.webmFile(duration: nil), 640, 360),
        MeasureRow("no number.webm", Bytes.webmFile(duration: Bytes.double(.nan)), 640, 360),
        MeasureRow("endless.webm", Bytes.webmFile(duration: Bytes.double(.infinity)), 640, 360),
        MeasureRow("negative.webm", Bytes.webmFile(duration: Bytes.double(-5)), 640, 360),
        MeasureRow("too long.webm", Bytes.webmFile(duration: Bytes.double(1e300)), 640, 360),
        MeasureRow("longer than 30 days.webm", Bytes.webmFile(duration: Bytes.double(2_592_000_001)), 640, 360),
        MeasureRow("clip.mkv", Bytes.webmFile("matroska", duration: Bytes.double(2500)), 640, 360, 2500),
        MeasureRow("plain.avi", Bytes.aviFile(sides: (320, 240), frames: 50, frame: 40_000), 320, 240, 2000),
        MeasureRow(
            "by its stream.avi",
            Bytes.aviFile(sides: (320, 240), frames: 50, frame: 40_000, stream: (1001, 30_000, 90)),
            320,
            240,
            3003
        ),
        // What a program leaves that writes to a pipe.
        MeasureRow(
            "of a pipe.avi",
            Bytes.aviFile(sides: (320, 240), frames: 0, frame: 40_000, stream: (1, 25, 0x4000_0000)),
            320,
            240
        ),
        MeasureRow(
            "stream not filled in.avi",
            Bytes.aviFile(sides: (320, 240), frames: 50, frame: 40_000, stream: (1, 25, 0x4000_0000)),
            320,
            240,
            2000
        ),
        MeasureRow(
            "more frames than bytes.avi",
            Bytes.aviFile(sides: (320, 240), frames: 500_000, frame: 40_000, stream: (1, 25, 500_000)),
            320,
            240
        ),
        MeasureRow(
            "first of several parts.avi",
            Bytes.aviFile(sides: (320, 240), frames: 50, frame: 40_000, hasParts: true),
            320,
            240
        ),
        MeasureRow(
            "all of several parts.avi",
            Bytes.aviFile(sides: (320, 240), frames: 50, frame: 40_000, stream: (1, 25, 75), hasParts: true),
            320,
            240,
            3000
        ),
        MeasureRow("stopped.avi", Bytes.aviFile(sides: (320, 240), frames: 0, frame: 40_000), 320, 240),
        MeasureRow("report.pdf", Bytes.ascii("%PDF-1.4\n1 0 obj\n")),
    ]
}
