import Pipeline

/// Files that are not finished, and files that only look so.
extension CorpusRow {
    private typealias Bytes = MediaBytes

    static let frames = videos + sounds + pictures + rawPhotos + odd

    private static let videos: [CorpusRow] = [
        .taken(
            "whole.mp4",
            Bytes.mp4 + Bytes.movie("vide", "soun") + Bytes.box("mdat", Bytes.noise(900)),
            .mp4,
            .video
        ),
        .taken(
            "index last.mp4",
            Bytes.mp4 + Bytes.box("mdat", Bytes.noise(70_000)) + Bytes.movie("soun", "vide", table: 50_000),
            .mp4,
            .video
        ),
        .taken(
            "to the end.mp4",
            Bytes.mp4 + Bytes.movie("vide") + Bytes.openBox("mdat", Bytes.noise(90)),
            .mp4,
            .video
        ),
        .taken("long size.mp4", Bytes.mp4 + Bytes.longBox("mdat", Bytes.noise(90)) + Bytes.movie("vide"), .mp4, .video),
        .taken(
            "fragments.mp4",
            Bytes.mp4 + Bytes.movie("vide", more: Bytes.box("mvex", Bytes.zeros(40))) + Bytes.fragment()
                + Bytes.fragment(),
            .mp4,
            .video
        ),
        .taken(
            "compressed.mov",
            Bytes.quickTime + Bytes.box("moov", Bytes.box("cmov", Bytes.noise(80))),
            .quickTime,
            .video
        ),
        .taken(
            "pictures in another file.mov",
            Bytes.quickTime + Bytes.index(chunks: [9000], isHere: false),
            .quickTime,
            .video
        ),
        .taken("no chunk.mp4", Bytes.mp4 + Bytes.index(chunks: []), .mp4, .video),
        // A chunk of no length may begin at the end.
        .taken(
            "chunk at the end.mp4",
            Bytes.mp4 + Bytes.index(chunks: [30, UInt64(Bytes.mp4.count + Bytes.index(chunks: [1, 1]).count)]),
            .mp4,
            .video
        ),
        .unfinished(
            "cut between boxes.mp4",
            Bytes.mp4 + Bytes.index(chunks: [9, 9000]),
            .mp4,
            .video,
            "tells of pictures or sound beyond the end"
        ),
        .unfinished(
            "cut before the second of two.mp4",
            Bytes.mp4 + Bytes.index(chunks: [0, 1 << 33], isLong: true) + Bytes.box("mdat", Bytes.noise(90)),
            .mp4,
            .video,
            "tells of pictures or sound beyond the end"
        ),
        .unfinished(
            "sound cut between boxes.mp4",
            Bytes.mp4 + Bytes.index(chunks: [9, 9000], handler: "soun", more: Bytes.track("vide")),
            .mp4,
            .video,
            "tells of pictures or sound beyond the end"
        ),
        .unfinished(
            "camera of a brand that nobody knows, cut between boxes.mp4",
            Bytes.box("ftyp", Bytes.ascii("zzzz\0\0\0\0")) + Bytes.index(chunks: [9, 9000]),
            .mp4,
            .video,
            "tells of pictures or sound beyond the end"
        ),
        // What players do without says nothing of the end.
        .taken(
            "data of a camera beyond the end.mp4",
            Bytes.mp4 + Bytes.index(chunks: [9, 9000], handler: "meta", more: Bytes.track("vide")),
            .mp4,
            .video
        ),
        .taken("switched off beyond the end.mp4", Bytes.mp4 + Bytes.index(chunks: [9000], isOn: false), .mp4, .video),
        .taken("muxed.mov", Bytes.quickTime + Bytes.movie("MPEG"), .quickTime, .video),
        .taken("junk behind.mp4", Bytes.mp4 + Bytes.movie("vide") + [0, 0, 0, 0, 0, 0, 0, 0, 7], .mp4, .video),
        .unfinished(
            "no index.mp4",
            Bytes.mp4 + Bytes.openBox("mdat", Bytes.noise(900)),
            .mp4,
            .video,
            "MP4 video is not finished: it has no index (moov)"
        ),
        .unfinished(
            "rendering.mov",
            Bytes.quickTime + Bytes.box("wide", []) + Bytes.box("mdat", Bytes.noise(90)),
            .quickTime,
            .video,
            "no index (moov)"
        ),
        .unfinished(
            "cut copy.mp4",
            Array((Bytes.mp4 + Bytes.movie("vide") + Bytes.box("mdat", Bytes.noise(900))).dropLast(1)),
            .mp4,
            .video,
            "its box 'mdat' ends beyond the end of the file"
        ),
        .unfinished(
            "cut in its index.mp4",
            Array((Bytes.mp4 + Bytes.box("mdat", Bytes.noise(90)) + Bytes.movie("vide")).dropLast(40)),
            .mp4,
            .video,
            "its box 'moov' ends beyond"
        ),
        .unfinished(
            "long size cut.mp4",
            Array((Bytes.mp4 + Bytes.movie("vide") + Bytes.longBox("mdat", Bytes.noise(90))).dropLast(1)),
            .mp4,
            .video,
            "its box 'mdat' ends beyond"
        ),
        .unfinished(
            "last fragment.mp4",
            Array((Bytes.mp4 + Bytes.movie("vide") + Bytes.fragment() + Bytes.fragment()).dropLast(20)),
            .mp4,
            .video,
            "its box 'mdat' ends beyond"
        ),
        .unfinished(
            "fragment's head.mp4",
            Bytes.mp4 + Bytes.movie("vide") + Bytes.fragment() + Bytes.fragment().prefix(30),
            .mp4,
            .video,
            "its box 'moof' ends beyond"
        ),
        .unfinished(
            "hole.mp4",
            Bytes.mp4 + Bytes.box("moov", Bytes.zeros(400)) + Bytes.box("mdat", Bytes.zeros(90)),
            .mp4,
            .video,
            "its index (moov) is not filled in"
        ),
        .unfinished(
            "no index.avi",
            Bytes.riff("AVI ", Bytes.riffChunk("LIST", Bytes.ascii("hdrl"))),
            .avi,
            .video,
            "movi"
        ),
        .taken(
            "wrong size.avi",
            Bytes.riff(
                "AVI ",
                Bytes.riffChunk("LIST", Bytes.ascii("hdrl!")) + Bytes.riffChunk("LIST", Bytes.ascii("movi")),
                more: 9000
            ),
            .avi,
            .video
        ),
        .unfinished("header.webm", Bytes.webmHeader, .webm, .video, "it ends behind its header"),
        .unfinished("no tracks.webm", Bytes.webmHeader + Bytes.segment([]), .webm, .video, "no list of tracks"),
        .unfinished(
            "cut in its tracks.webm",
            Array(Bytes.webm(1, 2).dropLast(3)),
            .webm,
            .video,
            "within its list of tracks"
        ),
        .taken("sound first.webm", Bytes.webm(2, 1, behind: Bytes.element([0xEC], Bytes.zeros(90))), .webm, .video),
        .taken(
            "tracks far away.webm",
            Bytes.webm(
                1,
                before: Bytes.seekHead(tracksAt: 26 + 80_005) + [0xEC, 0x10] + [0x01, 0x38, 0x80] + Bytes.zeros(80_000)
            ),
            .webm,
            .video
        ),
    ]

