import FoundationEssentials

/// The storage port: PUTs to the URLs that the APIs hand out, and GETs of complete assets.
struct StorageHandler: RequestHandler {
    let state: SandboxState

    func answer(_ request: IncomingRequest) async -> Answer {
        switch request.method {
        case "PUT": await put(request)
        case "GET", "HEAD": get(request)
        default: .xml(405, code: "MethodNotAllowed", message: "The specified method is not allowed.")
        }
    }

    /// Takes in an upload: checks the head, streams the body, and keeps the body if it is whole.
    private func put(_ request: IncomingRequest) async -> Answer {
        await state.station.slowDown()
        guard let slot = state.shelf.slot(uploadPath: request.path) else {
            return .xml(404, code: "NoSuchKey", message: "No URL was handed out for this path.")
        }
        let prepared = state.station.usePrepared(for: PreparedAnswer.put, key: slot.asset.key)
        if let prepared, !prepared.hasEffect { return await turnDown(request, slot: slot, as: prepared) }
        let dialect = dialect(of: slot)
        if let refusal = dialect.refusal(of: request, for: slot, at: state.now()) {
            return closed(slot, request, prepared: prepared, with: refusal)
        }
        if dialect.refusesConcurrentPuts, !claim(slot) {
            return closed(slot, request, prepared: prepared, with: dialect.busy())
        }
        // `receive` frees the object before the client has the answer, whatever happens. The client's next attempt
        // finds it free.
        let answer = await receive(request, slot: slot, dialect: dialect, prepared: prepared)
        return answer
    }

    private func receive(
        _ request: IncomingRequest,
        slot: UploadSlot,
        dialect: any StorageDialect,
        prepared: PreparedAnswer?
    ) async -> Answer {
        defer { state.shelf.update(slot.asset.id) { $0.isBeingWritten = false } }
        let fate = state.station.nextPut()
        let length = request.contentLength ?? 0
        do {
            let reception = try await Reception.receive(
                request.body,
                upTo: fate == .reset ? length / 2 : nil,
                onto: state.disk
            )
            guard fate != .reset, fate != .fail, reception.bytes == length else {
                await state.disk.remove(reception.file.path)
                let answer =
                    fate == .reset ? .reset : reception.bytes == length ? dialect.failure() : dialect.cutShort()
                return closed(slot, request, reception: reception, prepared: prepared, with: answer)
            }
            try await keep(reception, in: slot)
            let answer = fate == .loseAnswer ? Answer.reset : dialect.stored(slot, sha256: reception.sha256)
            return closed(slot, request, reception: reception, stored: true, prepared: prepared, with: answer)
        } catch {
            state.logDiskFailure(error)
            return closed(slot, request, prepared: prepared, with: dialect.failure())
        }
    }

    /// Gives a prepared answer after the body has come, and keeps nothing of the body. A reset comes half-way.
    private func turnDown(_ request: IncomingRequest, slot: UploadSlot, as prepared: PreparedAnswer) async -> Answer {
        let answer = prepared.answer(inPlaceOf: nil)
        let limit = answer.isReset ? (request.contentLength ?? 0) / 2 : nil
        let reception = try? await Reception.receive(request.body, upTo: limit, onto: state.disk)
        if let reception { await state.disk.remove(reception.file.path) }
        return closed(slot, request, reception: reception, prepared: prepared, with: answer)
    }

    /// Moves a whole body to its place. A single PUT is the whole asset; parts wait for the completion.
    private func keep(_ reception: Reception, in slot: UploadSlot) async throws {
        let asset = slot.asset
        if let part = slot.part {
            // A late repeat of a part of a complete asset is acknowledged. Its bytes are removed, as nobody will ask
            // for them.
            guard state.shelf.asset(asset.id)?.arrival == nil else {
                return await state.disk.remove(reception.file.path)
            }
            try await state.disk.move(reception.file.path, to: state.partPath(asset.id, part: part))
            let answer = LinkedInDialect.partAnswer(slot, sha256: reception.sha256)
            state.shelf.update(asset.id) { $0.parts[part - 1].answer = answer }
        } else {
            try await state.disk.move(reception.file.path, to: state.disk.path(asset.fileName))
            state.arrived(asset.id, fileName: asset.fileName, bytes: reception.bytes, sha256: reception.sha256)
        }
    }

    private func get(_ request: IncomingRequest) -> Answer {
        let path = request.decodedPath
        let byId = path.hasPrefix("/assets/") ? state.shelf.asset(String(path.dropFirst("/assets/".count))) : nil
        guard let asset = byId ?? state.shelf.asset(publicPath: path), let arrival = asset.arrival else {
            return .xml(404, code: "NoSuchKey", message: "The specified key does not exist.")
        }
        let type = asset.provider == .postbreeze ? asset.type : "application/octet-stream"
        var answer = Answer(status: 200, headers: [("content-type", type)], body: .file(path: arrival.file))
        if request.method == "HEAD" {
            answer.body = .bytes([])
            answer.headers.append(("content-length", "\(arrival.bytes)"))
        }
        return answer
    }

    private func dialect(of slot: UploadSlot) -> any StorageDialect {
        switch slot.asset.provider {
        case .postbreeze: AmazonDialect(signer: state.signer, caps: state.configuration.postbreezeCaps)
        case .connectsafely: LinkedInDialect(signer: state.signer)
        }
    }

    /// Marks an asset as being written. Returns false if it is being written already.
    private func claim(_ slot: UploadSlot) -> Bool {
        state.shelf.update(slot.asset.id) { asset in
            guard !asset.isBeingWritten else { return false }
            asset.isBeingWritten = true
            return true
        } ?? false
    }

    /// Enters a PUT in the books. Returns the prepared answer, or else its own.
    private func closed(
        _ slot: UploadSlot,
        _ request: IncomingRequest,
        reception: Reception? = nil,
        stored: Bool = false,
        prepared: PreparedAnswer?,
        with own: Answer
    ) -> Answer {
        let answer = prepared?.answer(inPlaceOf: own) ?? own
        let status = answer.isReset ? nil : answer.status
        state.books.note(
            SandboxPage.Put(
                at: state.now(),
                provider: slot.asset.provider,
                asset: slot.asset.id,
                part: slot.part,
                declaredBytes: request.contentLength,
                receivedBytes: reception?.bytes ?? 0,
                sha256: reception?.sha256,
                status: status,
                stored: stored,
                isPrepared: prepared != nil
            )
        )
        state.logAnswer(slot.asset.provider, request: "PUT \(request.path)", status: status)
        return answer
    }
}
