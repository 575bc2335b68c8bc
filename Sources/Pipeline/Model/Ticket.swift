/// A provider's answer to *ask*: where the bytes go, and the ids that are known already.
///
/// It is written to the ledger before the first byte goes. So a restart goes on with it instead of asking again.
package struct Ticket: Hashable, Sendable, Codable {
    /// The ids that are known before the bytes are up.
    package var receipt: Receipt
    /// The requests that carry the bytes, in the order in which *finish* wants their answers. Their ranges may be in
    /// another order. Together they cover the file from 0 without hole or overlap.
    package var pieces: [Piece]
    /// How long the URLs live, in seconds after the answer; nil if the provider does not tell.
    package var lifetime: Int64?
    /// JSON text that only its provider can read; *finish* gets it back. Nil if the provider needs none.
    package var completion: String?
    /// The owner of the asset, if the answer names one.
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
    /// The piece's place in ``Ticket/pieces``.
    package let index: Int
    /// Bytes of the file, half open.
    package let range: Range<Int64>
    /// A pre-signed URL, which is a secret. Its query never reaches a log.
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

/// The storage's answer to a piece that it has taken (a 2xx).
package struct PieceAnswer: Hashable, Sendable, Codable {
    package let index: Int
    package let status: Int
    /// All headers, names in lower case. ConnectSafely wants them back on *complete*.
    package let headers: [HeaderField]

    package init(index: Int, status: Int, headers: [HeaderField]) {
        self.index = index
        self.status = status
        self.headers = headers
    }
}
