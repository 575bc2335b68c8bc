import FoundationEssentials
import Threads

/// ConnectSafely's LinkedIn API, as far as uploads and posts go: `init`, `complete`, `document-status`, `create`.
final class ConnectSafelyAPI: ProviderAPI {
    let state: SandboxState
    /// One limiter for each key and LinkedIn account.
    private let writeLimiters = Mutex<[String: RateLimiter]>([:])

    let provider = SandboxPage.Provider.connectsafely
    let prefix = "/linkedin"

    var rates: [RateLimit] { state.configuration.connectSafelyRates }

    init(state: SandboxState) {
        self.state = state
    }

    func route(method: String, path: String) -> String? {
        switch (method, path) {
        case ("POST", "/posts/upload/init"), ("POST", "/posts/upload/complete"),
            ("GET", "/posts/upload/document-status"), ("POST", "/posts/create"):
            "\(method) \(path)"
        default: nil
        }
    }

    func handle(_ call: APICall) async -> APIOutcome {
        if call.request.method == "GET" { return documentStatus(call) }
        let body = await call.request.json() ?? .null
        if let refusal = paceWrites(of: body["accountId"]?.string, key: call.key) { return APIOutcome(answer: refusal) }
        return switch call.path {
        case "/posts/upload/init": await start(call, body: body)
        case "/posts/create": post(call, body: body)
        default: await complete(call, body: body)
        }
    }

    func unauthorised() -> Answer {
        .json(401, ["error": "Invalid or missing API key"] as JSONValue)
    }

    func notFound(method: String, path: String) -> Answer {
        .json(404, ["error": "Not found"] as JSONValue)
    }

    func tooManyRequests(wait: Duration, resumes: Date) -> Answer {
        let moment = resumes.formatted(.iso8601)
        let body: JSONValue = ["success": false, "error": "Rate limit exceeded", "holdUntil": .string(moment)]
        return .json(429, body)
            .with("retry-after", "\(Int64(wait.inSeconds.rounded(.up)))")
            .with("x-ratelimit-reset", moment)
    }

    /// Answers `init`: checks the body, then hands out one URL or many.
    private func start(_ call: APICall, body: JSONValue) async -> APIOutcome {
        guard let wanted = InitRequest(body) else {
            return invalid(InitRequest.issues(body))
        }
        if let cap = state.configuration.connectSafelyCaps[wanted.kind], wanted.fileSize > cap {
            return refused(code: "FILE_TOO_LARGE", message: "A \(wanted.mediaType) may have at most \(cap) bytes")
        }
        let plan = UploadPlan(wanted, number: state.shelf.nextNumber(of: .connectsafely), state: state)
        let asset = plan.asset(key: call.key, at: state.now())
        let origin = await state.storageOrigin(for: call.request)
        state.place(asset, address: asset.publicPath)
        return APIOutcome(answer: .json(200, plan.answer(for: asset, origin: origin, state: state)), asset: asset.id)
    }

    /// Answers `complete`: checks the body, then joins the parts. A repeated call changes nothing.
    private func complete(_ call: APICall, body: JSONValue) async -> APIOutcome {
        guard let artifact = body["mediaArtifactUrn"]?.string, let asset = state.shelf.asset(artifact: artifact),
            state.isOwn(asset, call.key)
        else { return refused(code: "UNKNOWN_ARTIFACT", message: "mediaArtifactUrn is not that of an upload") }
        do throws(CompletionCheck.Refusal) {
            try CompletionCheck(asset: asset).check(body)
        } catch {
            return refused(code: error.code, message: error.message, asset: asset.id)
        }
        if asset.arrival == nil {
            guard await join(asset) else {
                return APIOutcome(answer: .json(500, ["error": "Internal server error"] as JSONValue), asset: asset.id)
            }
        }
        state.books.note(
            SandboxPage.Completion(
                at: state.now(),
                asset: asset.id,
                parts: asset.parts.count,
                repeated: asset.arrival != nil
            )
        )
        return APIOutcome(answer: .json(200, ["success": true] as JSONValue), asset: asset.id)
    }

    /// Makes one file of the parts. Returns false if the disk fails. Two completions at once make the same file twice.
    private func join(_ asset: StoredAsset) async -> Bool {
        let parts = asset.parts.indices.map { state.partPath(asset.id, part: $0 + 1) }
        do {
            let whole = try await state.disk.join(parts)
            try await state.disk.move(whole.path, to: state.disk.path(asset.fileName))
            state.arrived(asset.id, fileName: asset.fileName, bytes: whole.bytes, sha256: whole.sha256)
        } catch {
            // The other of two completions may have joined and removed the parts already.
            return state.shelf.asset(asset.id)?.arrival != nil
        }
        for part in parts { await state.disk.remove(part) }
        return true
    }

    /// Answers `document-status`. A document is ready after the time that the weather sets.
    private func documentStatus(_ call: APICall) -> APIOutcome {
        guard let urn = call.request.query["assetUrn"], let asset = state.shelf.asset(urn),
            state.isOwn(asset, call.key),
            asset.provider == .connectsafely
        else { return APIOutcome(answer: .json(404, ["success": false, "error": "Asset not found"] as JSONValue)) }
        let isReady = asset.isUsable(in: state.station.weather, at: state.now())
        let status = isReady ? "READY" : asset.arrival == nil ? "WAITING_UPLOAD" : "PROCESSING"
        let body: JSONValue = ["success": true, "status": .string(status), "ready": .bool(isReady)]
        return APIOutcome(answer: .json(200, body), asset: asset.id)
    }

    private func paceWrites(of account: String?, key: String) -> Answer? {
        let now = state.now()
        let wait = writeLimiters.withLock { limiters in
            limiters["\(key) \(account ?? "")", default: RateLimiter(state.configuration.connectSafelyWriteRates)]
                .admit(at: now)
        }
        return wait.map { tooManyRequests(wait: $0, resumes: now.addingTimeInterval($0.inSeconds)) }
    }

    /// The answer to a body that breaks rules.
    func invalid(_ issues: [ZodIssue]) -> APIOutcome {
        let error: JSONValue = ["name": "ZodError", "issues": .array(issues.map(\.json))]
        return APIOutcome(answer: .json(400, ["success": false, "error": error] as JSONValue))
    }

    func refused(code: String, message: String, asset: String? = nil) -> APIOutcome {
        let body: JSONValue = ["success": false, "code": .string(code), "message": .string(message)]
        return APIOutcome(answer: .json(400, body), asset: asset)
    }
}
