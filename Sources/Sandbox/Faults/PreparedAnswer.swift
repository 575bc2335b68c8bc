/// What the next requests of one kind are answered with, in place of what they would get.
///
/// Prepared answers come before all other weather, in the order of their list, each until it is used up. The books tell
/// which requests got one.
package struct PreparedAnswer: Sendable, Equatable {
    /// What comes back.
    package enum Form: Sendable, Equatable {
        /// Exactly this; header names in lower case.
        case given(status: Int, headers: [String: String] = [:], body: [UInt8] = [])
        /// A reset of the connection; that of a PUT comes when half of its body has arrived.
        case reset
        /// The sandbox's own answer, if it is a JSON object, without these fields.
        case own(without: [String])
    }

    /// A route as it stands in the books, such as `POST /media/presign`, or `PUT` for an upload.
    package var request: String
    /// Only requests for this key, or for assets that were asked for with it; nil is any.
    package var key: String?
    /// How many requests get it.
    package var times: Int
    package var form: Form
    /// Whether the request has its usual effect all the same: the asset is made, the bytes are stored. The sandbox's own
    /// answer always means that it had.
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

    /// What `request` stands for an upload with.
    static let put = "PUT"

    /// Requests that can have one.
    static let requests = [
        put, "POST /media/presign", "GET /media/{id}", "POST /posts/upload/init", "POST /posts/upload/complete",
        "GET /posts/upload/document-status",
    ]

    /// Whether the request takes place as usual before it is answered.
    var hasEffect: Bool {
        if case .own = form { true } else { isCarriedOut }
    }

    /// The answer, given the one that the sandbox would have sent; nil for a request that was not carried out.
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
    /// Takes the first one that fits a request, and counts it.
    mutating func take(for request: String, key: String) -> PreparedAnswer? {
        guard let place = firstIndex(where: { $0.request == request && ($0.key ?? key) == key }) else { return nil }
        let taken = self[place]
        self[place].times -= 1
        if self[place].times < 1 { remove(at: place) }
        return taken
    }
}
