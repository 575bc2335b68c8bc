import FoundationEssentials

/// How one provider's storage talks: which PUTs it refuses, and in what words.
///
/// There are two implementations: ``AmazonDialect`` (Cloudflare R2 beneath Postbreeze) and ``LinkedInDialect``.
protocol StorageDialect: Sendable {
    /// Whether the storage refuses a second PUT to an object that is being written.
    var refusesConcurrentPuts: Bool { get }

    /// The answer to a PUT with a wrong head. Nil if its body may come.
    func refusal(of request: IncomingRequest, for slot: UploadSlot, at now: Date) -> Answer?
    /// The answer to a second PUT to an object that is being written.
    func busy() -> Answer
    /// The answer to a body that ended before its declared length.
    func cutShort() -> Answer
    /// The answer to a PUT that the storage could not handle. The client is not at fault.
    func failure() -> Answer
    /// The answer to a PUT whose bytes are stored.
    func stored(_ slot: UploadSlot, sha256: String) -> Answer
}
