import Pipeline

extension Postbreeze {
    /// Source: Postbreeze's OpenAPI description for the types, the limits page of its API reference for caps and rates.
    static let traits = ProviderTraits(
        name: "postbreeze",
        baseURL: "https://api.postbreeze.ai/api/v1",
        acceptedTypes: [.jpeg, .png, .gif, .webp, .heic, .heif, .mp4, .quickTime, .avi, .webm, .pdf],
        limits: SizeLimits([
            .image: ByteCount(5_000_000_000),
            .video: ByteCount(5_000_000_000),
            .gif: ByteCount(5_000_000_000),
            .document: ByteCount(100_000_000),
        ]),
        rate: [CallRate(calls: 60, window: .seconds(60)), CallRate(calls: 1000, window: .seconds(15 * 60))],
        longestLibrary: 64
    )
}
