/// A request as the three handlers see it, free of the HTTP library's types.
struct IncomingRequest: Sendable {
    let method: String
    /// The path as it was sent, without the query.
    let path: String
    /// Decoded values of the query, the first of each name.
    let query: [String: String]
    /// Names are in lower case. Values of a repeated header are joined by ", ".
    let headers: [String: String]
    /// The host name that the client used, without the port.
    let host: String?
    let body: IncomingBody

    /// The length that the client declared. Nil if it declared none, or sends a chunked body.
    var contentLength: Int64? {
        guard headers["transfer-encoding"] == nil else { return nil }
        return headers["content-length"].flatMap { Int64($0) }
    }

    /// The path with `%XX` replaced. If the result is not UTF-8, the path as it came.
    var decodedPath: String {
        var bytes: [UInt8] = []
        var rest = path.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(rest.prefix(2)) ?? "", radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? path
    }

    /// The body as JSON. Nil if it is no JSON, is not declared as JSON, or has more than `limit` bytes.
    func json(upTo limit: Int = 1 << 20) async -> JSONValue? {
        let type = headers["content-type"]?.lowercased() ?? ""
        guard type.hasPrefix("application/json"), let bytes = try? await body.collected(upTo: limit) else { return nil }
        return JSONValue(parsing: bytes)
    }
}

/// Answers the requests of one port.
protocol RequestHandler: Sendable {
    /// Turns a request into its answer. Every failure is an answer too.
    func answer(_ request: IncomingRequest) async -> Answer
}
