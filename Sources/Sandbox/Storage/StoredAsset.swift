import FoundationEssentials

/// One asset on the shelf: the terms of its upload, and what has arrived since.
struct StoredAsset: Sendable {
    /// One range of a multipart upload. `lastByte` is inclusive and may lie past the file's end.
    struct Part: Sendable {
        let firstByte: Int64
        let lastByte: Int64
        /// The PUT's answer, which the completion has to echo. Nil until the part's bytes are stored.
        var answer: PartAnswer?
    }

    /// The true answer to a part's PUT.
    struct PartAnswer: Sendable, Equatable {
        let status: Int
        /// `etag` or `location`.
        let header: String
        let value: String
    }

    /// All bytes, in one file.
    struct Arrival: Sendable {
        let at: Date
        let bytes: Int64
        let file: String
    }

    let provider: SandboxPage.Provider
    /// Counts the assets of its provider from 1. Where the providers' behaviour varies, it goes by this number.
    let number: Int
    let id: String
    let key: String
    let name: String
    let type: String
    let kind: SandboxKind
    let declaredBytes: Int64?
    /// Postbreeze's folder; nil at ConnectSafely.
    var folderId: String?
    let askedAt: Date
    /// The path of upload URLs; parts add `/1`, `/2`, ….
    let uploadPath: String
    /// The path of the asset's bytes when they are complete.
    let publicPath: String
    /// The name of its file beneath the sandbox's directory.
    let fileName: String
    /// Headers that every PUT must carry byte for byte. Names are in lower case.
    let uploadHeaders: [String: String]
    /// Empty for a single PUT.
    var parts: [Part] = []
    /// ConnectSafely's name for the upload. `metadata` is the value to echo at completion.
    var artifact = ""
    /// ConnectSafely's company page that owns the asset; nil for a person's, and at Postbreeze.
    var companyUrn: String?
    var metadata = JSONValue.null
    var arrival: Arrival?
    /// A PUT is being received right now.
    var isBeingWritten = false

    /// The parts, from 0, in the order in which they are listed and their answers wanted. Every third asset lists them
    /// backwards, as no order is promised.
    var listedParts: [Int] {
        number.isMultiple(of: 3) ? parts.indices.reversed() : Array(parts.indices)
    }

    /// Whether the provider can use the bytes: they arrived, and their processing is over.
    func isUsable(in weather: Weather, at now: Date) -> Bool {
        guard let arrival else { return false }
        let takes: Duration =
            switch (provider, kind) {
            case (.postbreeze, .image), (.postbreeze, .gif): weather.normaliseImagesFor
            case (.connectsafely, .document): weather.documentsProcessFor
            default: .zero
            }
        return now.timeIntervalSince(arrival.at) >= takes.inSeconds
    }

    /// How many bytes a PUT must bring. Nil if any number will do.
    ///
    /// - Parameter part: from 1, or nil for a single PUT.
    func expectedBytes(part: Int?) -> Int64? {
        guard let part, let total = declaredBytes else { return declaredBytes }
        return min(parts[part - 1].lastByte, total - 1) - parts[part - 1].firstByte + 1
    }
}

/// Where a PUT goes: an asset, or one part of it.
struct UploadSlot: Sendable {
    let asset: StoredAsset
    /// From 1; nil for a single PUT.
    let part: Int?

    var expectedBytes: Int64? { asset.expectedBytes(part: part) }
}
