/// One thing that the service answers: a method, a path, and the answer.
///
/// An endpoint has a file of its own in `Endpoints`, and a line where the router is made.
package struct Endpoint: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package let method: Method
    /// The whole path, compared as it was sent.
    package let path: String
    /// The part that it belongs to; nil if it is for the control socket alone.
    package let part: ServedPart?
    /// Whether a TCP listener with a token wants it. The control socket wants none.
    package let needsToken: Bool
    /// May throw ``ControlError``, which is sent as it is. Any other error becomes status 500.
    package let answer: @Sendable (ControlRequest) async throws -> ControlAnswer

    package init(
        _ method: Method,
        _ path: String,
        part: ServedPart? = nil,
        needsToken: Bool = true,
        answer: @escaping @Sendable (ControlRequest) async throws -> ControlAnswer
    ) {
        self.method = method
        self.path = path
        self.part = part
        self.needsToken = needsToken
        self.answer = answer
    }
}

/// The parts of the API that a TCP listener may serve. The names are those of the configuration.
package enum ServedPart: String, Sendable, CaseIterable {
    case metrics
    case health
    case manifest
}
