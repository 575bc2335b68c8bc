import Pipeline

/// Why a request gets no answer of its endpoint. All errors of the socket have this one form:
/// `{"error": {"code": …, "message": …, "hint": …}}` and a status.
package struct ControlError: Error, Equatable {
    /// For scripts. A released code never changes its meaning.
    package enum Code: String, Sendable, CaseIterable {
        /// It is no HTTP/1.1 request.
        case malformed
        /// A parameter or a member is not known, or has no value that it may have.
        case invalid
        /// It comes from a browser, or names another host.
        case foreign
        case unknownPath = "unknown-path"
        /// What the request names is not there.
        case notFound = "not-found"
        case wrongMethod = "wrong-method"
        /// The body is larger than the socket takes.
        case tooLarge = "too-large"
        /// The header fields are larger than the socket takes.
        case headersTooLarge = "headers-too-large"
        /// Too many clients wait or follow already.
        case busy
        /// The service is at work, but not ready.
        case notReady = "not-ready"
        /// The new configuration is wrong, and the old one stays in force.
        case invalidConfiguration = "invalid-configuration"
        /// The endpoint failed.
        case failed
    }

    package let code: Code
    /// What is wrong, for people.
    package let message: String
    /// What to do.
    package let hint: String

    package init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The status of HTTP that belongs to the code.
    package var status: Int {
        switch code {
        case .malformed, .invalid: 400
        case .foreign: 403
        case .unknownPath, .notFound: 404
        case .wrongMethod: 405
        case .tooLarge: 413
        case .invalidConfiguration: 422
        case .headersTooLarge: 431
        case .failed: 500
        case .busy, .notReady: 503
        }
    }

    package var answer: ControlAnswer {
        let error = JSON.object(["code": .string(code.rawValue), "message": .string(message), "hint": .string(hint)])
        return .json(.object(["error": error]), status: status)
    }
}
