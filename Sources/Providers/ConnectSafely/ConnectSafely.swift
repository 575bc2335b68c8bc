import Pipeline

/// ConnectSafely, which uploads to LinkedIn.
///
/// One call asks for one upload URL or several, then the PUTs follow. After several, a last call completes the upload.
/// Both contracts are in `docs/providers.md`.
struct ConnectSafely: Provider {
    private let settings: Settings
    private let transfer: Transfer
    private let api: APIClient

    init(_ settings: Settings, transfer: Transfer) {
        self.settings = settings
        self.transfer = transfer
        api = APIClient(provider: Self.traits.name, connection: settings.connection, transfer: transfer)
    }

    var name: String { Self.traits.name }

    func ask(for file: MediaFile) async throws(ProviderError) -> Ticket {
        let request = JSON.object([
            "mediaType": .string(Self.mediaType(file.kind)),
            "fileSize": .integer(file.size),
            "filename": .string(file.uploadName),
            "accountId": settings.accountID.map(JSON.string),
            "companyUrn": settings.companyURN.map(JSON.string),
        ])
        let answer = try await api.post("/posts/upload/init", request)
        let initiated = InitAnswer(try api.object(of: answer))
        let ticket: Ticket
        do {
            ticket = try initiated.ticket(size: file.size, kind: file.kind)
        } catch {
            throw api.unexpected(error.reason, answer)
        }
        try settings.connection.allowedHosts.check(ticket)
        return ticket
    }

    /// Sends one piece. A whole file goes under its own type if its headers name none; the headers of a part always
    /// name one.
    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        try await transfer.put(
            piece,
            of: file,
            body: body,
            under: settings.connection,
            proof: .entityTagOrLocationOrNothing
        )
    }

    /// Completes an upload in parts. Only such a ticket has a `completion`; any other gives its receipt without a call.
    func finish(_ ticket: Ticket, answers: [PieceAnswer]) async throws(ProviderError) -> Receipt {
        guard let text = ticket.completion else { return ticket.receipt }
        guard let completion = Completion(text) else {
            throw ProviderError(.unexpectedAnswer, "what was kept of connectsafely's answer cannot be read any more")
        }
        let answer = try await api.post(
            "/posts/upload/complete",
            completion.request(accountID: settings.accountID, answers: answers)
        )
        let json: JSON
        do {
            json = try api.object(of: answer)
        } catch {
            throw Self.isUploadRefused(answer, error) ? error.of(kind: .refusedTicket) : error
        }
        // A status alone proves nothing: a completed upload answers `success: true`.
        guard json["success"]?.flag == true else { throw api.unexpected("no success", answer) }
        return ticket.receipt
    }

    /// Does *complete* say that this upload cannot be completed? Then the error refuses the ticket and not the file.
    ///
    /// The file is as good as before, so a new upload of the file may succeed.
    private static func isUploadRefused(_ answer: TransferAnswer, _ error: ProviderError) -> Bool {
        // Key, quota and rate are the account's troubles: no reason to give up this upload.
        guard error.kind == .refusedFile || error.kind == .unexpectedAnswer else { return false }
        if answer.isSuccess { return JSON(lenient: answer.body)?["success"]?.flag == false }
        return [400, 404, 410, 413, 415, 422].contains(answer.status)
    }

    /// Asks for the status of a document. Images and videos may be used at once; LinkedIn processes a document first.
    func status(of receipt: Receipt) async throws(ProviderError) -> AssetStatus {
        guard receipt.status == .processing, let urn = receipt.assetURN else { return receipt.status }
        let answer = try await api.get(
            "/posts/upload/document-status",
            query: ["assetUrn": urn, "accountId": settings.accountID]
        )
        if let json = JSON(lenient: answer.body), answer.isSuccess, let final = Self.finalStatus(json) {
            return final
        }
        _ = try api.object(of: answer)
        return .processing
    }

    /// Never asks. See ``hindrance(toLookFor:)``.
    func presence(of receipt: Receipt) async throws(ProviderError) -> AssetPresence {
        .untold(Self.noCall)
    }

    /// ConnectSafely's reference has no call that reads an asset. `document-status` tells of the processing of a
    /// document, and not whether the document is kept.
    func hindrance(toLookFor receipt: Receipt) -> String? { Self.noCall }

    private static let noCall = "connectsafely has no call that tells whether an asset is still there"

    func probe() async throws(ProviderError) -> ProviderProbe {
        try await api.probe(
            "/posts/upload/document-status",
            query: ["assetUrn": "urn:li:digitalmediaAsset:outtray-check", "accountId": settings.accountID]
        )
    }

    /// The API's word for a kind. It knows three kinds; that a GIF goes as an image is inferred.
    static func mediaType(_ kind: MediaKind) -> String {
        switch kind {
        case .image, .gif: "image"
        case .video: "video"
        case .document: "document"
        }
    }

    /// The final status in an answer of `document-status`, or nil while there is none. A failure also says `success:
    /// false`.
    static func finalStatus(_ json: JSON) -> AssetStatus? {
        let status = json["status"]?.text?.uppercased()
        if status == "FAILED" || status == "PROCESSING_FAILED" { return .failed }
        guard json["success"]?.flag != false else { return nil }
        return status == "READY" || json["ready"]?.flag == true ? .ready : nil
    }
}
