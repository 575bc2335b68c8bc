import Pipeline

/// The proof that a storage has taken a piece.
///
/// A status alone proves nothing: portals, firewalls and proxies say 200 as well. Yet the file may be removed because
/// of this answer.
enum StorageProof: Sendable {
    /// R2 answers each PUT with the `ETag` of the stored bytes. Source: S3's PutObject.
    case entityTag
    /// LinkedIn's storages answer with an `ETag` (S3), with a `Location` (Ambry), or with an empty body.
    case entityTagOrLocationOrNothing

    /// The error for an answer that does not prove it. Nil if the answer does.
    func objection(to answer: TransferAnswer) -> ProviderError? {
        guard answer.isSuccess else { return StorageRefusal.error(for: answer) }
        // 206 (partial content) and 207 (several results) do not answer a PUT.
        guard answer.status != 206, answer.status != 207 else { return Self.odd(answer, "") }
        let isNamed = has("etag", answer) || (self == .entityTagOrLocationOrNothing && has("location", answer))
        switch answer.shape {
        case .errorDocument: return StorageRefusal.error(for: answer)
        case .page: return Self.odd(answer, "a page")
        case .object where Self.tellsOfFailure(answer): return Self.odd(answer, "an error")
        case .unreadable where answer.isCut:
            if isNamed { return nil }
            return ProviderError(
                .transient,
                "the storage answered \(answer.status) and broke off",
                status: answer.status
            )
        case .unreadable: return Self.odd(answer, "what cannot be read")
        case .empty: return isNamed || self == .entityTagOrLocationOrNothing ? nil : Self.odd(answer, "no ETag")
        case .object, .text: return isNamed ? nil : Self.odd(answer, "no ETag")
        }
    }

    private func has(_ name: String, _ answer: TransferAnswer) -> Bool {
        guard var value = answer[name]?[...] else { return false }
        // A weak validator (RFC 9110, 8.8.1) may be as empty as a strong one.
        if value.hasPrefix("W/") { value = value.dropFirst(2) }
        return value.contains { !$0.isWhitespace && $0 != "\"" }
    }

    private static func tellsOfFailure(_ answer: TransferAnswer) -> Bool {
        let json = JSON(lenient: answer.body)
        return json?["success"]?.flag == false || json?["error"] != nil
    }

    private static func odd(_ answer: TransferAnswer, _ what: String) -> ProviderError {
        let words = ServerWords(answer)
        return ProviderError(
            .outOfOrder,
            "the storage answered \(answer.status)\(what.isEmpty ? "" : " with \(what)")"
                + (words.sentence.map { ": \($0)" } ?? "") + ", which does not show that it has the bytes",
            status: answer.status,
            requestID: words.requestID
        )
    }
}
