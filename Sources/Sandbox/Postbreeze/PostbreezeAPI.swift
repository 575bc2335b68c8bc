import FoundationEssentials

/// Postbreeze's API: `POST /media/presign`, `GET /media/{id}` and `POST /posts`.
struct PostbreezeAPI: ProviderAPI {
    let state: SandboxState

    let provider = SandboxPage.Provider.postbreeze
    let prefix = "/api/v1"

    var rates: [RateLimit] { state.configuration.postbreezeRates }

    func route(method: String, path: String) -> String? {
        if method == "POST", ["/media/presign", "/posts"].contains(path) { return "POST \(path)" }
        let words = path.split(separator: "/", omittingEmptySubsequences: false)
        if method == "GET", words.count == 3, words[1] == "media" { return "GET /media/{id}" }
        return nil
    }

    func handle(_ call: APICall) async -> APIOutcome {
        switch call.route {
        case "POST /media/presign": await presign(call)
        case "POST /posts": await post(call)
        default: await show(call)
        }
    }

    func unauthorised() -> Answer {
        error(401, message: "Unauthorized")
    }

    func notFound(method: String, path: String) -> Answer {
        error(404, message: .string("Cannot \(method) \(path)"))
    }

    func tooManyRequests(wait: Duration, resumes: Date) -> Answer {
        let milliseconds = Int64((wait.inSeconds * 1000).rounded(.up))
        return error(429, message: "Too many requests", more: ["retryAfterMs": .integer(milliseconds)])
            .with("retry-after", "\(Int64(wait.inSeconds.rounded(.up)))")
    }

    /// Hands out an upload URL: checks the body and the quota, then signs.
    private func presign(_ call: APICall) async -> APIOutcome {
        let wanted: PresignRequest
        switch PresignRequest.check(await call.request.json(), caps: state.configuration.postbreezeCaps) {
        case .passed(let request): wanted = request
        case .failed(let problems):
            return APIOutcome(answer: invalid(problems))
        }
        if let refusal = quotaRefusal(wanted, key: call.key) { return APIOutcome(answer: refusal) }

        let asset = asset(for: wanted, key: call.key)
        let origin = await state.storageOrigin(for: call.request)
        state.place(asset, address: asset.publicPath)
        return APIOutcome(answer: .json(201, ticket(for: asset, origin: origin)), asset: asset.id)
    }

    private func asset(for wanted: PresignRequest, key: String) -> StoredAsset {
        let id = "med_" + randomName(24)
        let file = "\(id).\(PresignRequest.endings[wanted.contentType] ?? "bin")"
        return StoredAsset(
            provider: .postbreeze,
            number: state.shelf.nextNumber(of: .postbreeze),
            id: id,
            key: key,
            name: wanted.filename,
            type: wanted.contentType,
            kind: wanted.kind,
            declaredBytes: wanted.bytes,
            folderId: wanted.folderId,
            askedAt: state.now(),
            uploadPath: "/media/\(file)",
            publicPath: "/media/\(file)",
            fileName: "postbreeze/\(file)",
            uploadHeaders: ["content-type": wanted.contentType]
        )
    }

    private func ticket(for asset: StoredAsset, origin: String) -> PresignTicket {
        let date = Int64(asset.askedAt.timeIntervalSince1970)
        let lifetime = state.urlLifetime
        let signature = state.signer.signature(
            host: state.signedHost(of: origin),
            path: asset.uploadPath,
            expires: date + lifetime,
            headers: asset.uploadHeaders
        )
        let query = AmazonQuery(date: date, lifetime: lifetime, signature: signature)
        return PresignTicket(
            uploadUrl: "\(origin)\(asset.uploadPath)?\(query.text)",
            publicUrl: origin + asset.publicPath,
            expiresAt: Date(timeIntervalSince1970: Double(query.expires)),
            headers: ["Content-Type": asset.type],
            mediaAsset: media(asset, origin: origin)
        )
    }

    /// Shows one asset. To a key, another owner's assets do not exist.
    private func show(_ call: APICall) async -> APIOutcome {
        let id = String(call.path.dropFirst("/media/".count))
        guard let asset = state.shelf.asset(id), asset.provider == .postbreeze, state.isOwn(asset, call.key) else {
            return APIOutcome(answer: error(404, message: "Media asset not found"))
        }
        let origin = await state.storageOrigin(for: call.request)
        return APIOutcome(answer: .json(200, media(asset, origin: origin)), asset: asset.id)
    }

    private func media(_ asset: StoredAsset, origin: String) -> MediaAsset {
        MediaAsset(
            asset,
            owner: state.configuration.owner(of: asset.key),
            publicURL: origin + asset.publicPath,
            normalisingFor: state.station.weather.normaliseImagesFor,
            now: state.now()
        )
    }

    private func quotaRefusal(_ wanted: PresignRequest, key: String) -> Answer? {
        guard let quota = state.configuration.quota else { return nil }
        let current = state.shelf.storedBytes(of: .postbreeze) { state.isOwn($0, key) }
        guard current + (wanted.bytes ?? 1) > quota else { return nil }
        return error(
            403,
            code: "STORAGE_LIMIT",
            message: "Storage limit reached",
            more: ["limit": .integer(quota), "current": .integer(current)]
        )
    }

    /// The answer to a body that breaks rules: one sentence for each.
    func invalid(_ problems: [String]) -> Answer {
        error(400, code: "VALIDATION_FAILED", message: .array(problems.map(JSONValue.string)))
    }

    func error(_ status: Int, code: String? = nil, message: JSONValue, more: [String: JSONValue] = [:])
        -> Answer
    {
        var fields = more
        fields["statusCode"] = .integer(Int64(status))
        fields["code"] = code.map(JSONValue.string)
        fields["message"] = message
        fields["requestId"] = .string("req_" + randomName(16))
        return .json(status, JSONValue.object(fields))
    }
}

/// The answer to a presign request.
private struct PresignTicket: Encodable {
    let uploadUrl: String
    let publicUrl: String
    let expiresAt: Date
    let headers: [String: String]
    let mediaAsset: MediaAsset
}
