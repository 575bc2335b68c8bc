import Pipeline

/// The fields of an answer to `POST /posts/upload/init` that are needed here.
struct InitAnswer: Equatable, Sendable {
    let assetURN: String?
    let recipes: [String]
    let uploadURL: String?
    let uploadHeaders: [HeaderField]
    let parts: [UploadPart]
    let completion: Completion

    init(_ json: JSON) {
        assetURN = json["assetUrn"]?.text
        recipes = json["recipes"]?.items.compactMap(\.text) ?? []
        uploadURL = json["uploadUrl"]?.text
        uploadHeaders = json["uploadHeaders"]?.headerFields ?? []
        parts = json["partUploadRequests"]?.items.map(UploadPart.init) ?? []
        completion = Completion(
            artifactURN: json["mediaArtifactUrn"]?.text,
            metadata: json.verbatim("multipartMetadata")
        )
    }

    /// The ticket for a file of `size` bytes: in parts if there are any, else one PUT to the URL.
    ///
    /// `uploadType` says the same and is not read. Throws if the answer has no asset URN, or neither parts nor an
    /// upload URL. It also throws if an id is unfit (``Identifiers``) or the parts do not cover the file.
    func ticket(size: Int64, kind: MediaKind) throws(UnusableAnswer) -> Ticket {
        guard let assetURN else { throw UnusableAnswer("no asset URN") }
        try Identifiers.check([assetURN] + recipes)
        // Only a document needs processing before a post may use it.
        let receipt = Receipt(
            assetURN: assetURN,
            recipes: recipes,
            status: kind == .document ? .processing : .ready
        )
        if !parts.isEmpty {
            let pieces = try UploadPart.pieces(of: parts, size: size)
            return Ticket(receipt: receipt, pieces: pieces, completion: completion.text)
        }
        guard let uploadURL, URLText.isAbsolute(uploadURL) else {
            throw UnusableAnswer("neither an upload URL nor parts")
        }
        return Ticket(
            receipt: receipt,
            pieces: [Piece(index: 0, range: 0..<size, url: uploadURL, headers: uploadHeaders)]
        )
    }
}
