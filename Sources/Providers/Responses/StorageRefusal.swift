import Pipeline

/// What a storage's refusal of a PUT means; the storages are R2, S3 and LinkedIn's Ambry.
enum StorageRefusal {
    /// The error for any answer that is not a success.
    static func error(for answer: TransferAnswer) -> ProviderError {
        let words = ServerWords(answer)
        return ProviderError(
            kind(of: answer, words),
            "the storage answered \(answer.status)\(answer.told(in: words))",
            status: answer.status,
            requestID: words.requestID
        )
    }

    private static func kind(of answer: TransferAnswer, _ words: ServerWords) -> ProviderError.Kind {
        let isClientError = (400..<500).contains(answer.status) && answer.status != 429
        if isClientError, let kind = words.code.flatMap({ kinds[$0] }) { return kind }
        if [400, 401, 403].contains(answer.status), saysThatTimeIsOver(words) { return .expiredTicket }
        switch answer.status {
        // The size is that of the file, whoever finds it too large.
        case 413: return .refusedFile
        case 408, 425: return .transient
        case 429, 500...: break
        // A storage answers with its own error documents, in plain words, or without any.
        case _ where answer.shape == .page || answer.shape == .unreadable: return .outOfOrder
        case 300..<400 where answer.shape != .errorDocument: return .outOfOrder
        default: break
        }
        switch answer.status {
        case 400: return .unexpectedAnswer
        // 404: an upload that is not known any more.
        case 401, 403, 404: return .refusedTicket
        case 410: return .expiredTicket
        case 415, 422: return .refusedFile
        case 409: return .transient
        // R2 has one for a key that is written twice at once, which passes; the contract asks for at least 1 s.
        case 429:
            return .throttled(max(ThrottleHint.wait(for: answer, body: words.json, now: .now()) ?? .zero, .seconds(1)))
        case 500...: return .transient
        default: return .unexpectedAnswer
        }
    }

    /// Whether a refusal is about the URL's time. The storages have codes for some of it, and words for the rest: "Request
    /// has expired", "Signed URL has expired", "Request is not valid yet"; and what rclone meets with 400 AccessDenied, that
    /// the request time is not good.
    private static func saysThatTimeIsOver(_ words: ServerWords) -> Bool {
        guard let message = words.message?.lowercased() else { return false }
        return ["expired", "request time", "not valid yet", "not yet valid"].contains { message.contains($0) }
    }

    /// Codes that say more than their status. Source: the error tables of R2 and S3.
    private static let kinds: [String: ProviderError.Kind] = [
        "ExpiredRequest": .expiredTicket,
        "RequestExpired": .expiredTicket,
        "ExpiredToken": .expiredTicket,
        "SignatureDoesNotMatch": .refusedTicket,
        // A URL of which storage and API do not think that its time is now: the next one may be better.
        "RequestTimeTooSkewed": .expiredTicket,
        "NoSuchUpload": .refusedTicket,
        // The provider's bucket or its own key is gone, whatever the file.
        "NoSuchBucket": .outOfOrder,
        "InvalidAccessKeyId": .outOfOrder,
        "AllAccessDisabled": .outOfOrder,
        "AccountProblem": .outOfOrder,
        "IncompleteBody": .interruptedBody,
        "ClientDisconnect": .interruptedBody,
        "BadDigest": .interruptedBody,
        "EntityTooLarge": .refusedFile,
        "RequestTimeout": .transient,
    ]
}
