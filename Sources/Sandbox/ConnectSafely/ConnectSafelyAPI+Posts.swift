extension ConnectSafelyAPI {
    /// Makes a post. ConnectSafely publishes at once: it has no field for a time.
    ///
    /// Documented are the fields, that a document cannot be posted before it is `READY`, and that a company page needs
    /// assets that were asked for with its URN: otherwise LinkedIn answers 200 and makes no post. Assumed are the codes
    /// of refusals, and that assets without bytes and recipes of another asset are refused.
    func post(_ call: APICall, body: JSONValue) -> APIOutcome {
        guard let wanted = CreateRequest(body) else { return invalid(CreateRequest.issues(body)) }
        var isOfCompany = true
        for urn in wanted.assetUrns {
            guard let asset = state.shelf.asset(urn), asset.provider == .connectsafely, state.isOwn(asset, call.key)
            else { return refused(code: "ASSET_NOT_FOUND", message: "\(urn) is not that of an upload", asset: urn) }
            if let refusal = refusal(of: asset, for: wanted) { return refusal }
            if let company = wanted.companyUrn, asset.companyUrn != company { isOfCompany = false }
        }
        var answer: [String: JSONValue] = ["success": true]
        answer["accountId"] = wanted.accountId.map(JSONValue.string)
        answer["companyUrn"] = wanted.companyUrn.map(JSONValue.string)
        if isOfCompany {
            let number = UInt64.random(in: 7_000_000_000_000_000_000...7_999_999_999_999_999_999)
            let share = "urn:li:share:\(number)"
            answer["shareUrn"] = .string(share)
            answer["postUrn"] = .string("urn:li:activity:\(number)")
            note(wanted, share: share, key: call.key)
        }
        return APIOutcome(answer: .json(200, JSONValue.object(answer)), asset: wanted.assetUrns.first)
    }

    private func note(_ wanted: CreateRequest, share: String, key: String) {
        state.books.note(
            SandboxPage.Post(
                at: state.now(),
                provider: .connectsafely,
                id: share,
                key: key,
                text: wanted.text,
                assets: wanted.assetUrns,
                accounts: wanted.accountId.map { [$0] } ?? [],
                scheduledFor: nil,
                title: wanted.title
            )
        )
    }

    /// Why an asset cannot be posted so; nil if it can.
    private func refusal(of asset: StoredAsset, for wanted: CreateRequest) -> APIOutcome? {
        if asset.type != wanted.mediaType {
            let message = "\(asset.id) was uploaded as \(asset.type), not as \(wanted.mediaType)"
            return refused(code: "MEDIA_TYPE_MISMATCH", message: message, asset: asset.id)
        }
        if asset.arrival == nil {
            return refused(code: "ASSET_NOT_UPLOADED", message: "\(asset.id) has no bytes yet", asset: asset.id)
        }
        if !asset.isUsable(in: state.station.weather, at: state.now()) {
            return refused(code: "DOCUMENT_NOT_READY", message: "\(asset.id) is still processing", asset: asset.id)
        }
        let recipe = UploadPlan.recipe(for: asset.type)
        if ["video", "document"].contains(wanted.mediaType), wanted.recipes != [recipe] {
            return refused(code: "INVALID_RECIPES", message: "recipes is not what init gave", asset: asset.id)
        }
        return nil
    }
}
