import Pipeline

/// The words in the body of an error answer, in any shape: JSON of either API, XML of a storage, HTML, plain text.
struct ServerWords: Equatable, Sendable {
    /// Such as `VALIDATION_FAILED` or `ExpiredRequest`.
    var code: String?
    /// The server's own words, on one line of bounded length.
    var message: String?
    var requestID: String?
    /// The status in the body. It matters when `success: false` comes with a 200.
    var status: Int?
    /// The body, if it is JSON.
    var json: JSON?

    init(_ answer: TransferAnswer) {
        if answer.shape == .unreadable {
            self.init()
            message = answer.encoding.map { Self.tidy("a body in the coding \($0), which was not asked for") }
        } else if let json = JSON(lenient: answer.body) {
            self.init(json: json)
        } else {
            self.init(text: String(decoding: answer.body, as: UTF8.self))
        }
        requestID = requestID ?? Self.requestHeaders.lazy.compactMap { answer[$0] }.first
        code = code.map { Self.tidy($0, longest: 100) }
        requestID = requestID.map { Self.tidy($0, longest: 200) }
    }

    /// The code, the message, or both, for a sentence. Nil if there is neither.
    var sentence: String? {
        switch (code, message) {
        case (let code?, let message?): message.contains(code) ? message : "\(message) (\(code))"
        case (let code, let message): message ?? code
        }
    }

    private init() {}

    /// Reads the shapes of both APIs: `{code, message}`, `{error: "…"}`, `{error: {name, issues}}`, `message` as a
    /// list.
    private init(json: JSON) {
        self.json = json
        let error = json["error"]
        code = json["code"]?.text ?? error?["code"]?.text ?? error?["name"]?.text
        status = json["statusCode"]?.integer.flatMap { Int(exactly: $0) }
        requestID = json["requestId"]?.text ?? error?["requestId"]?.text
        let issues = (error?["issues"] ?? json["issues"])?.items.compactMap(Self.issue) ?? []
        let words =
            issues.isEmpty
            ? Self.words(json["message"]) ?? Self.words(error) ?? Self.words(error?["message"]) ?? Self.words(json)
            : issues.joined(separator: "; ")
        let limits = ["limit", "current"].compactMap { name in json[name]?.text.map { "\(name) \($0)" } }
        message = words.map { Self.tidy(limits.isEmpty ? $0 : "\($0) [\(limits.joined(separator: ", "))]") }
    }

    private init(text: String) {
        let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if let code = Self.errorCode(in: start) {
            self.code = code
            message = Self.element("Message", in: start).map { Self.tidy($0) }
            requestID = Self.element("RequestId", in: start)
        } else if start.hasPrefix("<") {
            message = (Self.element("title", in: start) ?? Self.withoutTags(start)).nonEmpty.map { Self.tidy($0) }
        } else {
            message = String(start).nonEmpty.map { Self.tidy($0) }
        }
    }

    /// A string, or the strings of a list.
    private static func words(_ json: JSON?) -> String? {
        if let text = json?.text { return text }
        return json?.items.compactMap { $0.text ?? $0["message"]?.text }.joined(separator: "; ").nonEmpty
    }

    /// One complaint of a `ZodError`: the field's path and the fault.
    private static func issue(_ json: JSON) -> String? {
        guard let message = json["message"]?.text else { return json.text }
        let path = json["path"]?.items.compactMap(\.text).joined(separator: ".").nonEmpty
        return path.map { "\($0): \(message)" } ?? message
    }

    /// The code in a storage's error document. Nil for other markup.
    static func errorCode(in text: Substring) -> String? {
        element("Error", in: text) == nil ? nil : element("Code", in: text)
    }

    /// The text between `<name>` and `</name>`.
    private static func element(_ name: String, in text: Substring) -> String? {
        guard let open = text.firstRange(of: "<\(name)>") ?? text.firstRange(of: "<\(name) "),
            let start = text[open.lowerBound...].firstIndex(of: ">"),
            let end = text[start...].firstRange(of: "</\(name)>")
        else { return nil }
        return unescaped(text[text.index(after: start)..<end.lowerBound])
    }

    private static func withoutTags(_ text: Substring) -> String {
        var inside = false
        var words = ""
        for character in text {
            switch character {
            case "<": inside = true
            case ">":
                inside = false
                words += " "
            default: if !inside { words.append(character) }
            }
        }
        return unescaped(words[...])
    }

    /// The text with its entities replaced by characters: those of XML, the non-breaking space, and numbers.
    private static func unescaped(_ text: Substring) -> String {
        var rest = text
        var plain = ""
        while let start = rest.firstIndex(of: "&") {
            plain += rest[..<start]
            let name = rest[start...].dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "#") }
            if let character = character(of: name), rest[name.endIndex...].first == ";" {
                plain.unicodeScalars.append(character)
                rest = rest[name.endIndex...].dropFirst()
            } else {
                plain += "&"
                rest = rest[start...].dropFirst()
            }
        }
        return plain + rest
    }

    /// The character for `&name;`, such as `lt`, `#39` or `#x27`. Nil for an unknown name.
    private static func character(of name: Substring) -> Unicode.Scalar? {
        if let known = entities[String(name)] { return known }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        return (isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)).flatMap { Unicode.Scalar($0) }
    }

    private static let entities: [String: Unicode.Scalar] = [
        "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "amp": "&", "nbsp": " ",
    ]

    /// The text on one line of at most `longest` characters. Removes characters that do not print, the queries of URLs,
    /// and a full stop at the end.
    private static func tidy(_ text: String, longest: Int = 400) -> String {
        let line = text.split { $0.isWhitespace || $0.unicodeScalars.allSatisfy(PlainText.isHidden) }
            .joined(separator: " ")
        let start = line.prefix(longest)
        let short = URLText.withoutQueries(start.count < line.count ? start + "…" : start)
        return short.hasSuffix(".") ? String(short.dropLast()) : short
    }

    /// Headers in which services give the id of a request, if the body gives none.
    private static let requestHeaders = ["x-request-id", "x-amz-request-id", "x-li-uuid", "cf-ray"]
}

extension String {
    fileprivate var nonEmpty: String? { allSatisfy(\.isWhitespace) ? nil : self }
}
