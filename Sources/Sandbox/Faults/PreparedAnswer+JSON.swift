/// Prepared answers as JSON, by the names of the properties. `status` is a number or `"reset"`; `body` is a text or any
/// JSON.
extension PreparedAnswer {
    private static let fields = ["body", "carriedOut", "headers", "key", "request", "status", "times", "without"]

    var json: JSONValue {
        var fields: [String: JSONValue] = ["request": .string(request), "times": .integer(Int64(times))]
        fields["key"] = key.map(JSONValue.string)
        switch form {
        case .given(let status, let headers, let body):
            fields["status"] = .integer(Int64(status))
            fields["headers"] = .object(headers.mapValues(JSONValue.string))
            fields["body"] = .string(String(decoding: body, as: UTF8.self))
        case .reset: fields["status"] = "reset"
        case .own(let without): fields["without"] = .array(without.map(JSONValue.string))
        }
        if case .own = form {} else { fields["carriedOut"] = .bool(isCarriedOut) }
        return .object(fields)
    }

    /// Reads a prepared answer, as strictly as the rest of the weather.
    init(_ json: JSONValue) throws(WeatherError) {
        guard case .object(let fields) = json else {
            throw WeatherError(reason: "prepared must be a list of JSON objects")
        }
        if let name = fields.keys.sorted().first(where: { !Self.fields.contains($0) }) {
            throw WeatherError(
                reason: "\(name) is no field of a prepared answer; known are \(Self.fields.joined(separator: ", "))"
            )
        }
        guard let request = fields["request"]?.string, Self.requests.contains(request) else {
            throw WeatherError(
                reason: "request of a prepared answer must be one of \(Self.requests.joined(separator: ", "))"
            )
        }
        let form = try Self.form(fields)
        self.init(
            to: request,
            key: try Self.value(fields["key"], "key must be a string", \.string),
            times: try Self.value(fields["times"], "times must be a whole number, 1 or more", Self.count) ?? 1,
            form,
            isCarriedOut: try Self.value(fields["carriedOut"], "carriedOut must be true or false", \.bool) ?? false
        )
    }

    private static func form(_ fields: [String: JSONValue]) throws(WeatherError) -> Form {
        if let without = try value(fields["without"], "without must be a list of field names", names) {
            guard ["body", "carriedOut", "headers", "status"].allSatisfy({ fields[$0] == nil }) else {
                throw WeatherError(
                    reason: "without leaves fields out of the sandbox's own answer, so no other answer may be given"
                )
            }
            return .own(without: without)
        }
        if fields["status"] == "reset" {
            guard fields["headers"] == nil, fields["body"] == nil else {
                throw WeatherError(reason: "a reset has neither headers nor body")
            }
            return .reset
        }
        let wrongStatus = "status of a prepared answer must be 200 to 599, or \"reset\""
        guard let status = try value(fields["status"], wrongStatus, status) else {
            throw WeatherError(reason: wrongStatus)
        }
        var headers = try value(fields["headers"], "headers must be an object of strings", texts) ?? [:]
        let body = fields["body"] ?? .null
        switch body {
        case .null: return .given(status: status, headers: headers)
        case .string(let text): return .given(status: status, headers: headers, body: Array(text.utf8))
        default:
            if headers["content-type"] == nil { headers["content-type"] = "application/json; charset=utf-8" }
            return .given(status: status, headers: headers, body: encodedJSON(body))
        }
    }

    /// A field's value. Nil if the field is missing or null.
    private static func value<Value>(
        _ json: JSONValue?,
        _ rule: String,
        _ read: (JSONValue) -> Value?
    ) throws(WeatherError) -> Value? {
        guard let json, json != .null else { return nil }
        guard let value = read(json) else { throw WeatherError(reason: rule) }
        return value
    }

    private static func count(_ json: JSONValue) -> Int? {
        json.integer.flatMap { Int(exactly: $0) }.flatMap { $0 >= 1 ? $0 : nil }
    }

    /// A status below 200 is no final answer.
    private static func status(_ json: JSONValue) -> Int? {
        json.integer.flatMap { (200...599).contains($0) ? Int($0) : nil }
    }

    private static func names(_ json: JSONValue) -> [String]? {
        json.array.flatMap { list in
            let names = list.compactMap(\.string)
            return names.count == list.count ? names : nil
        }
    }

    private static func texts(_ json: JSONValue) -> [String: String]? {
        guard case .object(let fields) = json else { return nil }
        let texts = fields.compactMap { name, value in value.string.map { (name.lowercased(), $0) } }
        return texts.count == fields.count ? Dictionary(texts) { _, last in last } : nil
    }
}
