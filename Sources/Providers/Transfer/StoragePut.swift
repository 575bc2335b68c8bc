import Pipeline

/// The one PUT of both providers: exactly the given headers, and never a key.
extension Transfer {
    /// A piece of a file, as an account's settings have it: under the file's own type where the piece's headers have none.
    func put(
        _ piece: Piece,
        of file: MediaFile,
        body: ByteStream,
        under settings: ProviderSettings,
        proof: StorageProof
    ) async throws(ProviderError) -> PieceAnswer {
        try await put(piece, body: body, under: settings, proof: proof, fallbackType: file.mime)
    }

    /// `fallbackType` is the content type where the piece's headers have none. Returns what the storage answered to
    /// a piece that it has taken, as `proof` shows; everything else is thrown as what it means. Nothing goes where the
    /// settings do not allow it: a ticket out of the ledger may be older than the configuration.
    func put(
        _ piece: Piece,
        body: ByteStream,
        under settings: ProviderSettings,
        proof: StorageProof,
        fallbackType: MIMEType
    ) async throws(ProviderError) -> PieceAnswer {
        let request = TransferRequest(
            method: .put,
            url: piece.url,
            headers: try StorageHeaders.sent(with: piece, fallbackType: fallbackType),
            body: .stream(body),
            patience: settings.timeouts.progress,
            peers: try settings.allowedHosts.peers(for: piece),
            authorities: settings.authorities
        )
        guard request.headSize <= TransferRequest.headLimit else {
            throw ProviderError(
                .refusedTicket,
                "the upload URL for \(URLText.host(piece.url)) and its headers have \(request.headSize) bytes, which no "
                    + "storage takes"
            )
        }
        let answer = try await exchange(request)
        if let error = proof.objection(to: answer.redacted(settings.key)) { throw error }
        return PieceAnswer(index: piece.index, status: answer.status, headers: answer.headers)
    }
}
