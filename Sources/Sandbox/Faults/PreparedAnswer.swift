/// The answer that the next requests of one kind get in place of their own.
///
/// Prepared answers are taken in the order of their list, each until it is used up. The books tell which requests got
/// one.
///
/// An answer without effect comes before other weather, but latency and a call's lost answer strike all the same. A
/// request that is carried out meets the other weather too: a call may get a 429, and a PUT may not be stored.
package struct PreparedAnswer: Sendable, Equatable {
    /// What comes back to the client.
    package enum Form: Sendable, Equatable {
        /// Exactly this answer. Header names are in lower case.
        case given(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
        /// A reset of the connection. For a PUT it comes when half of the body has arrived.
        case reset
        /// The sandbox's own answer without these fields, if that answer is a JSON object.
        case own(without: [String])
    }

    /// A route as the books name it, such as `POST /media/presign`, or `PUT` for an upload.
    package var request: String
    /// Only requests with this key, or for assets that were asked for with it. Nil means any key.
    package var key: String?
    /// How many requests get this answer.
    package var times: Int
    package var form: Form
    /// Whether the request still has its usual effect: the asset is made, the bytes are stored. With
    /// ``Form/own(without:)`` it always has.
    package var isCarriedOut: Bool

    package init(
        to request: String,
        key: String? = nil,
        times: Int = 1,
        _ form: Form,
        isCarriedOut: Bool = false
    ) {
        self.request = request
        self.key = key
        self.times = times
        self.form = form
        self.isCarriedOut = isCarriedOut
    }

    /// The value of `request` for an upload.
    static let put = "PUT"

    /// The requests that can have a prepared answer.
    static let requests = [
        put, "POST /media/presign", "GET /media/{id}", "POST /posts/upload/init", "POST /posts/upload/complete",
        "GET /posts/upload/document-status", "POST /posts", "POST /posts/create",
    ]

    /// Whether the request is carried out as usual before it is answered.
    var hasEffect: Bool {
        if case .own = form { true } else { isCarriedOut }
    }

    /// The answer in place of `own`, the one that the sandbox would have sent. `own` is nil if the request was not
    /// carried out.
    func answer(inPlaceOf own: Answer?) -> Answer {
        switch form {
        case .given(let status, let headers, let body):
            return Answer(
                status: status,
                headers: headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) },
                body: .bytes(body)
            )
        case .reset:
            return .reset
        case .own(let fields):
            guard var own, case .bytes(let bytes) = own.body, case .object(var object) = JSONValue(parsing: bytes)
            else { return own ?? .reset }
            for field in fields { object[field] = nil }
            own.body = .bytes(encodedJSON(JSONValue.object(object)))
            return own
        }
    }
}

extension [PreparedAnswer] {
    /// Takes the first prepared answer that fits a request, and counts it.
    mutating func use(for request: String, key: String) -> PreparedAnswer? {
        guard let place = firstIndex(where: { $0.request == request && ($0.key ?? key) == key }) else { return nil }
        let taken = self[place]
        self[place].times -= 1
        if self[place].times < 1 { remove(at: place) }
        return taken
    }
}
