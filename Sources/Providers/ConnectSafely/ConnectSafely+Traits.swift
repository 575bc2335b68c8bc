import Pipeline

extension ConnectSafely {
    /// ConnectSafely publishes neither types nor caps for an upload, so these are LinkedIn's, where the bytes end up:
    /// JPEG, PNG, GIF, MP4 and PDF by its API reference; WebP, HEIC, HEIF, QuickTime, AVI and WebM because its own pages
    /// take and convert them (inf). The caps are those of its API reference, which has none in bytes for images. The
    /// rates are ConnectSafely's: calls for a key, writes for a LinkedIn account.
    static let traits = ProviderTraits(
        name: "connectsafely",
        baseURL: "https://api.connectsafely.ai/linkedin",
        acceptedTypes: [.jpeg, .png, .gif, .webp, .heic, .heif, .mp4, .quickTime, .avi, .webm, .pdf],
        limits: SizeLimits([.video: ByteCount(500_000_000), .document: ByteCount(100_000_000)]),
        rate: [CallRate(calls: 60, window: .seconds(60))],
        writeRate: [CallRate(calls: 15, window: .seconds(60))]
    )
}
