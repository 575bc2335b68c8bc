import SystemPackage

/// What was asked of one account and what it knows: uploads under way, step by step, and the assets that came of them.
///
/// The account is whom the bytes go to (``AccountIdentity``): nothing of another one counts here, whatever its name.
///
/// The contract that the ledger fulfils: when a call returns, what it wrote is on disk; a step is recorded before the next
/// one is taken, so that a restart goes on with the last one recorded.
package protocol AssetBook: Sendable {
    /// Whether the account has an asset of this size. Those that their provider could not process do not count, here and in
    /// ``asset(size:sha256:)``: the same bytes go up anew.
    func hasAssets(ofSize size: Int64) async throws -> Bool

    /// The account's asset of these bytes; of several, the newest.
    func asset(size: Int64, sha256: SHA256Digest) async throws -> KnownAsset?

    /// Whether there is an upload of the account, not of this very version, whose bytes may all be at the storage and are as
    /// many as this file's: then its digest is worth knowing before it goes.
    func hasUploads(besides file: MediaFile) async throws -> Bool

    /// The upload of this file that an earlier process or try began; nil where there is none, and then whatever there is of
    /// another version is not this path's any more.
    ///
    /// What was begun for the same account and the same bytes (``FileVersion/hasSameBytes(as:)``) is the file's own: at this
    /// path in another version, or at a path whose file left, from where it was renamed. It is this path's and this
    /// version's from then on. Its answers are kept only where the very version is the same, as after a rename of a
    /// directory: bytes of two versions never become one asset. The parts go to the same URLs again, in place of what is
    /// there.
    ///
    /// `sha256` is that of the file's bytes, where they were read. Then an upload that these very bytes went with is the
    /// file's own as well, whatever file it was begun for, with its answers: its asset may have them already. Nobody may be
    /// sending it at that time (see ``Flights``).
    func upload(of file: MediaFile, sha256: SHA256Digest?) async throws -> UploadUnderWay?

    /// Records the intent to ask.
    func beginUpload(of file: MediaFile, at time: Timestamp) async throws

    /// Records the ticket, before the first byte goes; and, in the same commit, what its owner tells of the account.
    ///
    /// An owner that another account of the same target has makes both one. Another owner than the key had before makes it
    /// another account: then files in its folders settle anew, as in ``AccountRoll/adopt(_:folders:at:)``. Returns what is
    /// worth telling of that.
    @discardableResult
    func recordTicket(_ ticket: Ticket, of file: MediaFile, at time: Timestamp) async throws -> AccountChange?

    /// Records which bytes go with a ticket, before the last of them does: from then on the asset may have them, whether an
    /// answer comes or not. Also where another file has come to the path meanwhile, and the ticket was forgotten with it.
    func recordBytes(_ sha256: SHA256Digest, of file: MediaFile, with ticket: Ticket, askedAt: Timestamp) async throws

    /// Records that the storage has a piece.
    func recordAnswer(_ answer: PieceAnswer, of file: MediaFile) async throws

    /// Forgets the ticket and its answers: they are no good.
    func dropUpload(of file: MediaFile) async throws

    /// The file has other bytes than those that go with the ticket, or may have: forgets it, unless all of them may be at the
    /// storage (``recordBytes(_:of:with:askedAt:)``). What has the same bytes then goes on with it, within a day.
    func leaveUpload(of file: MediaFile) async throws

    /// Records a finished upload: the asset, the file as uploaded, and the manifest's entry, in one commit. A file that has
    /// another version by now gets the entry all the same (its new version follows), and keeps its state; unless that
    /// version is up or rejected already, which is what the path shows then. Of a file that is not known the entry is not
    /// present: it left meanwhile.
    /// An asset that is `.processing` is looked at again at once. With `leaving`, the file's ``Departure`` is recorded in the
    /// same commit, unless the file has left or changed meanwhile.
    func complete(
        _ file: MediaFile,
        provider: String,
        sha256: SHA256Digest,
        receipt: Receipt,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws

    /// Records that a file has the bytes of an asset that is known already. `movedFrom` names the path whose entry moves
    /// here; nil where the old path keeps its own entry. An entry that says the same already is left as it is. `leaving` is
    /// that of ``complete(_:provider:sha256:receipt:leaving:at:)``.
    func reuse(
        _ asset: KnownAsset,
        for file: MediaFile,
        movedFrom: FilePath?,
        leaving: AfterUpload,
        at time: Timestamp
    ) async throws

    /// Other paths whose entries show the asset, and at which this very file was seen (``FileVersion/hasSameBytes(as:)``): it
    /// may have been moved from one of them. None where the file's own path shows the asset already. Of a file with many hard
    /// links, some of its paths.
    func earlierPaths(of file: MediaFile, showing asset: KnownAsset) async throws -> [FilePath]

    /// Paths whose entries show this asset, present or not.
    func paths(ofAsset id: Int64) async throws -> [FilePath]

    /// Assets that their provider is still processing and whose next look is due by `time`. Where several names mean the
    /// account, the first of them looks after it, and the others have none.
    func processing(at time: Timestamp, limit: Int) async throws -> [ProcessingAsset]

    /// When the next look is due; nil when nothing is being processed.
    func nextLook() async throws -> Timestamp?

    /// Records what a look told. `.processing` needs the time of the next look; everything else ends the looking, and
    /// entries that show the asset change with it.
    func recordStatus(_ status: AssetStatus, of asset: ProcessingAsset, nextLook: Timestamp?, at time: Timestamp)
        async throws
}

extension AssetBook {
    /// The upload of a file that was not read.
    package func upload(of file: MediaFile) async throws -> UploadUnderWay? {
        try await upload(of: file, sha256: nil)
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

/// An upload that was begun: the intent alone, or a ticket with the pieces that are up already.
package struct UploadUnderWay: Hashable, Sendable {
    /// Nil when the request may have been made but its answer was never recorded.
    package let ticket: Ticket?
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

    package init(id: Int64, sha256: SHA256Digest) {
        self.id = id
        self.sha256 = sha256
    }
}

/// An asset that its provider has taken but not made usable yet.
package struct ProcessingAsset: Hashable, Sendable {
    /// The ledger's own number.
    package let id: Int64
    package let receipt: Receipt
    package let uploadedAt: Timestamp
    /// How often it was looked at.
    package let looks: Int

    package init(id: Int64, receipt: Receipt, uploadedAt: Timestamp, looks: Int) {
        self.id = id
        self.receipt = receipt
        self.uploadedAt = uploadedAt
        self.looks = looks
    }
}
