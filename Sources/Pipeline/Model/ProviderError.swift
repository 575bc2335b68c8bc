/// Why a provider's step failed. ``AccountLane`` acts on the kind; the reason is for people.
package struct ProviderError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// 5xx, timeouts, resets: the same request may succeed later.
        case transient
        /// 429: the whole account waits, for this long if the server tells.
        case throttled(Duration?)
        /// The storage says that the URL is too old: ask again.
        case expiredTicket
        /// The storage says that the signature does not fit, or does not know the upload: ask again, once.
        case refusedTicket
        /// 400, 413, 415, 422: this file cannot go up as it is.
        case refusedFile
        /// 401 or 403 of the API: every file of the account waits for another key.
        case refusedKey
        /// The answer points uploads to a host that is not allowed. Nothing is sent, and every file of the account
        /// waits.
        case refusedHost
        /// The account's storage is full: the account waits and looks again later.
        case quota
        /// No connection to the host: DNS, refused, no route.
        case unreachable
        /// No safe connection to the host: its certificate or its TLS is not good. Waiting does not mend it.
        case insecure
        /// The body ended early or could not be read: look at the file again.
        case interruptedBody
        /// The answer lacks a field that the provider's contract requires, or has a status that the contract does not
        /// know.
        case unexpectedAnswer
        /// Not the API or its storage answers but something else (a portal, a proxy, another service), or the answer is
        /// broken whatever the file. No file is judged by it. Every file of the account waits.
        case outOfOrder
        /// Several files in a row were refused alike, so no one of them is judged by it. ``AccountLane`` concludes this
        /// from the errors of each; no provider throws it.
        case refusedAlike
        /// The task was cancelled: a shutdown, no failure.
        case cancelled

        /// Whether this is a refusal that says nothing of the file: the service may refuse every file so.
        ///
        /// It is no verdict on the file until another file shows that the service takes files (``ServiceRefusal``).
        var saysNothingOfFile: Bool {
            switch self {
            case .expiredTicket, .refusedTicket, .unexpectedAnswer: true
            default: false
            }
        }
    }

    package let kind: Kind
    /// One sentence without a full stop, with the server's own words if there are any. It holds no key, no query of a
    /// URL and no unprintable character.
    package let reason: String
    /// The HTTP status, if there was an answer.
    package let status: Int?
    /// The id by which the provider's support finds the request.
    package let requestID: String?

    package init(_ kind: Kind, _ reason: String, status: Int? = nil, requestID: String? = nil) {
        self.kind = kind
        self.reason = PlainText.of(reason)
        self.status = status
        self.requestID = requestID.map { PlainText.of($0) }
    }

    package var description: String {
        requestID.map { "\(reason) (request \($0))" } ?? reason
    }
}
