import Pipeline

/// Tells the kind of error that an API's refusal is.
///
/// Status, code and shape decide, never the words: words are for people. Only a body of the API's own shape is its
/// verdict on the file. A proxy, a firewall or another service may answer with the same status; that is the account's
/// trouble.
enum APIRefusal {
    /// The error for an answer that is not a 2xx, or that says `success: false`.
    static func error(for answer: TransferAnswer, from provider: String) -> ProviderError {
        let words = ServerWords(answer)
        // `success: false` under a 200 may give the true status in its body.
        let status = answer.isSuccess ? words.status ?? answer.status : answer.status
        return ProviderError(
            kind(of: answer, status: status, words),
            "\(provider) answered \(status)\(answer.told(in: words))",
            status: status,
            requestID: words.requestID
        )
    }

    private static func kind(of answer: TransferAnswer, status: Int, _ words: ServerWords) -> ProviderError.Kind {
        let code = words.code ?? ""
        let isOwn = isOwn(answer, words)
        // `STORAGE_LIMIT` comes with 403, yet the key is good. The plan's limits do not concern the key either
        // (inferred).
        if code == "STORAGE_LIMIT" || code.hasPrefix("PLAN_LIMIT") { return .quota }
        switch status {
        case 401: return .refusedKey
        // A firewall's page says nothing of the key.
        case 403: return [.page, .unreadable].contains(answer.shape) ? .outOfOrder : .refusedKey
        case 402: return .quota
        case 400, 413, 415, 422: return isOwn ? .refusedFile : .outOfOrder
        case 408, 409, 425: return .transient
        case 429:
            // No wait at all, from a server that has just throttled, would make a loop without a pause.
            let wait = ThrottleHint.wait(for: answer, body: words.json, now: .now())
            return .throttled(wait.map { $0 > .zero ? $0 : .seconds(1) })
        case _ where ServerTrouble.mayPass(status): return .transient
        case _ where ServerTrouble.isOfPortal(status): return .outOfOrder
        case 200..<300 where code == "ZodError" || code == "VALIDATION_FAILED": return .refusedFile
        default: return isOwn ? .unexpectedAnswer : .outOfOrder
        }
    }

    /// Is the body an error in one of the shapes that both APIs use?
    private static func isOwn(_ answer: TransferAnswer, _ words: ServerWords) -> Bool {
        guard answer.shape == .object, let json = words.json else { return false }
        return ["message", "error", "code", "success"].contains { json[$0] != nil }
    }
}

extension TransferAnswer {
    /// The end of a sentence, after the status: the server's words, the target of a redirect, or the nature of the
    /// body.
    func told(in words: ServerWords) -> String {
        if let redirect { return redirect }
        if let sentence = words.sentence { return ": \(sentence)" }
        return shape == .unreadable ? " with what cannot be read" : ""
    }

    /// The text about a 3xx, for a sentence; nil for any other status. It names only the target's origin, as the rest
    /// may be a secret.
    private var redirect: String? {
        guard (300..<400).contains(status) else { return nil }
        let target = self["location"].map { URLText.isAbsolute($0) ? " to \(URLText.origin($0))" : " to another path" }
        return ": a redirect\(target ?? ""), which is not followed"
    }
}

extension ProviderError {
    /// The same error with another kind.
    func of(kind: Kind) -> ProviderError {
        ProviderError(kind, reason, status: status, requestID: requestID)
    }
}
