/// One thing that the service answers: a method, a path, and the answer.
///
/// An endpoint has a file of its own in `Endpoints`, and a line where the router is made.
package struct Endpoint: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    /// Who may ask at a TCP listener. At the control socket, its mode decides.
    package enum Access: Sendable, Equatable {
        /// Everybody who reaches the listener.
        case everybody
        /// Also a browser that comes by a link on another site.
        case visitors
        /// Who shows the listener's token, where there is one.
        case token
        /// A browser that shows a link's key, from the page itself.
        case login
        /// A browser that has logged in, from the page itself.
        case session(PageRight)
    }

    /// In a path, it stands for one component of any text, which the request then has as
    /// ``ControlRequest/variable``.
    static let variable = "{name}"

    package let method: Method
    /// The whole path, compared as it was sent. It may have one ``variable``.
    package let path: String
    /// The part that it belongs to; nil if it is for the control socket alone.
    package let part: ServedPart?
    package let access: Access
    /// May throw ``ControlError``, which is sent as it is. Any other error becomes status 500.
    package let answer: @Sendable (ControlRequest) async throws -> ControlAnswer

    package init(
        _ method: Method,
        _ path: String,
        part: ServedPart? = nil,
        access: Access = .token,
        answer: @escaping @Sendable (ControlRequest) async throws -> ControlAnswer
    ) {
        self.method = method
        self.path = path
        self.part = part
        self.access = access
        self.answer = answer
    }
}

extension Endpoint.Access {
    /// Whether the body is a file's bytes, which the endpoint takes as they come. Any other body is JSON, and arrives
    /// whole first.
    var takesBytes: Bool { self == .session(.drop) }
}

/// What a browser that has logged in may do.
package enum PageRight: Sendable {
    case look
    case act
    /// Put a file into a folder, which is also an act.
    case drop
}

/// The parts of the API that a TCP listener may serve. The names are those of the configuration.
package enum ServedPart: String, Sendable, CaseIterable {
    case page
    case metrics
    case health
    case manifest
}
