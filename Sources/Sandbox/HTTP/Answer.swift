/// An answer to a client.
struct Answer: Sendable {
    /// The body, or what happens in its place.
    enum Body: Sendable {
        case bytes([UInt8])
        /// A file on disk, streamed.
        case file(path: String)
        /// No answer at all: the TCP connection is reset.
        case reset
    }

    var status: Int
    /// Names are in lower case.
    var headers: [(name: String, value: String)] = []
    var body = Body.bytes([])

    /// Resets the connection in place of an answer.
    static let reset = Answer(status: 0, body: .reset)

    var isReset: Bool {
        if case .reset = body { true } else { false }
    }

    /// An answer in JSON.
    static func json(_ status: Int, _ value: some Encodable) -> Answer {
        Answer(
            status: status,
            headers: [("content-type", "application/json; charset=utf-8")],
            body: .bytes(encodedJSON(value))
        )
    }

    /// An answer in plain text, as LinkedIn's storage gives.
    static func text(_ status: Int, _ text: String) -> Answer {
        Answer(status: status, headers: [("content-type", "text/plain")], body: .bytes(Array(text.utf8)))
    }

    /// An error of an S3-compatible storage, in XML.
    static func xml(_ status: Int, code: String, message: String) -> Answer {
        let document =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
        return Answer(
            status: status,
            headers: [("content-type", "application/xml")],
            body: .bytes(Array(document.utf8))
        )
    }

    /// The same answer with one more header.
    func with(_ name: String, _ value: String) -> Answer {
        var answer = self
        answer.headers.append((name, value))
        return answer
    }
}
