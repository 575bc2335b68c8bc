import Foundation

/// `manifest.json` as a script reads it. Decoding fails if a field is missing or has another type.
struct Manifest: Decodable, Sendable {
    struct Entry: Decodable, Sendable {
        let folder: String?
        let kind: String
        let mimeType: String
        let bytes: Int
        let sha256: String
        let provider: String
        let account: String
        let assetUrn: String?
        let mediaId: String?
        let publicUrl: String?
        let recipes: [String]
        let status: String
        let present: Bool
        let movedTo: String?
        let sidecars: [String]?
        let sidecarsEncoding: String?
        let width: Int?
        let height: Int?
        let durationMs: Int?
        let warnings: [Warning]?
        let uploadedAt: String
        let revision: Int

        /// The asset URN or media id, by which the provider knows the file.
        var id: String? { assetUrn ?? mediaId }
    }

    struct Warning: Decodable, Sendable {
        let code: String
        let text: String
    }

    struct Rejected: Decodable, Sendable {
        let folder: String?
        let code: String
        let reason: String
        let at: String
        let revision: Int
    }

    let schema: Int
    let revision: Int
    let generatedAt: String
    let entries: [String: Entry]
    let rejected: [String: Rejected]
}

/// One line of `manifest.ndjson`.
struct JournalLine: Decodable, Sendable {
    let revision: Int
    let event: String
    let path: String
    let from: String?
    let sha256: String?
    let assetUrn: String?
    let mediaId: String?
    let sidecars: [String]?
    let code: String?
}
