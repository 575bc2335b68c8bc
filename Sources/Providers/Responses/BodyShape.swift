import Pipeline

/// The kind of body that an answer has.
///
/// The shape tells who wrote the answer: an API, a storage, or something in front of them.
enum BodyShape: Hashable, Sendable {
    case empty
    /// A JSON object.
    case object
    /// An error document of a storage that speaks S3: `<Error><Code>…`.
    case errorDocument
    /// HTML or other markup: a portal, a firewall, a proxy.
    case page
    /// Plain text, or JSON other than an object.
    case text
    /// Compressed, although no coding was asked for, or not text at all.
    case unreadable

    init(_ answer: TransferAnswer) {
        if answer.body.isEmpty {
            // A body that broke off before its first byte is not empty.
            self = answer.isCut ? .unreadable : .empty
        } else if answer.encoding != nil {
            self = .unreadable
        } else if JSON(lenient: answer.body)?.isObject == true {
            self = .object
        } else {
            self = BodyShape(text: String(decoding: answer.body, as: UTF8.self))
        }
    }

    private init(text: String) {
        let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if Self.isBinary(start) {
            self = .unreadable
        } else if start.isEmpty {
            self = .empty
        } else if start.hasPrefix("<") {
            self = ServerWords.errorCode(in: start) == nil ? .page : .errorDocument
        } else {
            self = .text
        }
    }

    /// Is this no text?
    ///
    /// No text begins with a control character. Text that is not UTF-8 (such as Latin-1) has no control character
    /// within. Compressed bodies break the first rule (gzip) or the second.
    private static func isBinary(_ text: Substring) -> Bool {
        func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 && !scalar.properties.isWhitespace }
        let scalars = text.unicodeScalars
        return scalars.first.map(isControl) == true
            || (scalars.contains("\u{FFFD}") && scalars.contains(where: isControl))
    }

    /// The words for a sentence: "answered 200 with …". Nil for an object, because its own words say more.
    var words: String? {
        switch self {
        case .empty: "nothing"
        case .page: "a page"
        case .text, .errorDocument: "something that is no JSON object"
        case .unreadable: "what cannot be read"
        case .object: nil
        }
    }
}

extension TransferAnswer {
    /// The coding of the body, such as `gzip`. Nil if the body came as it is.
    var encoding: String? {
        self["content-encoding"].flatMap { $0.lowercased() == "identity" || $0.isEmpty ? nil : $0 }
    }

    var shape: BodyShape { BodyShape(self) }

    /// The same answer without the key, in case the server has quoted it.
    ///
    /// This comes before any cutting, because half a key is a secret, too.
    func redacted(_ key: Secret) -> TransferAnswer {
        let body = key.removed(from: body)
        let fields = headers.map { HeaderField($0.name, key.removed(from: $0.value)) }
        // Hardly any server quotes the key.
        if body == nil, fields == headers { return self }
        return TransferAnswer(status: status, headers: fields, body: body ?? self.body, isCut: isCut)
    }
}
