import Pipeline

/// Tells the kind of error when a storage refuses a PUT. The storages are R2, S3 and LinkedIn's Ambry.
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
        // The file is too large, even if a proxy says so.
        case 413: return .refusedFile
        case 408, 425: return .transient
        case 429: break
        case let status where ServerTrouble.mayPass(status): return .transient
        case let status where ServerTrouble.isOfPortal(status): return .outOfOrder
        // A storage answers with its own error documents, in plain words, or without a body.
        case _ where answer.shape == .page || answer.shape == .unreadable: return .outOfOrder
        case 300..<400 where answer.shape != .errorDocument: return .outOfOrder
        default: break
        }
        switch answer.status {
        case 400: return .unexpectedAnswer
        // 404: the storage no longer knows the upload.
        case 401, 403, 404: return .refusedTicket
        case 410: return .expiredTicket
        case 415, 422: return .refusedFile
        case 409: return .transient
        // R2 answers 429 when one key is written twice at once. That passes; `docs/providers.md` asks for a pause of at
        // least 1 s.
        case 429:
            return .throttled(max(ThrottleHint.wait(for: answer, body: words.json, now: .now()) ?? .zero, .seconds(1)))
        default: return .unexpectedAnswer
        }
    }

    /// Does the refusal concern the URL's time?
    ///
    /// Some storages have a code for it; others have only words: "Request has expired", "Signed URL has expired",
    /// "Request is not valid yet". rclone meets 400 AccessDenied with words about a bad request time.
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
        // The storage says that the URL is not for this time: the API's next URL may be better.
        "RequestTimeTooSkewed": .expiredTicket,
        "NoSuchUpload": .refusedTicket,
        // The provider's bucket or its own key is gone: no fault of the file.
        "NoSuchBucket": .outOfOrder,
        "InvalidAccessKeyId": .outOfOrder,
        "AllAccessDisabled": .outOfOrder,
        "AccountProblem": .outOfOrder,
        "IncompleteBody": .interruptedBody,
        "ClientDisconnect": .interruptedBody,
        "BadDigest": .interruptedBody,
        "XAmzContentSHA256Mismatch": .interruptedBody,
        "EntityTooLarge": .refusedFile,
        "EntityTooSmall": .refusedFile,
        "RequestTimeout": .transient,
    ]
}
