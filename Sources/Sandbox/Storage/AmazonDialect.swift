import FoundationEssentials

/// The storage beneath Postbreeze: Cloudflare R2, which speaks Amazon's S3 dialect of XML errors.
struct AmazonDialect: StorageDialect {
    let signer: URLSigner
    let caps: [SandboxKind: Int64]

    /// R2 refuses one PUT over 5 GiB − 5 MiB. Source: Cloudflare's limits page.
    private static let largestPut: Int64 = (5 << 30) - (5 << 20)

    var refusesConcurrentPuts: Bool { true }

    func refusal(of request: IncomingRequest, for slot: UploadSlot, at now: Date) -> Answer? {
        if request.headers["authorization"] != nil {
            return .xml(400, code: "InvalidArgument", message: "Only one auth mechanism allowed")
        }
        guard let length = request.contentLength else {
            return .xml(411, code: "MissingContentLength", message: "You must provide the Content-Length HTTP header.")
        }
        guard let query = AmazonQuery(request.query) else {
            return .xml(403, code: "AccessDenied", message: "Access Denied")
        }
        if now.timeIntervalSince1970 >= Double(query.expires) { return Self.expired(slot.asset.number) }
        let expected = signer.signature(
            host: request.host ?? "",
            path: request.path,
            expires: query.expires,
            headers: ["content-type": request.headers["content-type"] ?? ""]
        )
        guard expected == query.signature else {
            return .xml(
                403,
                code: "SignatureDoesNotMatch",
                message: "The request signature we calculated does not match the signature you provided."
            )
        }
        return sizeRefusal(length, for: slot)
    }

    func busy() -> Answer {
        .xml(429, code: "TooManyRequests", message: "Reduce your concurrent request rate for the same object.")
    }

    func cutShort() -> Answer {
        .xml(400, code: "IncompleteBody", message: "The request body terminated unexpectedly.")
    }

    func failure() -> Answer {
        .xml(500, code: "InternalError", message: "We encountered an internal error. Please try again.")
    }

    func stored(_ slot: UploadSlot, sha256: String) -> Answer {
        Answer(status: 200).with("etag", "\"\(sha256.prefix(32))\"")
    }

    private func sizeRefusal(_ length: Int64, for slot: UploadSlot) -> Answer? {
        let cap = min(caps[slot.asset.kind] ?? Self.largestPut, Self.largestPut)
        if length > min(slot.expectedBytes ?? cap, cap) {
            return .xml(400, code: "EntityTooLarge", message: "Your proposed upload exceeds the maximum allowed size.")
        }
        if let expected = slot.expectedBytes, length < expected { return cutShort() }
        return nil
    }

    /// All three forms are documented or seen, so assets take turns.
    private static func expired(_ number: Int) -> Answer {
        switch number % 3 {
        case 1: .xml(403, code: "ExpiredRequest", message: "Request has expired")
        case 2: .xml(403, code: "AccessDenied", message: "Request has expired")
        default: .xml(400, code: "ExpiredRequest", message: "Request has expired")
        }
    }
}
