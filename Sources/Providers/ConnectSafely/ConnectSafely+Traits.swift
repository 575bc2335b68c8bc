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
        rate: [CallRate(calls: 60, window: .seconds(60))],
        writeRate: [CallRate(calls: 15, window: .seconds(60))]
    )
}
