import FoundationEssentials

extension PostbreezeAPI {
    /// Makes a post, or a draft where no time is given.
    ///
    /// Documented are the form of the request, `MUST_SPECIFY_EXACTLY_ONE`, that media of others and media that is not
    /// there are 404, and that the publish pipeline refuses media in `PENDING` and `PROCESSING`. Assumed are that this
    /// call refuses such media at once, the status 422 and the codes `MEDIA_NOT_FOUND` and `MEDIA_NOT_READY`, and the
    /// names of the answer's fields.
    func post(_ call: APICall) async -> APIOutcome {
        let body = await call.request.json() ?? .null
        if (body["platforms"] ?? .null) != .null, (body["targets"] ?? .null) != .null {
            let message: JSONValue = "Send either platforms or targets"
            return APIOutcome(answer: error(400, code: "MUST_SPECIFY_EXACTLY_ONE", message: message))
        }
        let wanted: PostRequest
        switch PostRequest.check(body, now: state.now()) {
        case .passed(let request): wanted = request
        case .failed(let problems): return APIOutcome(answer: invalid(problems))
        }
        for id in wanted.mediaIds {
            if let refusal = refusal(ofMedia: id, key: call.key) { return APIOutcome(answer: refusal, asset: id) }
        }
        let now = state.now()
        let post = SandboxPage.Post(
            at: now,
            provider: .postbreeze,
            id: "post_" + randomName(24),
            key: call.key,
            text: wanted.content,
            assets: wanted.mediaIds,
            accounts: wanted.accounts,
            scheduledFor: wanted.scheduledFor,
            title: nil
        )
        state.books.note(post)
        return APIOutcome(answer: .json(201, MadePost(post)), asset: wanted.mediaIds.first)
    }

    /// Why an asset cannot be posted; nil if it can.
    private func refusal(ofMedia id: String, key: String) -> Answer? {
        guard let asset = state.shelf.asset(id), asset.provider == .postbreeze, state.isOwn(asset, key) else {
            return error(404, code: "MEDIA_NOT_FOUND", message: .string("Media asset \(id) not found"))
        }
        guard asset.isUsable(in: state.station.weather, at: state.now()) else {
            let reason = asset.arrival == nil ? "has no bytes yet" : "is still processing"
            return error(422, code: "MEDIA_NOT_READY", message: .string("Media asset \(id) \(reason)"))
        }
        return nil
    }
}

/// The answer to a post.
private struct MadePost: Encodable {
    /// One connected account that the post goes to.
    struct Target: Encodable {
        let accountId: String
        let status: String
    }

    let id: String
    let status: String
    let content: String
    let mediaIds: [String]
    let scheduledAt: Date?
    let targets: [Target]
    let createdAt: Date
    let updatedAt: Date

    init(_ post: SandboxPage.Post) {
        let status = post.scheduledFor == nil ? "DRAFT" : "SCHEDULED"
        id = post.id
        self.status = status
        content = post.text
        mediaIds = post.assets
        scheduledAt = post.scheduledFor
        targets = post.accounts.map { Target(accountId: $0, status: status) }
        createdAt = post.at
        updatedAt = post.at
    }
}
