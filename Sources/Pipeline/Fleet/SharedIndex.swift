/// The contents of one account, as all hosts of a fleet see them. A content is what a digest is of: the same bytes.
///
/// It keeps two hosts from sending the same bytes:
///
/// - A host claims a content before it asks where the bytes go. One host has the claim.
/// - The claim holds one ticket, and no byte goes with any other. Whoever takes the claim over goes on with that
///   ticket. So two hosts can only put the same bytes into the same asset.
/// - The first host to finish decides which asset the content has. The others adopt that asset.
///
/// Nothing on a host waits for the index longer than the configuration says. While nobody can ask it, the index answers
/// all the same: wait, or go alone.
package protocol SharedIndex: Sendable {
    /// Why no file of the account may go now; nil if files may.
    var closure: FleetClosure? { get }

    /// The digest of a file that waits for its content, if it has this version still. So it is not read again.
    func digest(of file: MediaFile) -> SHA256Digest?

    /// Claims the bytes for this host, or tells what has become of them. May be repeated.
    ///
    /// Behind each ``ContentClaim/mine(_:)`` and each ``ContentClaim/alone`` follows one ``leave(_:)``.
    ///
    /// If the content waits, the digest of the file is kept. ``wait(for:)`` follows when the file is back in the queue.
    ///
    /// - Throws: `CancellationError`.
    func claim(_ digest: SHA256Digest, of file: MediaFile) async throws -> ContentClaim

    /// Keeps the digest of a file whose claim has come to nothing: its content waits after all.
    func keep(_ digest: SHA256Digest, of file: MediaFile)

    /// Tells the pipeline from now on when to try a file again whose content waits.
    func wait(for file: MediaFile)

    /// Puts a ticket into the claim, before any byte goes with it. May be repeated.
    ///
    /// - Throws: `CancellationError`.
    func hold(_ ticket: Ticket, for content: HeldContent) async throws -> TicketHold

    /// How many hosts this one leaves room for in the account's rates. 1 while the fleet gives the calls out.
    var sharers: Int { get }

    /// Waits until a call to the API may be made, by the pace that all hosts share.
    ///
    /// - Throws: `CancellationError`.
    func waitForPace(isWrite: Bool) async throws

    /// Lets no host call the API for a while, because the provider has told this one to wait.
    func holdPace(for time: Duration, reason: String)

    /// Tells the fleet that a claimed content is up. The ledger has it by now.
    func finish(_ content: HeldContent, size: Int64, receipt: Receipt, at time: Timestamp)

    /// Lets a claim go without a result: the file changed, left, was refused or waits for another try. Any host may
    /// take the claim then, with its ticket.
    func release(_ content: HeldContent)

    /// Tells who finds out how far the provider is with an asset, or what is known by now.
    ///
    /// - Throws: `CancellationError`.
    func word(on asset: ProcessingAsset) async throws -> StatusWord

    /// Ends what a claim has begun: the try is over, after ``finish(_:size:receipt:at:)`` or ``release(_:)``. What the
    /// try has brought up stands in the ledger.
    func leave(_ digest: SHA256Digest)
}

/// What has become of a content that this host wants.
package enum ContentClaim: Sendable {
    /// This host brings the bytes up.
    case mine(HeldContent)
    /// The bytes are up.
    case up(SharedAsset)
    /// The file waits, without a slot.
    case waits(WaitCause, reason: String)
    /// Nobody can ask the index now. The file goes up as if this host were alone, and the index learns of it later.
    case alone
}

/// What a fleet says of an asset that its provider was still processing.
package enum StatusWord: Hashable, Sendable {
    /// This host asks the provider: it is the one that does, or the fleet does not know the asset, or cannot be asked.
    case ask
    /// Another host asks the provider, and goes on doing so.
    case wait
    /// What another host was told.
    case told(AssetStatus)
}

/// A claim of this host.
package struct HeldContent: Hashable, Sendable {
    package let sha256: SHA256Digest
    /// Counts how often the claim has changed hands. A former holder has a lower one.
    package let fence: Int64
    /// The ticket that the claim holds; nil if it has none, or one that this host cannot read.
    package let ticket: Ticket?

    package init(sha256: SHA256Digest, fence: Int64, ticket: Ticket?) {
        self.sha256 = sha256
        self.fence = fence
        self.ticket = ticket
    }
}

/// Whether the claim holds the ticket, so that its bytes may go.
package enum TicketHold: Sendable {
    case held
    /// Another host has the claim, or the bytes are up. Not a byte may go.
    case lost
    /// It is not known. Not a byte may go.
    case unknown(reason: String)
}

/// Why all files of an account wait for the fleet.
package struct FleetClosure: Hashable, Sendable {
    package let reason: String
    package let since: Timestamp
    /// When files go all the same; nil if they wait for the fleet however long that takes.
    package let until: Timestamp?

    package init(reason: String, since: Timestamp, until: Timestamp?) {
        self.reason = reason
        self.since = since
        self.until = until
    }
}
