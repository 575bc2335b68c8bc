/// The meaning of the brands of ISO base media files, from the registry at mp4ra.org and the makers' own documents.
enum ISOBrand {
    /// The type for a brand. The brand is the major one, or a compatible one if the major one is not known.
    static func type(_ brand: String?) -> MediaType? {
        guard let brand else { return nil }
        if let type = image(brand) ?? others[brand] { return type }
        if mp4.contains(brand) { return .mp4 }
        if brand.hasPrefix("3g2") { return .rewrappable("video/3gpp2", "a 3G2 video", "3g2") }
        return is3GP(brand) ? .rewrappable("video/3gpp", "a 3GP video", "3gp") : nil
    }

    /// 3gp4, 3gr6, 3gs7, 3ge6, 3gg6, 3g2a, …: a release and a profile.
    static func is3GP(_ brand: String?) -> Bool { brand?.hasPrefix("3g") == true }

    /// The image format of a brand. Nil for the structural brands, which leave the format open.
    static func image(_ brand: String) -> MediaType? {
        switch brand {
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs": .heic
        case "avif", "avis", "avio": .avif
        case "avci", "avcs": .other("image/avci", "an AVCI image")
        default: nil
        }
    }

    /// Structural brands of ISO/IEC 23008-12 (HEIF) and 23000-22 (MIAF), which leave the codec open.
    static func isImageShell(_ brand: String?) -> Bool {
        switch brand {
        case "mif1", "mif2", "msf1", "miaf", "heif": true
        default: false
        }
    }

    private static let mp4: Set<String> = [
        "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "isoa", "isob", "isoc",
        "mp41", "mp42", "avc1", "avc2", "avc3", "avc4", "hvc1", "hev1", "av01", "vp09", "mmp4",
        // Streaming: DASH, CMAF, Smooth Streaming, UltraViolet.
        "dash", "cmfc", "cmf2", "cmff", "msdh", "msix", "piff", "isml", "ccff", "uvvu",
        // iTunes, Adobe.
        "M4V ", "M4VH", "M4VP", "F4V ", "f4v ", "F4P ", "f4p ",
        // Cameras and phones: Sony, Canon, Casio, Panasonic, Nikon, Leica, SD-Video, Convergent Design.
        "MSNV", "XAVC", "CAEP", "caqv", "pana", "niko", "LCAG", "sdv ", "CDes",
        // Nero's profiles.
        "NDSC", "NDSH", "NDSM", "NDSP", "NDSS", "NDXC", "NDXH", "NDXM", "NDXP", "NDXS",
        // Dolby, Samsung's stereo video, Ross.
        "dby1", "ssc1", "ssc2", "ROSS",
    ]

    private static let others: [String: MediaType] = {
        let audio = MediaType.other("audio/mp4", "an MPEG-4 sound without video")
        let quickTime = MediaType.quickTime
        return [
            "qt  ": quickTime, "mqt ": quickTime,
            "M4A ": audio, "M4B ": audio, "M4P ": audio, "F4A ": audio, "f4a ": audio, "F4B ": audio, "f4b ": audio,
            "NDAS": audio,
            "aax ": .other("audio/vnd.audible.aax", "an Audible audio book"),
            "aaxc": .other("audio/vnd.audible.aaxc", "an Audible audio book"),
            "KDDI": .rewrappable("video/3gpp2", "a 3G2 video", "3g2"),
            "crx ": .raw("image/x-canon-cr3", "a Canon raw photo"),
            "jp2 ": .other("image/jp2", "a JPEG 2000 image"),
            "jpx ": .other("image/jpx", "a JPEG 2000 image"),
            "jpm ": .other("image/jpm", "a JPEG 2000 document"),
            "jxl ": .other("image/jxl", "a JPEG XL image"),
            "mj2s": .other("video/mj2", "a Motion JPEG 2000 video"),
            "mjp2": .other("video/mj2", "a Motion JPEG 2000 video"),
            "odcf": .other("application/vnd.oma.drm.content", "a protected media file"),
        ]
    }()
}