    /// A live stream's cluster has no size, so only the seek head leads on.
    private static let openCluster = [0x1F, 0x43, 0xB6, 0x75, 0x01] + [UInt8](repeating: 0xFF, count: 7)
    private static let seek = Bytes.seekHead(tracksAt: 38) + openCluster

    private static let sounds: [CorpusRow] = [
        .taken("sought.webm", Bytes.webm(1, before: seek), .webm, .video),
        .rejected("sought memo.webm", Bytes.webm(2, before: seek), "audio/webm", "a WebM sound without a picture"),
        .unfinished(
            "cut before its tracks.webm",
            Array(Bytes.webm(1, before: seek).dropLast(19)),
            .webm,
            .video,
            "no list of tracks"
        ),
        .rejected("memo.m4a", Bytes.mp4 + Bytes.movie("soun"), "audio/mp4", "an MP4 sound without a picture"),
        .rejected("memo.mov", Bytes.quickTime + Bytes.movie("soun"), "audio/quicktime", "a QuickTime sound without"),
        .rejected("memo.webm", Bytes.webm(2), "audio/webm", "a WebM sound without a picture"),
        .rejected("subtitles.mp4", Bytes.mp4 + Bytes.movie("text"), "application/mp4", "an MP4 without a video track"),
        .rejected("none.mp4", Bytes.mp4 + Bytes.movie(), "application/mp4", "an MP4 without a video track"),
    ]

