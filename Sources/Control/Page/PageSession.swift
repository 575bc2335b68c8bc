import Pipeline

/// A browser that is logged in to the page.
package struct PageSession: Sendable, Equatable, Codable {
    /// A short name, by which a person ends the session.
    package let id: String
    /// The digest of what the browser shows. The secret itself is the browser's alone.
    let digest: String
    /// Whether the browser may look, and change nothing.
    package let isReadOnly: Bool
    /// In milliseconds since 1970.
    private let begun: Int64
    private let ends: Int64
    /// What the browser says of itself.
    package let agent: String

    init(id: String, digest: String, isReadOnly: Bool, since: Timestamp, until: Timestamp, agent: String) {
        self.id = id
        self.digest = digest
        self.isReadOnly = isReadOnly
        begun = since.milliseconds
        ends = until.milliseconds
        self.agent = agent
    }

    package var since: Timestamp { Timestamp(milliseconds: begun) }
    package var until: Timestamp { Timestamp(milliseconds: ends) }

    /// The session in answers.
    var json: JSON {
        .object([
            "session": .string(id),
            "readOnly": .bool(isReadOnly),
            "since": .string(since.iso8601),
            "until": .string(until.iso8601),
            "agent": .string(agent),
        ])
    }
}
