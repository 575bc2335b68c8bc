import Pipeline
import Sandbox
import Testing

/// One file of the corpus and what becomes of it.
struct CorpusRow: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let mime: String
    /// nil for what is rejected whatever the provider.
    let kind: MediaKind?
    /// What a person is told that a rejected file is; nothing where it is taken.
    let words: String
    /// The name that a provider is told.
    let uploadName: String
    /// A part of what a person is told of a file that is not finished. Nil for a whole file.
    var fault: String?

    var testDescription: String { "\(name) is \(mime)" }
}

extension CorpusRow {
    static func taken(_ name: String, _ bytes: [UInt8], _ mime: MIMEType, _ kind: MediaKind, as upload: String? = nil)
        -> Self
    {
        CorpusRow(name: name, bytes: bytes, mime: mime.rawValue, kind: kind, words: "", uploadName: upload ?? name)
    }

    static func rejected(_ name: String, _ bytes: [UInt8], _ mime: String, _ words: String) -> Self {
        CorpusRow(name: name, bytes: bytes, mime: mime, kind: nil, words: words, uploadName: name)
    }

    static func unfinished(
        _ name: String,
        _ bytes: [UInt8],
        _ mime: MIMEType,
        _ kind: MediaKind,
        _ fault: String
    ) -> Self {
        CorpusRow(
            name: name,
            bytes: bytes,
            mime: mime.rawValue,
            kind: kind,
            words: "",
            uploadName: name,
            fault: fault
        )
    }

    /// A file that is not finished, so that nobody can tell its type.
    static func unfinishedOfNoType(_ name: String, _ bytes: [UInt8], _ fault: String) -> Self {
        CorpusRow(
            name: name,
            bytes: bytes,
            mime: "application/octet-stream",
            kind: nil,
            words: "",
            uploadName: name,
            fault: fault
        )
    }

    static func unknown(_ name: String, _ bytes: [UInt8]) -> Self {
        rejected(name, bytes, "application/octet-stream", "data of no known type")
    }

    /// A real file of the sandbox; empty, and so failing, where there is none of that name.
    private static func sample(_ name: String) -> [UInt8] {
        (SampleFile.accepted + SampleFile.rejected).first { $0.name == name }?.bytes ?? []
    }

    private typealias Bytes = MediaBytes

    static let all =
        samples + names + brands + quickTime + containers + images + polyglots + texts + rest + cutOff + frames

    private static let samples: [CorpusRow] = [
        .taken("photo.jpg", sample("photo.jpg"), .jpeg, .image),
        .taken("picture.png", sample("picture.png"), .png, .image),
        .taken("loop.gif", sample("loop.gif"), .gif, .gif),
        .taken("banner.webp", sample("banner.webp"), .webp, .image),
        .taken("camera.heic", sample("camera.heic"), .heic, .image),
        .taken("scan.heif", sample("scan.heif"), .heif, .image),
        .taken("teaser.mp4", sample("teaser.mp4"), .mp4, .video),
        .taken("interview.mov", sample("interview.mov"), .quickTime, .video),
        .taken("archive.avi", sample("archive.avi"), .avi, .video),
        .taken("talk.webm", sample("talk.webm"), .webm, .video),
        .taken("brochure.pdf", sample("brochure.pdf"), .pdf, .document),
        .rejected("recording.mkv", sample("recording.mkv"), "video/x-matroska", "a Matroska video"),
        .rejected("download.jpg", sample("download.jpg"), "text/html", "an HTML page"),
    ]

    /// Real files under names that say something else, or nothing.
    private static let names: [CorpusRow] = [
        .taken("photo.jpg", sample("picture.png"), .png, .image, as: "photo.png"),
        .taken("teaser", sample("teaser.mp4"), .mp4, .video, as: "teaser.mp4"),
        .taken("IMG_0001.JPG", sample("camera.heic"), .heic, .image, as: "IMG_0001.heic"),
        .taken("IMG_0002.JPEG", sample("photo.jpg"), .jpeg, .image, as: "IMG_0002.JPEG"),
        .taken("clip.mp4", sample("interview.mov"), .quickTime, .video, as: "clip.mov"),
        .taken("clip.mkv", sample("talk.webm"), .webm, .video, as: "clip.webm"),
        .taken("scan.txt", sample("brochure.pdf"), .pdf, .document, as: "scan.pdf"),
        .taken("sticker.png", sample("banner.webp"), .webp, .image, as: "sticker.webp"),
        .rejected("talk.webm", sample("recording.mkv"), "video/x-matroska", "a Matroska video"),
    ]

