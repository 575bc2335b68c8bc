import Pipeline

/// Postbreeze: one call for a pre-signed URL, one PUT, and nothing to finish.
///
/// Source of its facts: its API reference and, for the storage beneath it, Cloudflare R2's.
struct Postbreeze: Provider {
    private let settings: ProviderSettings
    private let transfer: Transfer
    private let api: APIClient

    init(_ settings: ProviderSettings, transfer: Transfer) {
        self.settings = settings
        self.transfer = transfer
        api = APIClient(provider: Self.traits.name, settings: settings, transfer: transfer)
    }

    var name: String { Self.traits.name }

    /// The size goes along, so that cap and quota are checked before a byte is sent.
    func ask(for file: MediaFile) async throws(ProviderError) -> Ticket {
        let request = JSON.object([
            "filename": .string(Self.filename(file.uploadName)),
            "contentType": .string(file.mime.rawValue),
            "bytes": .integer(file.size),
            "folderId": settings.folderID.map(JSON.string),
        ])
        let answer = try await api.post("/media/presign", query: ["workspaceId": settings.workspaceID], request)
        let presign = PresignAnswer(try api.object(of: answer))
        let ticket: Ticket
        do {
            ticket = try presign.ticket(size: file.size, answeredAt: answer.date)
        } catch {
            throw api.unexpected(error.reason, answer)
        }
        try settings.allowedHosts.check(ticket)
        return ticket
    }

    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        try await transfer.put(piece, of: file, body: body, under: settings, proof: .entityTag)
    }

    func finish(_ ticket: Ticket, answers: [PieceAnswer]) async throws(ProviderError) -> Receipt {
        ticket.receipt
    }

    /// `GET /media/{id}` is named in the reference without its text: where it is not there, the status is not known.
    func status(of receipt: Receipt) async throws(ProviderError) -> AssetStatus {
        guard let id = receipt.mediaID else { return .unknown }
        let answer = try await api.get("/media/\(URLText.encoded(id))", query: ["workspaceId": settings.workspaceID])
        if answer.status == 404 || answer.status == 405 {
            // A page may be a proxy's: it is no word of the API, and a later look may get one.
            guard [.object, .empty].contains(answer.shape) else { throw api.unexpected("a page", answer) }
            return .unknown
        }
        let json = try api.object(of: answer)
        let asset = MediaAsset(json["mediaAsset"] ?? json)
        guard asset.id == nil || asset.id == id else { throw api.unexpected("another asset", answer) }
        return asset.status
    }

    /// At most 255 UTF-16 units, by the reference; the ending stays.
    static func filename(_ name: String) -> String {
        guard name.utf16.count > longestName else { return name }
        let ending = name.lastIndex(of: ".").map { name[$0...] }.flatMap { $0.utf16.count <= 16 ? $0 : nil } ?? ""
        var stem = name.dropLast(ending.count)
        while stem.utf16.count + ending.utf16.count > longestName { stem.removeLast() }
        return String(stem) + ending
    }

    private static let longestName = 255
}
