import Pipeline

/// Calls one account's API. Only this type puts the key into a request.
///
/// Each URL is the base URL plus a path of ours, never a URL from an answer. So the key goes to the base URL's host
/// alone.
struct APIClient: Sendable {
    private let provider: String
    private let connection: ConnectionSettings
    private let transfer: Transfer

    init(provider: String, connection: ConnectionSettings, transfer: Transfer) {
        self.provider = provider
        self.connection = connection
        self.transfer = transfer
    }

    /// Calls `GET` on a path beneath the base URL. Query items without a value are left out.
    func get(_ path: String, query: KeyValuePairs<String, String?> = [:]) async throws(ProviderError) -> TransferAnswer
    {
        try await call(.get, path, query: query, body: .none)
    }

    /// Calls `POST` with JSON on a path beneath the base URL.
    func post(
        _ path: String,
        query: KeyValuePairs<String, String?> = [:],
        _ body: JSON
    ) async throws(ProviderError) -> TransferAnswer {
        try await call(.post, path, query: query, body: .bytes(Array(body.json.utf8)))
    }

    /// The body of a success, as a JSON object. Throws the fitting error for any other answer.
    func object(of answer: TransferAnswer) throws(ProviderError) -> JSON {
        guard answer.isSuccess else { throw refusal(answer) }
        if let what = answer.shape.words {
            let words =
                answer.shape == .page || answer.encoding != nil ? ServerWords(answer.redacted(connection.key)) : nil
            let told = words?.sentence.map { ": \($0)" } ?? ""
            throw unexpected("\(what)\(told)", answer).of(kind: .outOfOrder)
        }
        guard let json = JSON(lenient: answer.body) else { throw unexpected("nothing", answer) }
        guard json["success"]?.flag != false else { throw refusal(answer) }
        return json
    }

    /// Asks about something that is not there, with `GET`. See ``Provider/probe()``.
    ///
    /// A server looks at the key first: 401 and 403 are its refusal (inferred). So any other verdict in the API's own
    /// form shows that the key was not refused, such as 404, or 422 for an odd id. A bare 404 or 405 counts too: the
    /// API may lack the call. A 404 that quotes the path is a router's: no such call is at this address.
    func probe(_ path: String, query: KeyValuePairs<String, String?> = [:]) async throws(ProviderError) -> ProviderProbe
    {
        let answer = try await get(path, query: query)
        do {
            _ = try object(of: answer)
        } catch {
            let isRouteless = [404, 405].contains(answer.status) && answer.shape == .empty
            guard error.kind == .refusedFile || error.kind == .unexpectedAnswer || isRouteless else { throw error }
            let words = ServerWords(answer.redacted(connection.key))
            if answer.status == 404, words.sentence?.contains(path) == true { throw error }
            let isOwn = ["success", "code", "statusCode", "requestId"].contains { words.json?[$0] != nil }
            return ProviderProbe(date: answer.date, isOfAPI: answer.status != 404 || isOwn)
        }
        return ProviderProbe(date: answer.date)
    }

    /// The error for an answer without a field that the API's reference promises.
    func unexpected(_ what: String, _ answer: TransferAnswer) -> ProviderError {
        ProviderError(
            .unexpectedAnswer,
            "\(provider) answered \(answer.status) with \(what)",
            status: answer.status,
            requestID: ServerWords(answer.redacted(connection.key)).requestID
        )
    }

    private func refusal(_ answer: TransferAnswer) -> ProviderError {
        APIRefusal.error(for: answer.redacted(connection.key), from: provider)
    }

    private func call(
        _ method: TransferRequest.Method,
        _ path: String,
        query: KeyValuePairs<String, String?>,
        body: TransferRequest.Body
    ) async throws(ProviderError) -> TransferAnswer {
        let items = query.compactMap { name, value in value.map { "\(name)=\(URLText.encoded($0))" } }
        let base = connection.baseURL.hasSuffix("/") ? String(connection.baseURL.dropLast()) : connection.baseURL
        var request = TransferRequest(
            method: method,
            url: base + path + (items.isEmpty ? "" : "?" + items.joined(separator: "&")),
            body: body,
            patience: connection.timeouts.answer,
            authorities: connection.authorities
        )
        request.headers = [
            HeaderField("Authorization", "Bearer \(connection.key.revealed)"),
            HeaderField("Accept", "application/json"),
            // Without this, a server may choose any coding; none is read here.
            HeaderField("Accept-Encoding", "identity"),
            HeaderField("User-Agent", "outtray"),
        ]
        if case .bytes = body { request.headers.append(HeaderField("Content-Type", "application/json")) }
        return try await transfer.exchange(request)
    }
}
