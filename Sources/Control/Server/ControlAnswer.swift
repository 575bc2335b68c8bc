import Pipeline
import Threads

/// An answer of the control socket.
package struct ControlAnswer: Sendable {
    package enum Body: Sendable {
        case whole([UInt8])
        /// Called for one piece after the other; nil ends the answer, and an error breaks it off. It is cancelled when
        /// the client leaves or the service ends.
        case stream(@Sendable () async throws -> [UInt8]?)
    }

    /// Of a stream, in bytes, if it is known before. Then its end needs no end of the connection.
    package var length: Int64?
    package var status: Int
    package var contentType: String
    package var body: Body
    /// The methods that the path knows; sent as `Allow` with status 405 (RFC 9110, section 15.5.6).
    package var allowed: [String] = []
    /// More header fields, which come in place of the usual ones.
    package var fields: [(name: String, value: String)] = []
    /// What the client has to prove; sent as `WWW-Authenticate` with status 401 (RFC 9110, section 15.5.2).
    package var challenge: String?

    package init(status: Int = 200, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = .whole(body)
    }

    /// Plain text for people.
    package static func text(_ text: String) -> Self {
        ControlAnswer(contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// One JSON value and a line break.
    package static func json(_ value: JSON, status: Int = 200) -> Self {
        ControlAnswer(status: status, contentType: "application/json", body: Array((value.json + "\n").utf8))
    }

    /// Pieces as they come, with no end known.
    package static func stream(
        contentType: String,
        _ next: @escaping @Sendable () async throws -> [UInt8]?
    ) -> Self {
        var answer = ControlAnswer(contentType: contentType, body: [])
        answer.body = .stream(next)
        return answer
    }

    /// One JSON value that may take long, and a line break. `make` is called once, and is cancelled when the client
    /// leaves. The seat is held until then.
    static func once(
        _ seat: LongAnswers.Seat,
        _ make: @escaping @Sendable () async throws -> JSON
    ) -> Self {
        let isTold = Mutex(false)
        // A stream, because only a stream ends when its client leaves.
        return .stream(contentType: "application/json") {
            guard
                isTold.withLock({ told in
                    defer { told = true }
                    return !told
                })
            else { return nil }
            defer { withExtendedLifetime(seat) {} }
            return Array((try await make().json + "\n").utf8)
        }
    }

    /// The bytes of a whole body. A stream has none.
    var bytes: [UInt8] {
        if case .whole(let bytes) = body { bytes } else { [] }
    }
}
