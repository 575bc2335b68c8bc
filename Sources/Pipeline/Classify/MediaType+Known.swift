extension MediaType {
    package static let jpeg = MediaType(
        mime: .jpeg,
        name: "a JPEG image",
        kind: .image,
        endings: ["jpg", "jpeg"]
    )
    package static let png = MediaType(mime: .png, name: "a PNG image", kind: .image, endings: ["png"])
    package static let gif = MediaType(mime: .gif, name: "a GIF image", kind: .gif, endings: ["gif"])
    package static let webp = MediaType(mime: .webp, name: "a WebP image", kind: .image, endings: ["webp"])

    /// Image sequences (brands `hevc`, `hevx`) go up as `image/heic`. Their own type, `image/heic-sequence`, is in no
    /// provider's list. A sequence from a phone opens as its first image.
    package static let heic = MediaType(
        mime: .heic,
        name: "a HEIC image",
        kind: .image,
        endings: ["heic", "heif"]
    )
    /// The brands do not name the codec.
    package static let heif = MediaType(
        mime: .heif,
        name: "a HEIF image",
        kind: .image,
        endings: ["heif"]
    )
    package static let mp4 = MediaType(mime: .mp4, name: "an MP4 video", kind: .video, endings: ["mp4"])
    package static let quickTime = MediaType(
        mime: .quickTime,
        name: "a QuickTime video",
        kind: .video,
        endings: ["mov"]
    )
    package static let avi = MediaType(mime: .avi, name: "an AVI video", kind: .video, endings: ["avi"])
    package static let webm = MediaType(mime: .webm, name: "a WebM video", kind: .video, endings: ["webm"])
    package static let pdf = MediaType(mime: .pdf, name: "a PDF document", kind: .document, endings: ["pdf"])

    /// No provider takes it.
    static let avif = MediaType.other("image/avif", "an AVIF image")

    /// All types that some provider takes, in the order of messages to people.
    static let known: [MediaType] = [jpeg, png, gif, webp, heic, heif, mp4, quickTime, avi, webm, pdf]

    package static let unknown = MediaType(mime: .unknown, name: "data of no known type")
    static let tiff = MediaType.other("image/tiff", "a TIFF image")

    /// A type with a name for people. No provider takes it. `wayOut` is what they can do with such a file.
    static func other(_ mime: String, _ name: String, wayOut: String? = nil) -> MediaType {
        MediaType(mime: MIMEType(rawValue: mime), name: name, wayOut: wayOut)
    }

    /// A video whose container a person can change without loss. `ending` is the usual one of its files.
    static func rewrappable(_ mime: String, _ name: String, _ ending: String) -> MediaType {
        other(mime, name, wayOut: "most can be rewrapped without loss: ffmpeg -i x.\(ending) -c copy x.mp4")
    }

    /// A camera's raw photo.
    static func raw(_ mime: String, _ name: String) -> MediaType {
        other(mime, name, wayOut: "export it as JPEG")
    }

    /// A file in the form of that video type, which shows nothing.
    static func withoutPicture(_ video: MediaType, hasSound: Bool) -> MediaType {
        let lack = hasSound ? "sound without a picture" : "without a video track"
        let family = hasSound ? "audio" : "application"
        return .other("\(family)/\(video.mime.rawValue.dropFirst("video/".count))", "\(video.shortName) \(lack)")
    }

    /// "an MP4" for "an MP4 video".
    private var shortName: String { "\(name.prefix { $0 != " " }) \(mime.shortName)" }

    /// The name without its article: "MP4 video".
    var bareName: String {
        name.hasPrefix("a ") || name.hasPrefix("an ") ? String(name.drop { $0 != " " }.dropFirst()) : name
    }
}

extension MIMEType {
    /// The short name for a list of accepted types: `MP4`. A type without a short name gives itself.
    var shortName: String { Self.shortNames[self] ?? rawValue }

    /// `video` in `video/mp4`.
    var family: Substring { rawValue.prefix { $0 != "/" } }

    private static let shortNames: [MIMEType: String] = [
        .jpeg: "JPEG", .png: "PNG", .gif: "GIF", .webp: "WebP", .heic: "HEIC", .heif: "HEIF",
        .mp4: "MP4", .quickTime: "QuickTime", .avi: "AVI", .webm: "WebM", .pdf: "PDF",
    ]
}
