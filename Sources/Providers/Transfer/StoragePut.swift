import Pipeline

/// The one PUT of both providers. It sends exactly the given headers, and never a key.
extension Transfer {
    /// Sends a piece of a file by an account's settings. It goes under the file's own type if the piece's headers name
    /// none.
    func put(
        _ piece: Piece,
        of file: MediaFile,
        body: ByteStream,
        under connection: ConnectionSettings,
        proof: StorageProof
    ) async throws(ProviderError) -> PieceAnswer {
        try await put(piece, body: body, under: connection, proof: proof, fallbackType: file.mime)
    }

    /// Sends a piece and returns the storage's answer, if the answer proves success (`proof`). Throws the fitting error
    /// for any other answer.
    ///
    /// `fallbackType` is the content type for a piece without one. Nothing goes to a host that the account does not
    /// allow: a ticket from the ledger may be older than the configuration.
    func put(
        _ piece: Piece,
        body: ByteStream,
        under connection: ConnectionSettings,
        proof: StorageProof,
        fallbackType: MIMEType
    ) async throws(ProviderError) -> PieceAnswer {
        let request = TransferRequest(
            method: .put,
            url: piece.url,
            headers: try StorageHeaders.sent(with: piece, fallbackType: fallbackType),
            body: .stream(body),
            patience: connection.timeouts.progress,
            peers: try connection.allowedHosts.peers(for: piece),
            authorities: connection.authorities
        )
        guard request.headSize <= TransferRequest.headLimit else {
            throw ProviderError(
                .refusedTicket,
                "the upload URL for \(URLText.host(piece.url)) and its headers have \(request.headSize) bytes, which no "
                    + "storage takes"
            )
        }
        let answer = try await exchange(request)
        if let error = proof.objection(to: answer.redacted(connection.key)) { throw error }
        return PieceAnswer(index: piece.index, status: answer.status, headers: answer.headers)
    }
}
