/// One thing that the control socket answers: a method, a path, and the answer.
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
    /// May throw ``ControlError``, which is sent as it is. Any other error becomes status 500.
    package let answer: @Sendable (ControlRequest) async throws -> ControlAnswer

    package init(
        _ method: Method,
        _ path: String,
        answer: @escaping @Sendable (ControlRequest) async throws -> ControlAnswer
    ) {
        self.method = method
        self.path = path
        self.answer = answer
    }
}
