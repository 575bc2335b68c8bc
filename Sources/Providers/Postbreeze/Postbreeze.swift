import Pipeline

/// Postbreeze: one call for a pre-signed URL, one PUT, and nothing to finish.
///
/// Source: Postbreeze's API reference and, for the storage beneath it, Cloudflare R2's. Both contracts are in
/// `docs/providers.md`.
struct Postbreeze: Provider {
    private let settings: Settings
    private let transfer: Transfer
    private let api: APIClient

    init(_ settings: Settings, transfer: Transfer) {
        self.settings = settings
        self.transfer = transfer
        api = APIClient(provider: Self.traits.name, connection: settings.connection, transfer: transfer)
    }

    var name: String { Self.traits.name }

    /// Asks for a pre-signed URL. The call names the size, so the API checks cap and quota before a byte goes.
    func ask(for file: MediaFile) async throws(ProviderError) -> Ticket {
        let request = JSON.object([
            "filename": .string(Self.filename(file.uploadName)),
            "contentType": .string(file.mime.rawValue),
            "bytes": .integer(file.size),
            "folderId": (file.library ?? settings.folderID).map(JSON.string),
        ])
        let answer = try await api.post("/media/presign", query: ["workspaceId": settings.workspaceID], request)
        let presign = PresignAnswer(try object(of: answer, for: file))
        let ticket: Ticket
        do {
            ticket = try presign.ticket(size: file.size, answeredAt: answer.date)
        } catch {
            throw api.unexpected(error.reason, answer)
        }
        try settings.connection.allowedHosts.check(ticket)
        return ticket
    }

    /// Reads the answer. Where the file's folder names a library folder, 403 and 404 say nothing of the key: what the
    /// API answers to one that it does not have is not documented, and the account's other folders go on.
    private func object(of answer: TransferAnswer, for file: MediaFile) throws(ProviderError) -> JSON {
        do {
            return try api.object(of: answer)
        } catch {
            guard let library = file.library, [403, 404].contains(answer.status), answer.shape == .object else {
                throw error
            }
            let reason = "\(error.reason) (the folder_id of its folder is \(library))"
            throw ProviderError(.unexpectedAnswer, reason, status: answer.status, requestID: error.requestID)
        }
    }

    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        try await transfer.put(piece, of: file, body: body, under: settings.connection, proof: .entityTag)
    }

    func finish(_ ticket: Ticket, answers: [PieceAnswer]) async throws(ProviderError) -> Receipt {
        ticket.receipt
    }

    /// The status of an asset; unknown where the API does not tell.
    func status(of receipt: Receipt) async throws(ProviderError) -> AssetStatus {
        guard receipt.mediaID != nil else { return .unknown }
        return switch try await presence(of: receipt) {
        case .there(let status): status
        // Nobody can use it, whatever it was. Its bytes may go up anew, and no file leaves for it.
        case .gone: .failed
        case .untold: .unknown
        }
    }

    /// Asks for an asset. 404 and 410 mean that it is gone, if their body is an error in the API's own form: with its
    /// `statusCode` and `requestId` (providers.md: "Errors").
    ///
    /// Postbreeze's documentation names `GET /media/{id}`, but its description could not be read. So the API may lack
    /// the call: then it answers 405, or 404 with no body or with the path that it does not know.
    func presence(of receipt: Receipt) async throws(ProviderError) -> AssetPresence {
        guard let id = receipt.mediaID else { return .untold(Self.noID) }
        let path = "/media/\(URLText.encoded(id))"
        let answer = try await api.get(path, query: ["workspaceId": settings.workspaceID])
        if [404, 405, 410].contains(answer.status) {
            // A page may come from a proxy and says nothing of the asset: a later look may reach the API.
            guard [.object, .empty].contains(answer.shape) else { throw api.unexpected("a page", answer) }
            if answer.shape == .object, answer.status != 405 {
                let words = ServerWords(answer)
                // A router or a gateway has not both of these, or it quotes the path.
                let isOfAPI = words.status == answer.status && words.json?["requestId"]?.text != nil
                if isOfAPI, let sentence = words.sentence, !sentence.contains(path) { return .gone }
            }
            return .untold("\(name) answered \(answer.status), as an API does that lacks the call")
        }
        let json = try api.object(of: answer)
        let asset = MediaAsset(json["mediaAsset"] ?? json)
        guard asset.id == nil || asset.id == id else { throw api.unexpected("another asset", answer) }
        if asset.id == nil, asset.status == .unknown {
            return .untold("\(name) answered \(answer.status) without the asset")
        }
        return .there(asset.status)
    }

    func hindrance(toLookFor receipt: Receipt) -> String? { receipt.mediaID == nil ? Self.noID : nil }

    /// One answer to *ask* in Postbreeze's documentation names a file by its public URL alone.
    private static let noID = "postbreeze gave no media id for it"

    func probe() async throws(ProviderError) -> ProviderProbe {
        try await api.probe("/media/outtray-check", query: ["workspaceId": settings.workspaceID])
    }

    /// The name in at most 255 UTF-16 units, the limit of Postbreeze's reference. The ending stays.
    static func filename(_ name: String) -> String {
        guard name.utf16.count > longestName else { return name }
        let ending = name.lastIndex(of: ".").map { name[$0...] }.flatMap { $0.utf16.count <= 16 ? $0 : nil } ?? ""
        var stem = name.dropLast(ending.count)
        while stem.utf16.count + ending.utf16.count > longestName { stem.removeLast() }
        return String(stem) + ending
    }

    private static let longestName = 255
}
