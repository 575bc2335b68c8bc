import Pipeline

/// The one PUT of both providers: exactly the given headers, and never a key.
extension Transfer {
    /// A piece of a file, as an account's settings have it: under the file's own type where the piece's headers have none.
    func put(
        _ piece: Piece,
        of file: MediaFile,
        body: ByteStream,
        under settings: ProviderSettings
    ) async throws(ProviderError) -> PieceAnswer {
        try await put(
            piece,
            body: body,
            allowing: settings.allowedHosts,
            fallbackType: file.mime,
            patience: settings.timeouts.progress
        )
    }

    /// `fallbackType` is the content type where the piece's headers have none. Returns what the storage answered to
    /// a piece that it has taken (any 2xx); everything else is thrown as what it means. Nothing goes where `hosts` do not
    /// allow it: a ticket out of the ledger may be older than the configuration.
    func put(
        _ piece: Piece,
        body: ByteStream,
        allowing hosts: UploadHosts,
        fallbackType: MIMEType,
        patience: Duration
    ) async throws(ProviderError) -> PieceAnswer {
        let request = TransferRequest(
            method: .put,
            url: piece.url,
            headers: Self.headers(of: piece, fallbackType: fallbackType),
            body: .stream(body),
            patience: patience,
            peers: try hosts.peers(for: piece)
        )
        guard request.headSize <= TransferRequest.headLimit else {
            throw ProviderError(
                .refusedTicket,
                "the upload URL for \(URLText.host(piece.url)) and its headers have \(request.headSize) bytes, which no "
                    + "storage takes"
            )
        }
        let answer = try await exchange(request)
        guard answer.isSuccess else { throw StorageRefusal.error(for: answer) }
        return PieceAnswer(index: piece.index, status: answer.status, headers: answer.headers)
    }

    /// The piece's own headers, byte for byte, without those that would be wrong whatever they say, and with exactly
    /// one content type. Names are compared without case.
    static func headers(of piece: Piece, fallbackType: MIMEType) -> [HeaderField] {
        var hasType = false
        var headers = piece.headers.filter { header in
            let name = header.name.lowercased()
            if name == "content-type" {
                defer { hasType = true }
                return !hasType
            }
            return !withheld.contains(name)
        }
        if !hasType { headers.append(HeaderField("Content-Type", fallbackType.rawValue)) }
        return headers
    }

    /// A key has no business at a storage, and the length is that of the body that goes.
    private static let withheld: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "content-length", "transfer-encoding",
    ]
}