    private static let brands: [CorpusRow] = [
        .taken("sony.mp4", Bytes.iso("MSNV", "MSNV", "mp42", "isom"), .mp4, .video),
        .taken("xavc.mp4", Bytes.iso("XAVC", "XAVC", "mp42", "iso2"), .mp4, .video),
        .taken("hevc.mp4", Bytes.iso("hvc1", "hvc1"), .mp4, .video),
        .taken("flash.mp4", Bytes.iso("f4v ", "isom", "mp42", "m4v "), .mp4, .video),
        .taken("adobe.mp4", Bytes.iso("F4V ", "isom"), .mp4, .video),
        .taken("itunes.m4v", Bytes.iso("M4V ", "M4V ", "M4A ", "mp42", "isom"), .mp4, .video, as: "itunes.mp4"),
        .taken("appletv.m4v", Bytes.iso("M4VH", "M4V ", "mp42"), .mp4, .video, as: "appletv.mp4"),
        .taken("ipod.m4v", Bytes.iso("M4VP", "M4V ", "mp42"), .mp4, .video, as: "ipod.mp4"),
        .taken("old.mp4", Bytes.iso("mp41"), .mp4, .video),
        .taken("android.mp4", Bytes.iso("isom", "isom", "3gp4"), .mp4, .video),
        .taken("stream.mp4", Bytes.iso("dash", "iso6", "mp41"), .mp4, .video),
        .taken("new.mp4", Bytes.iso("iso9", "isom"), .mp4, .video),
        .taken("mobile.mp4", Bytes.iso("mmp4", "3gp4"), .mp4, .video),
        .taken("nero.mp4", Bytes.iso("NDSC", "mp42"), .mp4, .video),
        .taken("foreign.mp4", Bytes.iso("zzzz", "yyyy", "mp42"), .mp4, .video),
        .taken("foreign.mov", Bytes.iso("zzzz", "qt  "), .quickTime, .video),
        .taken("apple.mov", Bytes.iso("qt  ", "qt  "), .quickTime, .video),
        .taken("burst.heic", Bytes.iso("hevc", "msf1", "hevc"), .heic, .image),
        .taken("deep.heic", Bytes.iso("heix", "mif1", "heix"), .heic, .image),
        .taken("shell.heic", Bytes.iso("mif1", "mif1", "heic", "miaf"), .heic, .image),
        .taken("sequence.heif", Bytes.iso("msf1", "msf1", "iso8"), .heif, .image),
        .taken("foreign.heif", Bytes.iso("zzzz", "mif1"), .heif, .image),
        .rejected("picture.avif", Bytes.iso("avif", "avif", "mif1", "miaf"), "image/avif", "an AVIF image"),
        .rejected("moving.avif", Bytes.iso("avis", "msf1", "avis"), "image/avif", "an AVIF image"),
        .rejected("shell.heif", Bytes.iso("mif1", "mif1", "miaf", "avif"), "image/avif", "an AVIF image"),
        .rejected("shells.heif", Bytes.iso("msf1", "avis", "msf1"), "image/avif", "an AVIF image"),
        .rejected("song.m4a", Bytes.iso("M4A ", "M4A ", "mp42", "isom"), "audio/mp4", "an MPEG-4 sound without video"),
        .rejected("book.mp4", Bytes.iso("M4B ", "mp42"), "audio/mp4", "an MPEG-4 sound without video"),
        .rejected("shop.m4p", Bytes.iso("M4P ", "mp42"), "audio/mp4", "an MPEG-4 sound without video"),
        .rejected("flash.f4a", Bytes.iso("F4A ", "isom"), "audio/mp4", "an MPEG-4 sound without video"),
        .taken("phone.3gp", Bytes.iso("3gp5", "isom", "3gp5"), .mp4, .video, as: "phone.mp4"),
        .taken("phone.mp4", Bytes.iso("3gr6", "mp42"), .mp4, .video),
        .taken("phone.3g2", Bytes.iso("3g2a", "isom"), .mp4, .video, as: "phone.mp4"),
        .rejected("old.3gp", Bytes.iso("3gp4", "3gp4"), "video/3gpp", "a 3GP video"),
        .rejected("old.mp4", Bytes.iso("3gr6"), "video/3gpp", "a 3GP video"),
        .rejected("old.3g2", Bytes.iso("3g2a", "3gp4"), "video/3gpp2", "a 3G2 video"),
        .rejected("raw.cr3", Bytes.iso("crx ", "crx ", "isom"), "image/x-canon-cr3", "a Canon raw photo"),
        .taken("what.mp4", Bytes.iso("zzzz", "yyyy"), .mp4, .video),
        // Sizes: 64 bits, to the end of the file, beyond what is seen, and a list that ends in the middle of a brand.
        .taken("long.mp4", Bytes.longBox("ftyp", Bytes.ascii("isom\0\0\0\0")) + Bytes.movie("vide"), .mp4, .video),
        .unfinished(
            "open.mp4",
            Bytes.openBox("ftyp", Bytes.ascii("zzzz\0\0\0\0mp42")),
            .mp4,
            .video,
            "no index (moov)"
        ),
        .taken(
            "wide.mp4",
            Bytes.box("ftyp", Bytes.ascii("zzzz\0\0\0\0mp42") + Bytes.zeros(9000)) + Bytes.movie("vide"),
            .mp4,
            .video
        ),
        .taken("ragged.mp4", Bytes.box("ftyp", Bytes.ascii("mp42\0\0\0\0iso")) + Bytes.movie("vide"), .mp4, .video),
        // The brand behind the box is none of the file's.
        .rejected(
            "outside.mp4",
            Bytes.box("ftyp", Bytes.ascii("zzzz\0\0\0\0")) + Bytes.ascii("mp42"),
            "application/octet-stream",
            "of the unknown brand 'zzzz'"
        ),
    ]

