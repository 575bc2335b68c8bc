import SystemPackage

/// The uploads of one account, step by step, and the assets that it knows.
///
/// The account is whom the bytes go to (``AccountIdentity``). Nothing of another account counts here, even under the
/// same name.
///
/// The ledger fulfils this contract. When a call returns, its changes are on disk. Each step is recorded before the
/// next one begins. So a restart goes on from the last recorded step.
package protocol AssetBook: Sendable {
    /// Claims a portion of the account's due files, without the held ones, and marks them uploading. Returns them in
    /// the order in which they are to start.
    ///
    /// If the account cannot know the bytes of a file, the same commit records the intent to ask
    /// (``QueuedFile/begun``). The account then has no asset and no fully sent upload of that size. It has no upload
    /// that may be of the file, either.
    func claim(_ portion: Portion, except held: HeldBack, at time: Timestamp) async throws -> [QueuedFile]

    /// Whether the account has an asset of this size.
    ///
    /// Assets that the provider could not process do not count, here and in ``asset(size:sha256:)``. Their bytes go up
    /// anew.
    func hasAssets(ofSize size: Int64) async throws -> Bool

    /// The account's asset with these bytes. Of several assets, the newest.
    func asset(size: Int64, sha256: SHA256Digest) async throws -> KnownAsset?

    /// Is there another upload of this account with the same size whose bytes may all be at the storage? Then hash
    /// before sending. An upload of this very version does not count.
    func hasUploads(besides file: MediaFile) async throws -> Bool

    /// The upload of this file that an earlier process or try began; nil if there is none. After nil, an upload of
    /// another version no longer belongs to this path.
    ///
    /// An upload belongs to the file if it is of the same account and the same bytes
    /// (``FileVersion/hasSameBytes(as:)``). It may stand at this path for another version. It may also stand at a path
    /// whose file left: the file was renamed. From then on the upload belongs to this path and this version.
    ///
    /// Its answers are kept only for the very same version, as after the rename of a directory. Bytes of two versions
    /// never become one asset. Otherwise the pieces go to the same URLs again and replace the earlier ones.
    ///
    /// `sha256` is the digest of the file's bytes, if they were read. Then any upload with exactly these bytes also
    /// belongs to the file, together with its answers. Its asset may have the bytes already. Nobody may be sending that
    /// upload at the time (see ``Flights``).
    func upload(of file: MediaFile, sha256: SHA256Digest?) async throws -> UploadUnderWay?

    /// Records the intent to ask.
    func beginUpload(of file: MediaFile, at time: Timestamp) async throws

    /// Records the ticket, before the first byte goes. The same commit records what the ticket's owner shows about the
    /// account.
    ///
    /// `sha256` is the digest of the bytes that are to go, if they were read. The same commit records it, as
    /// ``recordBytes(_:of:with:askedAt:)`` does. It does not if the account has an asset of these bytes by now.
    ///
    /// If another account of the same target has this owner, both become one account. If the key had another owner
    /// before, it now means another account. Then the files in its folders settle anew, as in
    /// ``AccountRoll/adopt(_:folders:at:)``.
    @discardableResult
    func recordTicket(
        _ ticket: Ticket,
        of file: MediaFile,
        sha256: SHA256Digest?,
        at time: Timestamp
    ) async throws -> RecordedTicket

    /// Records the digest of the bytes that go with a ticket, before the last of them goes.
    ///
    /// From then on the asset may have these bytes, even if no answer comes. The digest is recorded even if another
    /// file has come to the path and the ticket was forgotten with it.
    func recordBytes(_ sha256: SHA256Digest, of file: MediaFile, with ticket: Ticket, askedAt: Timestamp) async throws

    /// Records that the storage has a piece. ``complete(_:provider:sha256:receipt:leaving:at:)`` does the same for an
    /// upload none of whose answers was recorded.
    func recordAnswer(_ answer: PieceAnswer, of file: MediaFile) async throws

    /// Forgets the ticket and its answers, because they are no good.
    func dropUpload(of file: MediaFile) async throws

    /// Forgets the ticket of a file whose bytes differ from the ticket's, or may differ.
    ///
    /// The ticket stays if all its bytes may be at the storage (``recordBytes(_:of:with:askedAt:)``). A file with the
    /// same bytes can then go on with the ticket, within a day.
    func leaveUpload(of file: MediaFile) async throws

    /// Puts a claimed file back whose refusal says nothing of it (``ProviderError/Kind/saysNothingOfFile``).
    ///
    /// It does what ``FileQueue/postpone(_:_:)`` does. The same commit records the version's
    /// first such refusal.
    func postponeRefused(_ file: MediaFile, _ postponement: Postponement) async throws

    /// Whether another file of this account has gone up since this version of the file was first refused so. Only a try
    /// counts that began no sooner than the one that was refused: the others may have gone up before the service broke
    /// down.
    func isRefusalContradicted(of file: MediaFile) async throws -> Bool

    /// Records a finished upload in one commit: the asset, the file as uploaded, the manifest's entry, and that it
    /// contradicts earlier refusals (``isRefusalContradicted(of:)``).
    ///
    /// A file that has another version by now still gets the entry, and keeps its state. Its new version follows. If
    /// the new version is already up or rejected, the path shows that version instead. If the file is unknown, it left
    /// meanwhile. Then the entry is not present.
    ///
    /// An asset that is `.processing` gets its first look at once. `leaving` adds the file's ``Departure`` to the same
    /// commit, unless the file has left or changed meanwhile.
    func complete(
        _ file: MediaFile,
        provider: String,
        sha256: SHA256Digest,
        receipt: Receipt,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws

    /// Records that a file has the bytes of a known asset.
    ///
    /// `movedFrom` names the path whose entry moves here. If it is nil, the old path keeps its own entry. An entry that
    /// already shows the asset stays as it is. `leaving` means the same as in
    /// ``complete(_:provider:sha256:receipt:leaving:at:)``.
    func reuse(
        _ asset: KnownAsset,
        for file: MediaFile,
        movedFrom: FilePath?,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws

    /// Records that a file has the bytes of an asset that another host of the fleet brought up to this account.
    ///
    /// The account knows the asset from now on. If it knows one of these bytes already, the file gets that one.
    /// `leaving` means the same as in ``complete(_:provider:sha256:receipt:leaving:at:)``.
    func adopt(
        _ asset: SharedAsset,
        sha256: SHA256Digest,
        for file: MediaFile,
        provider: String,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws

    /// Other paths with an entry for the asset, at which this very file was seen (``FileVersion/hasSameBytes(as:)``).
    ///
    /// The file may have been moved from one of them. The result is empty if the file's own path already shows the
    /// asset. Of a file with many hard links, the result has only some paths.
    func earlierPaths(of file: MediaFile, showing asset: KnownAsset) async throws -> [FilePath]

    /// Assets that the provider is still processing and whose next look is due by `time`.
    ///
    /// If several names mean the account, the first name looks after its assets. For the other names the result is
    /// empty.
    func processing(at time: Timestamp, limit: Int) async throws -> [ProcessingAsset]

    /// When the next look is due; nil if no asset is being processed.
    func nextLook() async throws -> Timestamp?

    /// Records the result of a look.
    ///
    /// `.processing` needs the time of the next look. Any other status ends the looks. The entries that show the asset
    /// change in the same commit.
    @discardableResult
    func recordStatus(_ status: AssetStatus, of asset: ProcessingAsset, nextLook: Timestamp?, at time: Timestamp)
        async throws -> RecordedStatus

    /// Records that the account does not have an asset any more: the asset is `.failed`, and its bytes go up anew.
    func recordGone(_ asset: KnownAsset, at time: Timestamp) async throws -> RecordedStatus
}

/// What the result of a look has changed.
package struct RecordedStatus: Hashable, Sendable {
    /// The paths whose entries show a new status.
    package var paths: [FilePath] = []
    /// Whether departures had waited for it.
    package var releases = false

    package init(paths: [FilePath] = [], releases: Bool = false) {
        self.paths = paths
        self.releases = releases
    }
}

/// What recording a ticket has shown.
package struct RecordedTicket: Hashable, Sendable {
    /// The change of account to report.
    package var change: AccountChange?
    /// Whether the account has an asset of the bytes that were to go.
    package var isKnown = false

    package init(change: AccountChange? = nil, isKnown: Bool = false) {
        self.change = change
        self.isKnown = isKnown
    }
}

extension AssetBook {
    /// The upload of a file that was not read.
    package func upload(of file: MediaFile) async throws -> UploadUnderWay? {
        try await upload(of: file, sha256: nil)
    }

    /// Records the ticket of a file that was not read. Returns the change of account to report.
    @discardableResult
    package func recordTicket(_ ticket: Ticket, of file: MediaFile, at time: Timestamp) async throws -> AccountChange? {
        try await recordTicket(ticket, of: file, sha256: nil, at: time).change
    }

    /// Records a finished upload of a file that stays.
    package func complete(
        _ file: MediaFile,
        provider: String,
        sha256: SHA256Digest,
        receipt: Receipt,
        at time: Timestamp
    ) async throws {
        try await complete(file, provider: provider, sha256: sha256, receipt: receipt, leaving: .keep, at: time)
    }

    /// Records known bytes of a file that stays.
    package func reuse(_ asset: KnownAsset, for file: MediaFile, movedFrom: FilePath?, at time: Timestamp) async throws
    {
        try await reuse(asset, for: file, movedFrom: movedFrom, leaving: .keep, at: time)
    }
}

/// An upload that was begun: its intent alone, or a ticket and the answers so far.
package struct UploadUnderWay: Hashable, Sendable {
    /// Nil if no answer was recorded. The request may have been made all the same.
    package let ticket: Ticket?
    /// When the ticket came; without one, when the intent was recorded.
    package let askedAt: Timestamp
    /// By piece, in order of index.
    package let answers: [PieceAnswer]

    package init(ticket: Ticket?, askedAt: Timestamp, answers: [PieceAnswer]) {
        self.ticket = ticket
        self.askedAt = askedAt
        self.answers = answers
    }
}

/// An asset whose bytes are known.
package struct KnownAsset: Hashable, Sendable {
    /// The ledger's own number.
    package let id: Int64
    package let sha256: SHA256Digest
    package let receipt: Receipt

    /// False if the account has the asset by its name alone, as after a repair. Such an asset lets no file leave.
    package let isProven: Bool

    package init(id: Int64, sha256: SHA256Digest, receipt: Receipt, isProven: Bool = true) {
        self.isProven = isProven
        self.id = id
        self.sha256 = sha256
        self.receipt = receipt
    }
}
