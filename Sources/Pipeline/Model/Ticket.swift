/// What a provider answered to *ask*: where the bytes go, and what is known of the asset already.
///
/// It is written to the ledger before the first byte goes, so that a restart goes on with it instead of asking again.
package struct Ticket: Hashable, Sendable, Codable {
    /// Ids as far as they are known before the bytes are up.
    package var receipt: Receipt
    /// The requests that carry the bytes, in the order in which *finish* wants their answers, which need not be that of
    /// their ranges; together these cover the file from 0 without hole or overlap.
    package var pieces: [Piece]
    /// How long the URLs live, in seconds from the answer on; nil where the provider does not tell.
    package var lifetime: Int64?
    /// What only the provider that wrote it can read (JSON text), handed back to it by *finish*; nil where nothing is
    /// needed.
    package var completion: String?
    /// Whose account the asset is in, where the answer names the owner.
    package var owner: String?

    package init(
        receipt: Receipt,
        pieces: [Piece],
        lifetime: Int64? = nil,
        completion: String? = nil,
        owner: String? = nil
    ) {
        self.receipt = receipt
        self.pieces = pieces
        self.lifetime = lifetime
        self.completion = completion
        self.owner = owner
    }
}

/// One PUT: a range of the file, and where and how it goes.
package struct Piece: Hashable, Sendable, Codable {
    /// Its place in ``Ticket/pieces``.
    package let index: Int
    /// Bytes of the file, half open.
    package let range: Range<Int64>
    /// A pre-signed URL: a secret; its query never reaches a log.
    package let url: String
    /// Sent exactly as they are, and no `Authorization` beside them.
    package let headers: [HeaderField]

    package init(index: Int, range: Range<Int64>, url: String, headers: [HeaderField]) {
        self.index = index
        self.range = range
        self.url = url
        self.headers = headers
    }

    /// In bytes.
    package var length: Int64 { range.upperBound - range.lowerBound }
}

/// What the storage answered to a piece it has taken (a 2xx).
package struct PieceAnswer: Hashable, Sendable, Codable {
    package let index: Int
    package let status: Int
    /// All of them, names in lower case: ConnectSafely wants them back on *complete*.
    package let headers: [HeaderField]

    package init(index: Int, status: Int, headers: [HeaderField]) {
        self.index = index
        self.status = status
        self.headers = headers
    }
}
