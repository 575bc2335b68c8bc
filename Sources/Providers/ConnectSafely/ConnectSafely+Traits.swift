import Pipeline

extension ConnectSafely {
    /// Types and caps are LinkedIn's; the rates are ConnectSafely's own.
    ///
    /// ConnectSafely publishes neither types nor caps for an upload, and the bytes end up at LinkedIn. LinkedIn's API
    /// reference names JPEG, PNG, GIF, MP4 and PDF. WebP, HEIC, HEIF, QuickTime, AVI and WebM are inferred: LinkedIn's
    /// own pages take and convert them. The caps come from the same reference, which has none in bytes for images. One
    /// rate counts the calls of a key, the other the writes of a LinkedIn account.
    static let traits = ProviderTraits(
        name: "connectsafely",
        baseURL: "https://api.connectsafely.ai/linkedin",
        acceptedTypes: [.jpeg, .png, .gif, .webp, .heic, .heif, .mp4, .quickTime, .avi, .webm, .pdf],
        limits: SizeLimits([.video: ByteCount(500_000_000), .document: ByteCount(100_000_000)]),
        published: published,
        rate: [CallRate(calls: 60, window: .seconds(60))],
        writeRate: [CallRate(calls: 15, window: .seconds(60))]
    )

    /// What LinkedIn's API reference says of the files of a post ("Images API", "Videos API").
    ///
    /// An image has fewer than 36,152,320 pixels. A video is an MP4 of 75 KB at least, and lasts 3 seconds to 30
    /// minutes. A GIF goes as an image. Its frames, of which there may be 250, are not counted.
    private static let published = PublishedLimits(
        by: "LinkedIn",
        [
            .image: .init(mostPixels: 36_152_319),
            .gif: .init(mostPixels: 36_152_319),
            .video: .init(
                fewestBytes: ByteCount(75_000),
                duration: Bounds(least: 3000, most: 1_800_000),
                types: [.mp4]
            ),
        ]
    )
}