    private static let quickTime: [CorpusRow] = [
        .taken("index.mov", Bytes.movie("vide"), .quickTime, .video),
        .taken("data.mov", Bytes.box("mdat", Bytes.zeros(8)) + Bytes.movie("vide"), .quickTime, .video),
        .taken(
            "wide.mov",
            Bytes.box("wide", []) + Bytes.box("mdat", Bytes.zeros(8)) + Bytes.movie("vide"),
            .quickTime,
            .video
        ),
        .taken("free.mov", Bytes.box("free", Bytes.zeros(8)) + Bytes.movie("vide"), .quickTime, .video),
        .taken(
            "big.avi",
            Bytes.longBox("mdat", Bytes.zeros(8)) + Bytes.movie("vide"),
            .quickTime,
            .video,
            as: "big.mov"
        ),
        .unfinished("to the end.mov", Bytes.openBox("mdat", Bytes.zeros(8)), .quickTime, .video, "no index (moov)"),
        .rejected(
            "piece.m4s",
            Bytes.box("styp", Bytes.ascii("msdh\0\0\0\0")),
            "video/iso.segment",
            "a piece of an MP4"
        ),
    ]

    private static let containers: [CorpusRow] = [
        .taken(
            "later.webm",
            Bytes.ebml(Bytes.element([0xEC], Bytes.zeros(40)), Bytes.documentType("webm")),
            .webm,
            .video
        ),
        .taken("padded.webm", Bytes.ebml(Bytes.documentType("webm\0\0")), .webm, .video),
        .taken(
            "long size.webm",
            [0x1A, 0x45, 0xDF, 0xA3, 0x01, 0, 0, 0, 0, 0, 0, 8] + Bytes.documentType("webm")
                + Bytes.segment(Bytes.tracks([1])),
            .webm,
            .video
        ),
        .taken("open.webm", [0x1A, 0x45, 0xDF, 0xA3, 0xFF] + Bytes.documentType("webm"), .webm, .video),
        .taken(
            "open and late.webm",
            [0x1A, 0x45, 0xDF, 0xA3, 0xFF] + Bytes.element([0xEC], Bytes.zeros(150)) + Bytes.documentType("webm"),
            .webm,
            .video
        ),
        .rejected(
            "webm.mkv",
            Bytes.ebml(Bytes.documentType("matroska")) + Bytes.ascii("webm"),
            "video/x-matroska",
            "a Matroska"
        ),
        .rejected(
            "other.ebml",
            Bytes.ebml(Bytes.documentType("webmish")),
            "application/x-ebml",
            "an EBML file that is neither"
        ),
        .unknown("typeless.webm", Bytes.ebml(Bytes.element([0x42, 0x86], [1]))),
        .unknown("overlong.webm", [0x1A, 0x45, 0xDF, 0xA3, 0x90, 0x42, 0x82, 0x8F] + Bytes.ascii("webm")),
        .rejected("sound.wav", Bytes.riff("WAVE"), "audio/wav", "a WAV sound"),
        .rejected("pointer.webp", Bytes.riff("ACON"), "image/x-icon", "a cursor"),
        .unknown("other.riff", Bytes.riff("ABCD")),
        .rejected("flash.flv", Bytes.ascii("FLV\u{1}\u{5}"), "video/x-flv", "a Flash video"),
        .rejected(
            "windows.wmv",
            [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0, 0xAA, 0, 0x62, 0xCE, 0x6C],
            "video/x-ms-asf",
            "a Windows Media file"
        ),
        .rejected("disc.mpg", [0, 0, 1, 0xBA, 0x44], "video/mpeg", "an MPEG video"),
        .rejected(
            "tv.mp4",
            Bytes.frames([0x47, 0x40], length: 188, count: 3),
            "video/mp2t",
            "an MPEG transport stream"
        ),
        .rejected("song.mp3", Bytes.ascii("ID3\u{4}\0\0\0\0\0\0"), "audio/mpeg", "an MP3 sound"),
        .rejected(
            "bare.mp3",
            Bytes.frames([0xFF, 0xFB, 0x90, 0x00], length: 417, count: 2),
            "audio/mpeg",
            "an MP3 sound"
        ),
        .rejected(
            "bare.aac",
            Bytes.frames([0xFF, 0xF1, 0x50, 0x80, 0x08, 0x00, 0xFC], length: 64, count: 2),
            "audio/aac",
            "AAC"
        ),
        .rejected("song.flac", Bytes.ascii("fLaC\0\0\0\u{22}"), "audio/flac", "a FLAC sound"),
        .rejected("song.ogg", Bytes.ascii("OggS\0\u{2}"), "application/ogg", "an Ogg file"),
        .rejected("song.mid", Bytes.ascii("MThd\0\0\0\u{6}\0\u{1}"), "audio/midi", "a MIDI file"),
    ]

