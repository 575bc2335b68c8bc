import Pipeline

/// What an API's refusal means: decided by status and code, never by the words, which are for people.
enum APIRefusal {
    /// The error for an answer that is not a 2xx, or that says `success: false`.
    static func error(for answer: TransferAnswer, from provider: String) -> ProviderError {
        let words = ServerWords(answer)
        // `success: false` under a 200 may tell the true status in its body.
        let status = answer.isSuccess ? words.status ?? answer.status : answer.status
        let told = words.sentence.map { ": \($0)" } ?? answer.redirect ?? ""
        return ProviderError(
            kind(of: answer, status: status, words),
            "\(provider) answered \(status)\(told)",
            status: status,
            requestID: words.requestID
        )
    }

    private static func kind(of answer: TransferAnswer, status: Int, _ words: ServerWords) -> ProviderError.Kind {
        let code = words.code ?? ""
        // `STORAGE_LIMIT` comes as a 403 and is none; the plan's limits are no matter of the key either (inf).
        if code == "STORAGE_LIMIT" || code.hasPrefix("PLAN_LIMIT") { return .quota }
        switch status {
        case 401, 403: return .refusedKey
        case 402: return .quota
        case 400, 413, 415, 422: return .refusedFile
        case 408, 409, 425: return .transient
        case 429:
            // "At once" from a server that has just had enough would be a loop without a pause.
            let wait = ThrottleHint.wait(for: answer, body: words.json, now: .now())
            return .throttled(wait.map { $0 > .zero ? $0 : .seconds(1) })
        case 500...: return .transient
        case 200..<300 where code == "ZodError" || code == "VALIDATION_FAILED": return .refusedFile
        default: return .unexpectedAnswer
        }
    }
}

extension TransferAnswer {
    /// What a 3xx says, for a sentence; nil for all others.
    var redirect: String? {
        guard (300..<400).contains(status) else { return nil }
        let target = self["location"].map { " to \(URLText.withoutQuery($0.prefix(400)))" } ?? ""
        return ": a redirect\(target), which is not followed"
    }
}

extension ProviderError {
    /// The same error as one of another kind.
    func of(kind: Kind) -> ProviderError {
        ProviderError(kind, reason, status: status, requestID: requestID)
    }
}
