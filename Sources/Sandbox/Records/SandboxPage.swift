import FoundationEssentials

/// Everything that a sandbox was asked for, and all arrivals, in order.
package struct SandboxPage: Sendable, Codable {
    /// One of the two APIs.
    package enum Provider: String, Sendable, Codable {
        case postbreeze, connectsafely
    }

    /// One request to an API, whatever its answer.
    package struct Call: Sendable, Codable {
        package let at: Date
        package let provider: Provider
        /// Method and path beneath the base URL, such as `POST /media/presign`. Ids in paths are shown as `{id}`.
        package let route: String
        /// The bearer key, if it is one of the sandbox's own. Nil for no key and for foreign keys, which are secrets.
        package let key: String?
        /// 0 if a prepared answer was a reset.
        package let status: Int
        /// The asset that was made or asked for.
        package let asset: String?
        /// The connection was reset in place of the answer. The call was carried out before, unless a prepared answer
        /// said otherwise.
        package let answerLost: Bool
        /// A prepared answer was taken for this call.
        package let isPrepared: Bool
    }

    /// One asset that was asked for.
    package struct Asset: Sendable, Codable {
        package let at: Date
        package let provider: Provider
        /// `med_…` at Postbreeze, the asset URN at ConnectSafely.
        package let id: String
        package let name: String
        /// The content type at Postbreeze, the `mediaType` at ConnectSafely.
        package let type: String
        package let kind: SandboxKind
        package let declaredBytes: Int64?
        package let key: String
        /// The `folderId` that was asked for, at Postbreeze.
        package let folderId: String?
        /// Parts asked for; nil for a single PUT.
        package let parts: Int?
        /// Where to get the bytes when they are complete, beneath the storage's address.
        package let address: String
        /// The asset's file on disk; nil until all bytes have arrived.
        package internal(set) var file: String?
        /// Bytes and SHA-256 of the complete file; nil until it is complete.
        package internal(set) var bytes: Int64?
        package internal(set) var sha256: String?

        /// All bytes arrived, and a multipart upload was completed.
        package var isComplete: Bool { sha256 != nil }
    }

    /// One PUT to the storage. Refused PUTs are entered too.
    package struct Put: Sendable, Codable {
        package let at: Date
        package let provider: Provider
        package let asset: String
        /// From 1; nil for a single PUT.
        package let part: Int?
        /// The `Content-Length`, if there was one.
        package let declaredBytes: Int64?
        /// Bytes of the body that were read. 0 if the PUT was refused by its head.
        package let receivedBytes: Int64
        /// The digest of the bytes that were read; nil if none was read.
        package let sha256: String?
        /// Nil if the connection was reset in place of an answer.
        package let status: Int?
        /// The body came whole and its bytes count. True also for a lost answer.
        package let stored: Bool
        /// The PUT got a prepared answer.
        package let isPrepared: Bool
    }

    /// One completed multipart upload. Repeated calls are entered too.
    package struct Completion: Sendable, Codable {
        package let at: Date
        package let asset: String
        package let parts: Int
        /// The upload was complete before, so nothing changed.
        package let repeated: Bool
    }

    /// One post that was made, scheduled or kept as a draft. Refused calls are in the calls alone.
    package struct Post: Sendable, Codable {
        package let at: Date
        package let provider: Provider
        /// `post_…` at Postbreeze, the share's URN at ConnectSafely.
        package let id: String
        package let key: String
        package let text: String
        /// Media ids or asset URNs, in the order of the request.
        package let assets: [String]
        /// The connected accounts that post: `platforms[].accountId`, or `accountId`.
        package let accounts: [String]
        /// When Postbreeze is to publish; nil for a draft, and at ConnectSafely, which publishes at once.
        package let scheduledFor: Date?
        /// The title of a document.
        package let title: String?
    }

    package internal(set) var calls: [Call] = []
    package internal(set) var assets: [Asset] = []
    package internal(set) var puts: [Put] = []
    package internal(set) var completions: [Completion] = []
    package internal(set) var posts: [Post] = []
}
