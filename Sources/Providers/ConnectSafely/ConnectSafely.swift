import Pipeline

/// ConnectSafely, which uploads to LinkedIn: one call for a URL or many, the PUTs, and, for many, a call that says that
/// they are done.
struct ConnectSafely: Provider {
    private let settings: ProviderSettings
    private let transfer: Transfer
    private let api: APIClient

    init(_ settings: ProviderSettings, transfer: Transfer) {
        self.settings = settings
        self.transfer = transfer
        api = APIClient(provider: Self.traits.name, settings: settings, transfer: transfer)
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
        try settings.allowedHosts.check(ticket)
        return ticket
    }

    /// A whole file goes under its own type where the headers have none; a part's always have one.
    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        try await transfer.put(piece, of: file, body: body, under: settings, proof: .entityTagOrLocationOrNothing)
    }

    /// Only an upload in parts has a `completion`, and is told to be done.
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
        // A status alone shows nothing: what is up for good says so.
        guard json["success"]?.flag == true else { throw api.unexpected("no success", answer) }
        return ticket.receipt
    }

    /// Whether *complete* says that this upload cannot be completed: the file is as good as before, and a new upload of
    /// it may succeed, so it is the ticket that is refused.
    private static func isUploadRefused(_ answer: TransferAnswer, _ error: ProviderError) -> Bool {
        // A key, a quota, a rate: what is wrong with the account is nothing that the upload could be blamed for.
        guard error.kind == .refusedFile || error.kind == .unexpectedAnswer else { return false }
        if answer.isSuccess { return JSONParser.parse(answer.body)?["success"]?.flag == false }
        return [400, 404, 410, 413, 415, 422].contains(answer.status)
    }

    /// LinkedIn takes a document apart before a post may use it; images and videos may be used at once.
    func status(of receipt: Receipt) async throws(ProviderError) -> AssetStatus {
        guard receipt.status == .processing, let urn = receipt.assetURN else { return receipt.status }
        let answer = try await api.get(
            "/posts/upload/document-status",
            query: ["assetUrn": urn, "accountId": settings.accountID]
        )
        if let json = JSONParser.parse(answer.body), answer.isSuccess, let final = Self.finalStatus(json) {
            return final
        }
        _ = try api.object(of: answer)
        return .processing
    }

    /// The API knows three; a GIF is an image to it (inf).
    static func mediaType(_ kind: MediaKind) -> String {
        switch kind {
        case .image, .gif: "image"
        case .video: "video"
        case .document: "document"
        }
    }

    /// What `document-status` says once it is settled; nil while it is not. A failure comes with `success: false`, too.
    static func finalStatus(_ json: JSON) -> AssetStatus? {
        let status = json["status"]?.text?.uppercased()
        if status == "FAILED" || status == "PROCESSING_FAILED" { return .failed }
        guard json["success"]?.flag != false else { return nil }
        return status == "READY" || json["ready"]?.flag == true ? .ready : nil
    }
}