    private static let preview = Bytes.segment(0xE1, Bytes.ascii("Exif\0\0") + Bytes.jpeg())

    private static let pictures: [CorpusRow] = [
        .taken("plain.jpg", Bytes.jpeg(), .jpeg, .image),
        .taken("preview.jpg", Bytes.jpeg(preview), .jpeg, .image),
        .taken(
            "progressive.jpg",
            Bytes.jpeg(frame: 0xC2, scan: [1, 0xFF, 0, 2, 0xFF, 0xD0, 3, 0xFF, 0xD9]),
            .jpeg,
            .image
        ),
        .taken("filled.jpg", Bytes.jpeg([0xFF, 0xFF]), .jpeg, .image),
        .taken("broken chain.jpg", Bytes.jpeg([0xFF, 0xE0, 0, 0] + Bytes.ascii("JFIF")), .jpeg, .image),
        .taken("motion.jpg", Bytes.jpeg() + Bytes.mp4 + Bytes.box("mdat", Bytes.noise(700_000)), .jpeg, .image),
        .unfinished("cut.jpg", Bytes.jpeg(scan: Bytes.noise(4000)), .jpeg, .image, "JPEG image is not finished"),
        .unfinished(
            "cut behind its preview.jpg",
            Bytes.jpeg(preview, scan: Bytes.noise(100_000)),
            .jpeg,
            .image,
            "its picture has no end"
        ),
        .unfinished("no scan.jpg", Array(Bytes.jpeg().prefix(80)), .jpeg, .image, "it has no picture data"),
        .unfinished("zeros behind.jpg", Bytes.jpeg(scan: Bytes.zeros(9000)), .jpeg, .image, "its picture has no end"),
        .rejected("ls.jpg", [0xFF, 0xD8] + Bytes.segment(0xF7, Bytes.zeros(9)), "image/jls", "a JPEG-LS image"),
        .rejected("lossless.jpg", Bytes.jpeg(frame: 0xC3), "image/x-lossless-jpeg", "a lossless JPEG image"),
        .taken("whole.png", Bytes.png(Bytes.chunk("IDAT", Bytes.noise(99)), Bytes.chunk("IEND")), .png, .image),
        .taken("behind.png", Bytes.png(Bytes.chunk("IEND")) + Bytes.noise(9000), .png, .image),
        .taken(
            "many chunks.png",
            Bytes.png((0..<4000).flatMap { _ in Bytes.chunk("IDAT", [1]) }, Bytes.chunk("IEND")),
            .png,
            .image
        ),
        .unfinished(
            "cut.png",
            Bytes.png(Bytes.chunk("IDAT", Bytes.noise(99))),
            .png,
            .image,
            "PNG image is not finished"
        ),
        .unfinished("zeros.png", Bytes.png() + Bytes.zeros(4000), .png, .image, "IEND"),
        .unfinished(
            "many chunks cut.png",
            Bytes.png((0..<4000).flatMap { _ in Bytes.chunk("IDAT", [1]) }),
            .png,
            .image,
            "IEND"
        ),
        .rejected(
            "app.png",
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Bytes.chunk("CgBI", [0, 0, 0, 1]) + Bytes.chunk("IEND"),
            "image/x-apple-png",
            "a PNG of Apple's own kind"
        ),
        .taken("whole.webp", Bytes.riff("WEBP", Bytes.riffChunk("VP8L", Bytes.noise(40))), .webp, .image),
        .taken("longer.webp", Bytes.riff("WEBP", Bytes.riffChunk("VP8L", Bytes.noise(40))) + [1, 2], .webp, .image),
        .unfinished(
            "cut.webp",
            Bytes.riff("WEBP", Bytes.riffChunk("VP8 ", [1, 2]), more: 1),
            .webp,
            .image,
            "header says"
        ),
        .taken("whole.heic", Bytes.heic + Bytes.box("mdat", Bytes.noise(90)), .heic, .image),
        .unfinished(
            "cut.heic",
            Array((Bytes.heic + Bytes.box("mdat", Bytes.noise(90))).dropLast(1)),
            .heic,
            .image,
            "HEIC image is not finished"
        ),
        .unfinished("empty.heic", Bytes.box("ftyp", Bytes.ascii("heic\0\0\0\0heic")), .heic, .image, "no index (meta)"),
        .unfinishedOfNoType("zeros.jpg", Bytes.zeros(100_000), "only zeros"),
        .unfinishedOfNoType("few zeros.mp4", Bytes.zeros(4096), "only zeros"),
        .unknown("not only zeros.jpg", Bytes.zeros(50_000) + [1]),
    ]

