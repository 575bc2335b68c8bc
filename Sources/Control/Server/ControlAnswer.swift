/// An answer of the control socket.
package struct ControlAnswer: Sendable, Equatable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]
    /// The methods that the path knows; sent as `Allow` with status 405 (RFC 9110, section 15.5.6).
    package var allowed: [String] = []

    package init(status: Int = 200, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// Plain text for people.
    package static func text(_ text: String) -> Self {
        ControlAnswer(contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}
