import Pipeline

/// What a host learns of a content that it wants.
enum ContentStanding: Sendable {
    /// The host has the claim.
    case mine(fence: Int64, ticket: [UInt8]?)
    case up(StoredReceipt, host: String)
    /// Another host has the claim, since a time by the database's clock, which is for people.
    case taken(by: HostID, name: String, since: Timestamp, isFree: Bool)

    /// Reads the answer to ``ContentStatements/claim(_:host:)`` or a takeover.
    static func claimed(_ answer: Answer?) throws -> [ContentKey: ContentStanding] {
        Dictionary(try (answer?.rows ?? []).map { try claimed($0) }) { $1 }
    }

    /// Reads the answer to ``ContentStatements/standing(_:host:)``.
    static func told(_ answer: Answer?) throws -> [ContentKey: ContentStanding] {
        Dictionary(try (answer?.rows ?? []).map { try told($0) }) { $1 }
    }

    /// Reads a row of ``ContentStatements/claim(_:host:)``.
    static func claimed(_ row: Row) throws(PostgresError) -> (ContentKey, ContentStanding) {
        (try ContentKey(row), .mine(fence: try row.integer(2) ?? 0, ticket: try row.bytes(3)))
    }

    /// Reads a row of ``ContentStatements/standing(_:host:)``.
    static func told(_ row: Row) throws(PostgresError) -> (ContentKey, ContentStanding) {
        let key = try ContentKey(row)
        let name = try row.text(5) ?? "another host"
        if let text = try row.text(2) {
            guard let receipt = StoredReceipt(text, status: try row.text(3)) else {
                throw PostgresError(.other, "the receipt of content \(key.sha256.hex) is not understood")
            }
            return (key, .up(receipt, host: name))
        }
        guard let host = HostID(try row.text(4) ?? "") else {
            throw PostgresError(.other, "a host of the fleet has no identity")
        }
        let since = Timestamp(milliseconds: try row.integer(6) ?? 0)
        return (key, .taken(by: host, name: name, since: since, isFree: try row.boolean(7) ?? false))
    }
}

extension ContentKey {
    /// Reads account and digest, which stand at the beginning of a row.
    init(_ row: Row) throws(PostgresError) {
        guard let account = try row.text(0), let digest = try row.bytes(1) else {
            throw PostgresError(.other, "a content of the fleet has no account or no digest")
        }
        self.init(account: account, sha256: SHA256Digest(bytes: digest))
    }
}
