import Pipeline

/// Why a request gets no answer of its endpoint. All errors have this one form:
/// `{"error": {"code": …, "message": …, "hint": …}}` and a status.
package struct ControlError: Error, Equatable {
    /// For scripts. A released code never changes its meaning.
    package enum Code: String, Sendable, CaseIterable {
        /// It is no HTTP/1.1 request.
        case malformed
        /// A parameter or a member is not known, or has no value that it may have.
        case invalid
        /// It comes from a web page, or, at the control socket, names another host.
        case foreign
        /// It names a host that the TCP listener does not have.
        case misdirected
        /// It has no token of the TCP listener, or a wrong one.
        case unauthorized
        /// It is not from a browser that has logged in.
        case loggedOut = "logged-out"
        /// It is from a browser that may look, and would change something.
        case readOnly = "read-only"
        case unknownPath = "unknown-path"
        /// What the request names is not there.
        case notFound = "not-found"
        case wrongMethod = "wrong-method"
        /// The body is larger than the server takes.
        case tooLarge = "too-large"
        /// The header fields are larger than the server takes.
        case headersTooLarge = "headers-too-large"
        /// The folder takes no files from the page.
        case noDrops = "no-drops"
        /// Another file has the name.
        case taken
        /// A file is to come, and the request does not say how long it is.
        case lengthRequired = "length-required"
        /// A file's part was asked for that the file does not have.
        case noSuchRange = "no-such-range"
        /// The disk has no room.
        case noRoom = "no-room"
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
    /// A name that is free, with the code `taken`.
    package var suggestion: String?

    package init(_ code: Code, _ message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The status of HTTP that belongs to the code.
    package var status: Int {
        switch code {
        case .malformed, .invalid: 400
        case .unauthorized, .loggedOut: 401
        case .foreign, .readOnly, .noDrops: 403
        case .unknownPath, .notFound: 404
        case .wrongMethod: 405
        case .taken: 409
        case .lengthRequired: 411
        case .tooLarge: 413
        case .noSuchRange: 416
        case .misdirected: 421
        case .invalidConfiguration: 422
        case .headersTooLarge: 431
        case .failed: 500
        case .busy, .notReady: 503
        case .noRoom: 507
        }
    }

    package var answer: ControlAnswer {
        let error = JSON.object([
            "code": .string(code.rawValue),
            "message": .string(message),
            "hint": .string(hint),
            "suggestion": suggestion.map(JSON.string),
        ])
        var answer = ControlAnswer.json(.object(["error": error]), status: status)
        if code == .unauthorized { answer.challenge = "Bearer realm=\"outtray\"" }
        // No scheme is registered for a cookie. Browsers ask nobody for a scheme that they do not know.
        if code == .loggedOut { answer.challenge = "Cookie realm=\"outtray\"" }
        return answer
    }
}
