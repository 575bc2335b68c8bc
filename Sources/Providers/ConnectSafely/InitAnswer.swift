import Pipeline

/// What `POST /posts/upload/init` answers, as far as it is needed.
struct InitAnswer: Hashable, Sendable {
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

    /// Parts decide, then the URL; `uploadType` says the same and is not asked.
    func ticket(size: Int64, kind: MediaKind) throws(UnusableAnswer) -> Ticket {
        guard let assetURN else { throw UnusableAnswer("no asset URN") }
        try Identifiers.check([assetURN] + recipes)
        // Only a document is not usable at once.
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
