import Pipeline

/// The fields of an answer to `POST /media/presign` that are needed here. Postbreeze's reference declares none of them
/// required, so each may be missing.
struct PresignAnswer: Hashable, Sendable {
    let uploadURL: String?
    let publicURL: String?
    let headers: [HeaderField]
    let expiresAt: Timestamp?
    /// Missing in one sample of Postbreeze's documentation.
    let asset: MediaAsset?

    init(_ json: JSON) {
        uploadURL = json["uploadUrl"]?.text
        publicURL = json["publicUrl"]?.text
        headers = json["headers"]?.headerFields ?? []
        expiresAt = json["expiresAt"]?.text.flatMap { text in
            Moment.iso8601(text) ?? Double(text).flatMap(Moment.unix)
        }
        asset = json["mediaAsset"].map(MediaAsset.init)
    }

    /// The ticket for a file of `size` bytes. `answeredAt` is the server's clock at the time of the answer.
    ///
    /// - Throws: if there is no upload URL, if there is neither an id nor a public URL to name the file by, or if an id
    ///   is unfit (``Identifiers``).
    func ticket(size: Int64, answeredAt: Timestamp?) throws(UnusableAnswer) -> Ticket {
        let publicURL = publicURL ?? asset?.publicURL
        guard let uploadURL, URLText.isAbsolute(uploadURL), asset?.id != nil || publicURL != nil else {
            throw UnusableAnswer("no upload URL or no name for what is uploaded")
        }
        try Identifiers.check([asset?.id, asset?.owner, publicURL])
        let receipt = Receipt(mediaID: asset?.id, publicURL: publicURL, status: asset?.status ?? .unknown)
        let piece = Piece(index: 0, range: 0..<size, url: uploadURL, headers: headers)
        return Ticket(
            receipt: receipt,
            pieces: [piece],
            lifetime: lifetime(answeredAt: answeredAt),
            owner: asset?.owner
        )
    }

    /// The URL's lifetime in seconds: the time that the answer gives, else 15 minutes (`docs/providers.md`).
    ///
    /// The answer's time is measured by the server's own clock. The clock of this machine has no say, because a wrong
    /// clock must not stop uploads.
    func lifetime(answeredAt: Timestamp?) -> Int64 {
        guard let expiresAt, let answeredAt else { return Self.contract }
        let told = (expiresAt.milliseconds - answeredAt.milliseconds) / 1000
        return (1...Self.longest).contains(told) ? told : Self.contract
    }

    private static let contract: Int64 = 900
    /// S3's limit for a pre-signed URL: 7 days. A longer lifetime must be a misreading.
    private static let longest: Int64 = 604_800
}
