/// The signatures at fixed places. Most are from the WHATWG MIME Sniffing Standard (chapters 6 and 7). The rest is from
/// the formats' own specifications. The first match counts.
enum SignatureTable {
    static func type(of head: FileHead) -> MediaType? {
        all.first { $0.matches(head) }?.type
    }

    /// Whether the file ends within one of the signatures.
    static func isCutOff(_ head: FileHead) -> Bool {
        all.contains { $0.isCutOff(in: head) }
    }

    private static let all = taken + images + audio + videos + documents + archives + programs

    /// Types that some provider takes. ``ISOMedia`` reads four others (HEIC, HEIF, MP4, QuickTime), and ``EBMLHeader``
    /// reads WebM.
    private static let taken: [Signature] = [
        Signature([0xFF, 0xD8, 0xFF], .jpeg),
        Signature([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
        Signature("GIF87a", .gif),
        Signature("GIF89a", .gif),
        Signature("RIFF", .webp).and("WEBPVP", at: 8),
        Signature("RIFF", .avi).and("AVI ", at: 8),
        Signature("%PDF-", .pdf),
    ]

    private static let images: [Signature] = [
        // Camera raw files on TIFF come before TIFF itself. ``RawPhoto`` finds those that begin as any TIFF.
        Signature([0x49, 0x49, 0x2A, 0x00], .raw("image/x-canon-cr2", "a Canon raw photo")).and("CR", at: 8),
        Signature("IIRO", .raw("image/x-olympus-orf", "an Olympus raw photo")),
        Signature("IIRS", .raw("image/x-olympus-orf", "an Olympus raw photo")),
        Signature("MMOR", .raw("image/x-olympus-orf", "an Olympus raw photo")),
        Signature([0x49, 0x49, 0x55, 0x00], .raw("image/x-panasonic-rw2", "a Panasonic raw photo")),
        Signature("FUJIFILMCCD-RAW", .raw("image/x-fuji-raf", "a Fujifilm raw photo")),
        Signature([0x49, 0x49, 0x2A, 0x00], .tiff),
        Signature([0x4D, 0x4D, 0x00, 0x2A], .tiff),
        Signature([0x49, 0x49, 0x2B, 0x00], .tiff),
        Signature([0x4D, 0x4D, 0x00, 0x2B], .tiff),
        Signature([0x49, 0x49, 0xBC], .other("image/jxr", "a JPEG XR image")),
        Signature([0, 0, 0, 12] + "jP  \r\n".utf8 + [0x87, 0x0A], .other("image/jp2", "a JPEG 2000 image")),
        Signature([0xFF, 0x4F, 0xFF, 0x51], .other("image/j2c", "a JPEG 2000 image")),
        Signature([0xFF, 0x0A], .other("image/jxl", "a JPEG XL image")),
        Signature([0, 0, 0, 12] + "JXL \r\n".utf8 + [0x87, 0x0A], .other("image/jxl", "a JPEG XL image")),
        // "BM", and the reserved field of the file header, which is zero.
        Signature(word: "BM", .other("image/bmp", "a BMP image")).and([0, 0, 0, 0], at: 6),
        Signature([0x00, 0x00, 0x01, 0x00], .other("image/x-icon", "an icon")),
        // As cursor files, these would have no cursor. They are Targa files, plain and run-length encoded.
        Signature([0x00, 0x00, 0x02, 0x00, 0x00, 0x00], .other("image/x-tga", "a TGA image")),
        Signature([0x00, 0x00, 0x0A, 0x00, 0x00, 0x00], .other("image/x-tga", "a TGA image")),
        Signature([0x00, 0x00, 0x02, 0x00], .other("image/x-icon", "a cursor")),
        Signature("RIFF", .other("image/x-icon", "a cursor")).and("ACON", at: 8),
        Signature(word: "icns", .other("image/icns", "an icon")),
        Signature(word: "8BPS", .other("image/vnd.adobe.photoshop", "a Photoshop document")),
        Signature("gimp xcf", .other("image/x-xcf", "a GIMP image")),
        Signature(word: "DDS ", .other("image/vnd.ms-dds", "a DDS texture")),
        Signature([0x76, 0x2F, 0x31, 0x01], .other("image/x-exr", "an OpenEXR image")),
        Signature("#?RADIANCE", .other("image/vnd.radiance", "a Radiance image")),
        Signature(word: "qoif", .other("image/qoi", "a QOI image")),
        Signature([0x42, 0x50, 0x47, 0xFB], .other("image/bpg", "a BPG image")),
        Signature("AT&TFORM", .other("image/vnd.djvu", "a DjVu document")),
        Signature([0xD7, 0xCD, 0xC6, 0x9A], .other("image/wmf", "a Windows metafile")),
        Signature([1, 0, 0, 0], .other("image/emf", "a Windows metafile")).and(" EMF", at: 40),
        Signature(word: "P4\n", .other("image/x-portable-bitmap", "a PBM image")),
        Signature(word: "P5\n", .other("image/x-portable-graymap", "a PGM image")),
        Signature(word: "P6\n", .other("image/x-portable-pixmap", "a PPM image")),
    ]

    private static let audio: [Signature] = [
        Signature("RIFF", .other("audio/wav", "a WAV sound")).and("WAVE", at: 8),
        Signature("RF64", .other("audio/wav", "a WAV sound")).and("WAVE", at: 8),
        Signature("FORM", .other("audio/aiff", "an AIFF sound")).and("AIFF", at: 8),
        Signature("FORM", .other("audio/aiff", "an AIFF sound")).and("AIFC", at: 8),
        Signature(word: "ID3", .other("audio/mpeg", "an MP3 sound")),
        Signature(word: "fLaC", .other("audio/flac", "a FLAC sound")),
        Signature([UInt8]("OggS".utf8) + [0], .other("application/ogg", "an Ogg file")),
        Signature([UInt8]("MThd".utf8) + [0, 0, 0, 6], .other("audio/midi", "a MIDI file")),
        Signature(word: ".snd", .other("audio/basic", "an AU sound")),
        Signature([0x0B, 0x77], .other("audio/ac3", "an AC-3 sound")),
        Signature("#!AMR", .other("audio/amr", "an AMR sound")),
        Signature(word: "caff", .other("audio/x-caf", "a Core Audio file")),
        Signature(word: "MAC ", .other("audio/x-ape", "a Monkey's Audio sound")),
        Signature(word: "wvpk", .other("audio/x-wavpack", "a WavPack sound")),
    ]

    private static let videos: [Signature] = [
        Signature([UInt8]("FLV".utf8) + [1], .rewrappable("video/x-flv", "a Flash video", "flv")),
        Signature(
            [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C],
            .other("video/x-ms-asf", "a Windows Media file")
        ),
        Signature(word: ".RMF", .other("application/vnd.rn-realmedia", "a RealMedia file")),
        Signature(
            [0x06, 0x0E, 0x2B, 0x34, 0x02, 0x05, 0x01, 0x01, 0x0D, 0x01, 0x02],
            .other("application/mxf", "an MXF video")
        ),
        Signature([0x00, 0x00, 0x01, 0xBA], .other("video/mpeg", "an MPEG video")),
        Signature([0x00, 0x00, 0x01, 0xB3], .other("video/mpeg", "an MPEG video")),
        Signature([0, 0, 0, 1, 0x67], .other("video/h264", "a bare H.264 stream")),
        Signature(word: "DKIF", .other("video/x-ivf", "an IVF video")),
        Signature("YUV4MPEG2 ", .other("video/x-yuv4mpeg", "an uncompressed video")),
        Signature(word: "FWS", .other("application/x-shockwave-flash", "a Flash program")),
        Signature(word: "CWS", .other("application/x-shockwave-flash", "a Flash program")),
        Signature(word: "ZWS", .other("application/x-shockwave-flash", "a Flash program")),
    ]

    private static let documents: [Signature] = [
        Signature("{\\rtf", .other("text/rtf", "an RTF document")),
        Signature("%!PS", .other("application/postscript", "a PostScript document")),
        Signature([0xC5, 0xD0, 0xD3, 0xC6], .other("application/postscript", "a PostScript document")),
        Signature(
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
            .other("application/x-ole-storage", "an Office document (Word, Excel or PowerPoint 97-2003)")
        ),
        Signature("-----BEGIN ", .other("application/x-pem-file", "a key or certificate")),
        Signature("SQLite format 3\0", .other("application/vnd.sqlite3", "an SQLite database")),
    ]

    private static let archives: [Signature] = [
        Signature([0x1F, 0x8B, 0x08], .other("application/gzip", "a gzip archive")),
        Signature(word: "BZh", .other("application/x-bzip2", "a bzip2 archive")),
        Signature([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .other("application/x-xz", "an xz archive")),
        Signature([0x28, 0xB5, 0x2F, 0xFD], .other("application/zstd", "a Zstandard archive")),
        Signature([0x04, 0x22, 0x4D, 0x18], .other("application/x-lz4", "an LZ4 archive")),
        Signature([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .other("application/x-7z-compressed", "a 7-Zip archive")),
        Signature([UInt8]("Rar!".utf8) + [0x1A, 0x07], .other("application/vnd.rar", "a RAR archive")),
        Signature(word: "MSCF", .other("application/vnd.ms-cab-compressed", "a cabinet archive")),
        Signature("!<arch>\n", .other("application/x-archive", "an ar archive")),
        Signature("ustar", at: 257, .other("application/x-tar", "a tar archive")),
    ]

    private static let programs: [Signature] = [
        Signature([0x7F, 0x45, 0x4C, 0x46], .other("application/x-elf", "a Linux program or library")),
        Signature(word: "MZ", .other("application/vnd.microsoft.portable-executable", "a Windows program")),
        Signature([0xCF, 0xFA, 0xED, 0xFE], .other("application/x-mach-binary", "a macOS program")),
        Signature([0xCA, 0xFE, 0xBA, 0xBE], .other("application/java-vm", "a Java class or macOS program")),
        Signature([0x00, 0x61, 0x73, 0x6D], .other("application/wasm", "a WebAssembly program")),
        Signature(word: "wOFF", .other("font/woff", "a font")),
        Signature(word: "wOF2", .other("font/woff2", "a font")),
        Signature(word: "OTTO", .other("font/otf", "a font")),
        Signature(word: "ttcf", .other("font/collection", "a font")),
        Signature([0x00, 0x01, 0x00, 0x00, 0x00], .other("font/ttf", "a font")),
    ]
}
