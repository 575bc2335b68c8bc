import FoundationEssentials

/// LinkedIn's storage beneath ConnectSafely. Part of it is backed by S3, part by Ambry, and its answers show it.
struct LinkedInDialect: StorageDialect {
    let signer: URLSigner

    var refusesConcurrentPuts: Bool { false }

    func refusal(of request: IncomingRequest, for slot: UploadSlot, at now: Date) -> Answer? {
        if request.headers["authorization"] != nil {
            return .text(400, "A signed URL takes no Authorization header")
        }
        guard let length = request.contentLength else { return .text(411, "Length Required") }
        guard let expires = request.query["exp"].flatMap({ Int64($0) }), let signature = request.query["sig"] else {
            return .text(403, "Missing signature")
        }
        if now.timeIntervalSince1970 >= Double(expires) { return .text(403, "Signed URL has expired") }
        var headers: [String: String] = [:]
        for name in slot.asset.uploadHeaders.keys { headers[name] = request.headers[name] ?? "" }
        let expected = signer.signature(
            host: request.host ?? "",
            path: request.path,
            expires: expires,
            headers: headers
        )
        guard expected == signature else {
            return .xml(403, code: "SignatureDoesNotMatch", message: "The signature does not match the request.")
        }
        if let bytes = slot.expectedBytes, bytes != length {
            return .text(400, "Expected \(bytes) bytes, Content-Length is \(length)")
        }
        return nil
    }

    func busy() -> Answer { .text(429, "Upload in progress") }

    func cutShort() -> Answer { .text(400, "Body ended early") }

    func failure() -> Answer { .text(503, "Service Unavailable") }

    /// A single PUT answers 201. Parts of an asset with an even number answer 200 with a quoted ETag (S3). Parts of an
    /// asset with an odd number answer 201 with a location and no ETag (Ambry).
    func stored(_ slot: UploadSlot, sha256: String) -> Answer {
        guard slot.part != nil else { return Answer(status: 201) }
        let answer = Self.partAnswer(slot, sha256: sha256)
        return Answer(status: answer.status).with(answer.header, answer.value)
    }

    /// The part of a PUT's answer that the completion has to echo.
    static func partAnswer(_ slot: UploadSlot, sha256: String) -> StoredAsset.PartAnswer {
        slot.asset.number.isMultiple(of: 2)
            ? .init(status: 200, header: "etag", value: "\"\(sha256.prefix(32))\"")
            : .init(status: 201, header: "location", value: "/ambry-video/signedId/\(sha256.prefix(40)).bin")
    }
}
