/// Why a provider's step failed: the kind is what ``Uploader`` acts on, the reason what a person reads.
package struct ProviderError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// 5xx, timeouts, resets: the same request may succeed later.
        case transient
        /// 429: the whole account waits, for this long where the server tells.
        case throttled(Duration?)
        /// The storage says that the URL is too old: ask again.
        case expiredTicket
        /// The storage says that the signature does not fit: ask again, once.
        case refusedTicket
        /// 400, 413, 415, 422: this file cannot go up as it is.
        case refusedFile
        /// 401 or 403 of the API: every file of the account waits for another key.
        case refusedKey
        /// The answer points uploads to a host that they may not go to: nothing is sent, and every file of the account waits.
        case refusedHost
        /// The account's storage is full: it waits, and looks again later.
        case quota
        /// No connection to the host: DNS, refused, no route.
        case unreachable
        /// No safe connection to the host: its certificate or its TLS is not good. It does not pass by itself.
        case insecure
        /// The body ended early or could not be read: look at the file again.
        case interruptedBody
        /// The answer lacks what the contract says it has.
        case unexpectedAnswer
        /// Something else answers in place of the API or its storage (a portal, a proxy, another service), or what answers is
        /// broken whatever the file. It is no verdict on any file, and every file of the account waits.
        case outOfOrder
        /// Several files in a row were refused one like the other, which is no verdict on any of them. ``AccountLane`` draws
        /// this from what a provider says of each; no provider says it.
        case refusedAlike
        /// The task was cancelled: a shutdown, no failure.
        case cancelled
    }

    package let kind: Kind
    /// One sentence without a full stop; the server's own words where there are any. No key, no query of a URL, and nothing
    /// that does not print.
    package let reason: String
    /// The HTTP status, where there was an answer.
    package let status: Int?
    /// What the provider's support asks for.
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
