/// What goes wrong on purpose. By default nothing does.
///
/// Calls are requests to the two APIs; PUTs are uploads to the storage. Both are counted across all clients, from the
/// start or from the last change of the weather.
package struct Weather: Sendable, Equatable {
    /// How long to wait before each call and each PUT is looked at.
    package var latency = Duration.zero
    /// Every n-th PUT is read to its end and answered with 500 or 503. Nothing is stored.
    package var failEveryNthPut: Int?
    /// After this many calls, each further call is answered with 429, until the weather changes.
    package var tooManyRequestsAfter: Int?
    /// Every n-th PUT loses its connection when half of its body has arrived.
    package var resetMidBodyEveryNthPut: Int?
    /// Every n-th call is carried out. Then the connection is reset in place of the answer.
    package var loseAnswerEveryNthCall: Int?
    /// Every n-th PUT is stored. Then the connection is reset in place of the answer.
    package var loseAnswerEveryNthPut: Int?
    /// A life of upload URLs other than the configuration's, in whole seconds. Zero hands out expired URLs.
    package var urlLifetime: Duration?
    /// How long an image at Postbreeze is `PENDING` (first half) and `PROCESSING` (second half) after it has arrived.
    package var normaliseImagesFor = Duration.zero
    /// How long a document at ConnectSafely is `PROCESSING` after it has arrived.
    package var documentsProcessFor = Duration.zero
    /// Answers that the next requests of their kinds get. Each leaves the list when it is used up.
    package var prepared: [PreparedAnswer] = []

    /// Makes good weather.
    package init() {}
}

/// Why a change of the weather was refused.
struct WeatherError: Error {
    let reason: String
}

/// The weather as JSON, by the names of the properties. Durations are numbers of seconds. ``PreparedAnswer`` has JSON
/// of its own.
extension Weather {
    private static let durations: [(String, any WritableKeyPath<Weather, Duration> & Sendable)] = [
        ("latency", \.latency), ("normaliseImagesFor", \.normaliseImagesFor),
        ("documentsProcessFor", \.documentsProcessFor),
    ]
    private static let counts: [(String, any WritableKeyPath<Weather, Int?> & Sendable)] = [
        ("failEveryNthPut", \.failEveryNthPut), ("tooManyRequestsAfter", \.tooManyRequestsAfter),
        ("resetMidBodyEveryNthPut", \.resetMidBodyEveryNthPut), ("loseAnswerEveryNthCall", \.loseAnswerEveryNthCall),
        ("loseAnswerEveryNthPut", \.loseAnswerEveryNthPut),
    ]

    var json: JSONValue {
        var fields: [String: JSONValue] = [:]
        for (name, path) in Self.durations { fields[name] = .number(self[keyPath: path].inSeconds) }
        for (name, path) in Self.counts { fields[name] = self[keyPath: path].map { .integer(Int64($0)) } ?? .null }
        fields["urlLifetime"] = urlLifetime.map { .number($0.inSeconds) } ?? .null
        fields["prepared"] = .array(prepared.map(\.json))
        return .object(fields)
    }

    /// Changes the fields named in `change` and leaves the others. Null turns a field off.
    mutating func apply(_ change: JSONValue) throws(WeatherError) {
        guard case .object(let fields) = change else { throw WeatherError(reason: "the body must be a JSON object") }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            if let (_, path) = Self.durations.first(where: { $0.0 == name }) {
                self[keyPath: path] = try Self.duration(value, of: name) ?? .zero
            } else if let (_, path) = Self.counts.first(where: { $0.0 == name }) {
                self[keyPath: path] = try Self.count(value, of: name)
            } else if name == "urlLifetime" {
                urlLifetime = try Self.duration(value, of: name)
            } else if name == "prepared" {
                prepared = try Self.answers(value)
            } else {
                let known = (Self.durations.map(\.0) + Self.counts.map(\.0) + ["prepared", "urlLifetime"]).sorted()
                throw WeatherError(reason: "\(name) is no weather; known are \(known.joined(separator: ", "))")
            }
        }
    }

    private static func answers(_ value: JSONValue) throws(WeatherError) -> [PreparedAnswer] {
        if value == .null { return [] }
        guard let list = value.array else { throw WeatherError(reason: "prepared must be a list of JSON objects") }
        var answers: [PreparedAnswer] = []
        for item in list { answers.append(try PreparedAnswer(item)) }
        return answers
    }

    private static func duration(_ value: JSONValue, of name: String) throws(WeatherError) -> Duration? {
        if value == .null { return nil }
        guard let seconds = value.double, seconds >= 0, seconds < 1e9 else {
            throw WeatherError(reason: "\(name) must be a number of seconds, zero or more, or null")
        }
        return .seconds(seconds)
    }

    private static func count(_ value: JSONValue, of name: String) throws(WeatherError) -> Int? {
        if value == .null { return nil }
        let least: Int64 = name == "tooManyRequestsAfter" ? 0 : 1
        guard let count = value.integer, count >= least else {
            throw WeatherError(reason: "\(name) must be a whole number, \(least) or more, or null")
        }
        return Int(count)
    }
}

extension Duration {
    /// The duration as a fraction of seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