    private static let rawPhotos: [CorpusRow] = [
        .rejected("a.dng", Bytes.tiff([(262, 2), (50706, 4)]), "image/x-adobe-dng", "a raw photo (DNG)"),
        .rejected(
            "a.nef",
            Bytes.tiff([(262, 2)], maker: "NIKON CORPORATION", below: [(259, 34713), (262, 32803)]),
            "image/x-nikon-nef",
            "a Nikon raw photo"
        ),
        .rejected("a.arw", Bytes.tiff([(259, 32767)], maker: "SONY"), "image/x-sony-arw", "a Sony raw photo"),
        .rejected("a.pef", Bytes.tiff([(259, 65535)], maker: "PENTAX"), "image/x-pentax-pef", "a Pentax raw photo"),
        .rejected("a.3fr", Bytes.tiff([(262, 32803)], maker: "Hasselblad"), "image/x-dcraw", "a raw photo"),
        .rejected("a.iiq", Bytes.ascii("II*\0IIIIIIII"), "image/x-phaseone-iiq", "a Phase One raw photo"),
        .rejected("scan.tif", Bytes.tiff([(259, 1), (262, 2)], maker: "NIKON"), "image/tiff", "a TIFF image"),
    ]

    private static let odd: [CorpusRow] = [
        .taken("free first.mp4", Bytes.box("free", [1]) + Bytes.mp4 + Bytes.movie("vide"), .mp4, .video),
        .taken("far.mp4", Bytes.box("uuid", Bytes.zeros(9000)) + Bytes.mp4 + Bytes.movie("vide"), .mp4, .video),
        .taken("free first.mov", Bytes.box("skip", []) + Bytes.movie("vide"), .quickTime, .video),
        .taken("camera.mp4", Bytes.iso("XFVC", "XFVC"), .mp4, .video),
        .unfinished(
            "camera cut.mp4",
            Array((Bytes.iso("XFVC") + Bytes.box("mdat", Bytes.noise(90))).dropLast(5)),
            .mp4,
            .video,
            "MP4 video is not finished"
        ),
        .unfinishedOfNoType(
            "camera died.mp4",
            Bytes.box("ftyp", Bytes.ascii("XFVC\0\0\0\0")) + Bytes.openBox("mdat", Bytes.noise(90)),
            "no index (moov)"
        ),
        .rejected(
            "microphone.mp4",
            Bytes.box("ftyp", Bytes.ascii("XFVC\0\0\0\0")) + Bytes.movie("soun"),
            "audio/mp4",
            "an MP4 sound without a picture"
        ),
    ]
}
