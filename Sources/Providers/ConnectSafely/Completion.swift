import Pipeline

/// The part of the *init* answer that `POST /posts/upload/complete` wants back. The ticket keeps it as JSON text.
struct Completion: Equatable, Sendable {
    let artifactURN: String?
    /// `multipartMetadata` as it came: a string, an empty string, an object, or null. Nil if it was missing.
    let metadata: JSON?

    init(artifactURN: String?, metadata: JSON?) {
        self.artifactURN = artifactURN
        self.metadata = metadata
    }

    /// Reads the text that ``text`` wrote. Nil if it is not a JSON object.
    init?(_ text: String) {
        guard let json = JSON(lenient: Array(text.utf8)), json.isObject else { return nil }
        self.init(artifactURN: json["mediaArtifactUrn"]?.text, metadata: json.verbatim("multipartMetadata"))
    }

    /// The text for ``Ticket/completion``.
    var text: String {
        JSON.object(["mediaArtifactUrn": artifactURN.map(JSON.string), "multipartMetadata": metadata]).json
    }

    /// The body of the call. It carries each answer of the storage with its true status and all headers, with or
    /// without `ETag`.
    func request(accountID: String?, answers: [PieceAnswer]) -> JSON {
        JSON.object([
            "accountId": accountID.map(JSON.string),
            "mediaArtifactUrn": artifactURN.map(JSON.string),
            "multipartMetadata": metadata,
            "partUploadResponses": .array(answers.map(Self.response)),
        ])
    }

    private static func response(_ answer: PieceAnswer) -> JSON {
        JSON.object(["httpStatusCode": .integer(Int64(answer.status)), "headers": headers(answer.headers)])
    }

    /// The headers with names in lower case. A repeated field becomes one field, joined by commas, as RFC 9110 allows.
    private static func headers(_ fields: [HeaderField]) -> JSON {
        var members: [JSON.Member] = []
        for field in fields {
            let name = field.name.lowercased()
            if let place = members.firstIndex(where: { $0.name == name }), let before = members[place].value.text {
                members[place] = JSON.Member(name, .string("\(before), \(field.value)"))
            } else {
                members.append(JSON.Member(name, .string(field.value)))
            }
        }
        return .object(members)
    }
}
