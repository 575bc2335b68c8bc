import Pipeline

/// What `POST /posts/upload/complete` wants back of the answer to *init*, kept in the ticket as JSON text.
struct Completion: Hashable, Sendable {
    let artifactURN: String?
    /// `multipartMetadata` as it came: a string, an empty one, an object, null; nil when it was missing.
    let metadata: JSON?

    init(artifactURN: String?, metadata: JSON?) {
        self.artifactURN = artifactURN
        self.metadata = metadata
    }

    /// Reads what ``text`` wrote.
    init?(_ text: String) {
        guard let json = JSONParser.parse(Array(text.utf8)), json.isObject else { return nil }
        self.init(artifactURN: json["mediaArtifactUrn"]?.text, metadata: json.verbatim("multipartMetadata"))
    }

    /// For ``Ticket/completion``.
    var text: String {
        JSON.object(["mediaArtifactUrn": artifactURN.map(JSON.string), "multipartMetadata": metadata]).description
    }

    /// The body of the call. The storage's answers go along with their true status and all headers, `ETag` or none.
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

    /// Names in lower case; a field that came more than once becomes one, as RFC 9110 lets it.
    private static func headers(_ fields: [HeaderField]) -> JSON {
        var members: [JSON.Member] = []
        for field in fields {
            let name = field.name.lowercased()
            if let place = members.firstIndex(where: { $0.name == name }), let before = members[place].value.text {
                members[place] = JSON.Member(name: name, value: .string("\(before), \(field.value)"))
            } else {
                members.append(JSON.Member(name: name, value: .string(field.value)))
            }
        }
        return .object(members)
    }
}
