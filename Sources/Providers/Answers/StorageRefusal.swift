import Pipeline

/// What a storage's refusal of a PUT means; the storages are R2, S3 and LinkedIn's Ambry.
enum StorageRefusal {
    /// The error for any answer that is not a 2xx.
    static func error(for answer: TransferAnswer) -> ProviderError {
        let words = ServerWords(answer)
        let told = words.sentence.map { ": \($0)" } ?? answer.redirect ?? ""
        return ProviderError(
            kind(of: answer, words),
            "the storage answered \(answer.status)\(told)",
            status: answer.status,
            requestID: words.requestID
        )
    }

    private static func kind(of answer: TransferAnswer, _ words: ServerWords) -> ProviderError.Kind {
        let isClientError = (400..<500).contains(answer.status) && answer.status != 429
        if isClientError, let kind = words.code.flatMap({ kinds[$0] }) { return kind }
        switch answer.status {
        // The storages have no code for this but the words: "Request has expired", "Signed URL has expired".
        case 400, 401, 403:
            if words.message?.lowercased().contains("expired") == true { return .expiredTicket }
            return answer.status == 400 ? .unexpectedAnswer : .refusedTicket
        // An upload that is not known any more.
        case 404: return .refusedTicket
        case 410: return .expiredTicket
        case 413, 415, 422: return .refusedFile
        case 408, 409, 425: return .transient
        // R2 has one for a key that is written twice at once, which passes; the contract asks for at least 1 s.
        case 429:
            return .throttled(max(ThrottleHint.wait(for: answer, body: words.json, now: .now()) ?? .zero, .seconds(1)))
        case 500...: return .transient
        default: return .unexpectedAnswer
        }
    }

    /// Codes that say more than their status. Source: the error tables of R2 and S3.
    private static let kinds: [String: ProviderError.Kind] = [
        "ExpiredRequest": .expiredTicket,
        "ExpiredToken": .expiredTicket,
        "SignatureDoesNotMatch": .refusedTicket,
        "RequestTimeTooSkewed": .refusedTicket,
        "NoSuchUpload": .refusedTicket,
        "IncompleteBody": .interruptedBody,
        "ClientDisconnect": .interruptedBody,
        "BadDigest": .interruptedBody,
        "EntityTooLarge": .refusedFile,
        "RequestTimeout": .transient,
    ]
}
