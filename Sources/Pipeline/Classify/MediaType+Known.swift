extension MediaType {
    package static let jpeg = MediaType(
        mime: .jpeg,
        name: "a JPEG image",
        kind: .image,
        endings: ["jpg", "jpeg", "jpe", "jfif"]
    )
    package static let png = MediaType(mime: .png, name: "a PNG image", kind: .image, endings: ["png", "apng"])
    package static let gif = MediaType(mime: .gif, name: "a GIF image", kind: .gif, endings: ["gif"])
    package static let webp = MediaType(mime: .webp, name: "a WebP image", kind: .image, endings: ["webp"])

    /// Image sequences (brands `hevc`, `hevx`) go up as `image/heic`. Their own type, `image/heic-sequence`, is in no
    /// provider's list. A sequence from a phone opens as its first image.
    package static let heic = MediaType(
        mime: .heic,
        name: "a HEIC image",
        kind: .image,
        endings: ["heic", "heics", "heif", "hif"]
    )
    /// The brands do not name the codec.
    package static let heif = MediaType(
        mime: .heif,
        name: "a HEIF image",
        kind: .image,
        endings: ["heif", "heifs", "hif"]
    )
    package static let mp4 = MediaType(mime: .mp4, name: "an MP4 video", kind: .video, endings: ["mp4", "m4v"])
    package static let quickTime = MediaType(
        mime: .quickTime,
        name: "a QuickTime video",
        kind: .video,
        endings: ["mov", "qt"]
    )
    package static let avi = MediaType(mime: .avi, name: "an AVI video", kind: .video, endings: ["avi"])
    package static let webm = MediaType(mime: .webm, name: "a WebM video", kind: .video, endings: ["webm"])
    package static let pdf = MediaType(mime: .pdf, name: "a PDF document", kind: .document, endings: ["pdf"])

    /// All types that some provider takes, in the order of messages to people.
    static let known: [MediaType] = [jpeg, png, gif, webp, heic, heif, mp4, quickTime, avi, webm, pdf]

    package static let unknown = MediaType(mime: .unknown, name: "data of no known type")

    /// A type with a name for people. No provider takes it.
    static func other(_ mime: String, _ name: String) -> MediaType {
        MediaType(mime: MIMEType(rawValue: mime), name: name)
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