    private static let images: [CorpusRow] = [
        .rejected("scan.tif", [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], "image/tiff", "a TIFF image"),
        .rejected("scan.jpg", [0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8], "image/tiff", "a TIFF image"),
        .rejected(
            "raw.cr2",
            [0x49, 0x49, 0x2A, 0, 16, 0, 0, 0, 0x43, 0x52, 2, 0],
            "image/x-canon-cr2",
            "a Canon raw photo"
        ),
        .rejected(
            "logo.svg",
            Bytes.ascii("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
            "image/svg+xml",
            "an SVG drawing"
        ),
        .rejected(
            "logo.png",
            Bytes.ascii("<?xml version=\"1.0\"?>\n<!-- made > by hand -->\n<!DOCTYPE svg [<!ENTITY a \"b\">]>\n<svg>"),
            "image/svg+xml",
            "an SVG drawing"
        ),
        .rejected("paint.bmp", Bytes.ascii("BM") + [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0], "image/bmp", "a BMP image"),
        .rejected("site.ico", [0, 0, 1, 0, 1, 0, 16, 16], "image/x-icon", "an icon"),
        .rejected("layers.psd", Bytes.ascii("8BPS\0\u{1}"), "image/vnd.adobe.photoshop", "a Photoshop document"),
        .rejected("new.jxl", [0xFF, 0x0A, 0xFA, 0x1F, 0x41], "image/jxl", "a JPEG XL image"),
        .rejected("box.jxl", [0, 0, 0, 12] + Bytes.ascii("JXL \r\n") + [0x87, 0x0A], "image/jxl", "a JPEG XL image"),
        .rejected(
            "old.jp2",
            [0, 0, 0, 12] + Bytes.ascii("jP  \r\n") + [0x87, 0x0A],
            "image/jp2",
            "a JPEG 2000 image"
        ),
    ]

    private static let polyglots: [CorpusRow] = [
        .taken("both.pdf", sample("brochure.pdf") + Bytes.zip(("a.txt", "hello")), .pdf, .document),
        .taken("both.zip", sample("brochure.pdf") + Bytes.zip(("a.txt", "hello")), .pdf, .document, as: "both.pdf"),
        .taken("junk.pdf", Bytes.ascii("junk\r\n") + sample("brochure.pdf"), .pdf, .document),
        .taken("marked.pdf", [0xEF, 0xBB, 0xBF] + sample("brochure.pdf"), .pdf, .document),
        .taken("late.pdf", Bytes.zeros(1000) + sample("brochure.pdf"), .pdf, .document),
        .unknown("too late.pdf", Bytes.zeros(1024) + sample("brochure.pdf")),
        .rejected(
            "zip first.pdf",
            Bytes.zip(("a.txt", "hello")) + sample("brochure.pdf"),
            "application/zip",
            "a ZIP archive"
        ),
        .rejected("page.pdf", Bytes.ascii("<html><!-- ") + sample("brochure.pdf"), "text/html", "an HTML page"),
        .taken("rar.jpg", sample("photo.jpg") + Bytes.ascii("Rar!\u{1A}\u{7}"), .jpeg, .image),
        .taken("script.gif", Bytes.ascii("GIF89a/*<script>alert(1)</script>*/"), .gif, .gif),
    ]

    private static let texts: [CorpusRow] = [
        .rejected("notes.txt", Bytes.ascii("Buy milk.\n"), "text/plain", "plain text"),
        .rejected("car.bmp", Bytes.ascii("BMW is a car.\n"), "text/plain", "plain text"),
        .rejected("place.exe", Bytes.ascii("MZ is short for Mainz.\n"), "text/plain", "plain text"),
        .rejected("about.mov", Bytes.ascii("The mdat box holds the media.\n"), "text/plain", "plain text"),
        .rejected("about.mp4", Bytes.ascii("The ftypisom box comes first.\n"), "text/plain", "plain text"),
        .rejected(
            "about.pdf",
            Bytes.ascii("A PDF begins with %PDF-1.7, says the standard.\n"),
            "text/plain",
            "plain text"
        ),
        .rejected("utf-16.txt", [0xFF, 0xFE, 0x48, 0, 0x69, 0], "text/plain", "plain text"),
        .rejected("utf-16be.txt", [0xFE, 0xFF, 0, 0x48, 0, 0x69], "text/plain", "plain text"),
        .rejected("utf-8.txt", [0xEF, 0xBB, 0xBF, 0x48, 0x69], "text/plain", "plain text"),
        .rejected("latin.txt", [0x47, 0x72, 0xFC, 0xDF, 0x65, 0x0A], "text/plain", "plain text"),
        .rejected("page.jpg", Bytes.ascii(" \n<!DocType HTML>\n<p>Hello"), "text/html", "an HTML page"),
        .rejected("tag.html", Bytes.ascii("<bogus>"), "text/plain", "plain text"),
        .rejected("feed.xml", Bytes.ascii("<?xml version=\"1.0\"?><rss/>"), "text/xml", "an XML document"),
        .rejected("data.json", Bytes.ascii("{\n  \"a\": 1\n}\n"), "application/json", "a JSON text"),
        .rejected("list.json", Bytes.ascii("[[1, 2]]"), "application/json", "a JSON text"),
        .rejected("draft.md", Bytes.ascii("[draft] Hello\n"), "text/plain", "plain text"),
        .rejected("letter.doc", Bytes.ascii("{\\rtf1\\ansi Hello}"), "text/rtf", "an RTF document"),
        .rejected("figure.ps", Bytes.ascii("%!PS-Adobe-3.0\n"), "application/postscript", "a PostScript document"),
    ]

    private static let rest: [CorpusRow] = [
        .rejected(
            "letter.docx",
            Bytes.zip(("[Content_Types].xml", "<a/>"), ("word/document.xml", "")),
            word,
            "a Word document"
        ),
        .rejected("sheet.xlsx", Bytes.zip(("_rels/.rels", ""), ("xl/workbook.xml", "")), excel, "an Excel workbook"),
        .rejected("slides.pdf", Bytes.zip(("[Content_Types].xml", ""), ("ppt/a.xml", "")), powerPoint, "a PowerPoint"),
        .rejected("letter.odt", Bytes.zip(("mimetype", openText)), openText, "an OpenDocument text"),
        .rejected("book.epub", Bytes.zip(("mimetype", "application/epub+zip")), "application/epub+zip", "an EPUB book"),
        .rejected("photos.zip", Bytes.zip(("a.jpg", "word/")), "application/zip", "a ZIP archive"),
        .rejected("none.zip", [0x50, 0x4B, 5, 6] + Bytes.zeros(18), "application/zip", "a ZIP archive"),
        .rejected(
            "letter.doc",
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
            "application/x-ole-storage",
            "an Office document"
        ),
        .rejected("files.tar", Bytes.zeros(257) + Bytes.ascii("ustar\0"), "application/x-tar", "a tar archive"),
        .rejected("files.gz", [0x1F, 0x8B, 8, 0], "application/gzip", "a gzip archive"),
        .rejected("files.xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "application/x-xz", "an xz archive"),
        .rejected("files.zst", [0x28, 0xB5, 0x2F, 0xFD, 4], "application/zstd", "a Zstandard archive"),
        .rejected("files.7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "application/x-7z-compressed", "a 7-Zip archive"),
        .rejected("files.rar", Bytes.ascii("Rar!\u{1A}\u{7}\0"), "application/vnd.rar", "a RAR archive"),
        .rejected("tool.jpg", [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1], "application/x-elf", "a Linux program"),
        .rejected(
            "photo.jpg.exe",
            Bytes.ascii("MZ") + [0x90, 0, 3, 0],
            "application/vnd.microsoft.portable-executable",
            "a Windows program"
        ),
        .rejected("type.woff2", Bytes.ascii("wOF2\0\u{1}"), "font/woff2", "a font"),
        .unknown("random.mp4", [0xDE, 0xAD, 0x00, 0xBE, 0xEF, 0x01, 0x02, 0x03]),
        .unknown("one frame.aac", Bytes.frames([0xFF, 0xF1, 0x50, 0x80, 0x08, 0x00, 0xFC], length: 64, count: 1)),
        .unknown("one frame.mp3", Bytes.frames([0xFF, 0xFB, 0x90, 0x00], length: 417, count: 1)),
        .rejected("plain.tga", [0, 0, 2, 0, 0, 0] + Bytes.zeros(12), "image/x-tga", "a TGA image"),
    ]

    private static let cutOff: [CorpusRow] = [
        .unknown("empty.jpg", []),
        .unknown("two.jpg", [0xFF, 0xD8]),
        .unknown("four.png", Array(sample("picture.png").prefix(4))),
        .unknown("seven.png", Array(sample("picture.png").prefix(7))),
        .unknown("five.gif", Bytes.ascii("GIF89")),
        .unknown("eleven.webp", Array(sample("banner.webp").prefix(11))),
        .unknown("eight.avi", Array(sample("archive.avi").prefix(8))),
        .unknown("eight.mp4", Array(sample("teaser.mp4").prefix(8))),
        .unknown("brandless.mp4", Array(sample("teaser.mp4").prefix(20))),
        .unknown("twelve.webm", Array(sample("talk.webm").prefix(12))),
        .unknown("four.pdf", Bytes.ascii("%PDF")),
        .unfinished("half.jpg", Array(sample("photo.jpg").prefix(150)), .jpeg, .image, "no picture data"),
    ]

    private static let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    private static let excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    private static let powerPoint = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    private static let openText = "application/vnd.oasis.opendocument.text"
}
