import Threads

/// The account's provider, as jobs and looks call it. Each call to the API waits for the account's pace first.
///
/// So no caller can forget the pace. A PUT to the storage is no call to the API, and does not wait.
///
/// Each request reports how it ended, before its caller goes on. So one place learns what a request shows about the
/// whole account: its pace and its gate.
///
/// Beside a ``ProviderError``, a call to the API throws what the wait throws: `CancellationError`, or an error of the
/// ledger. The call was not made then.
struct PacedProvider<C: Clock>: Sendable where C.Duration == Duration {
    /// In bytes. More of a piece than is read before there is a connection.
    private static var contact: Int64 { 1 << 20 }

    private let provider: any Provider
    private let account: AccountServices<C>
    private let report: @Sendable (RequestReport<C.Instant>) async -> Void
    /// Where each request for a file takes its place; nil if the file has one until its end.
    private var wire: Wire?

    /// ``AccountServices/provider(report:)`` makes it.
    init(
        _ provider: any Provider,
        of account: AccountServices<C>,
        report: @escaping @Sendable (RequestReport<C.Instant>) async -> Void
    ) {
        self.provider = provider
        self.account = account
        self.report = report
    }

    private var clock: C { account.clock }

    /// The same provider for a short file: each request takes a place of its own.
    func sharing(_ wire: Wire) -> PacedProvider {
        var provider = self
        provider.wire = wire
        return provider
    }

    /// Runs a request, or what belongs to it, at a place of the wire. `beginning`: the file that it begins to upload.
    func atPlace<Value>(
        beginning file: MediaFile? = nil,
        _ request: () async throws -> Value
    ) async throws -> Value {
        guard let wire else { return try await request() }
        return try await wire.pass(beginning: file, request)
    }

    /// Asks where the bytes go. `admitted` is called after the wait, just before the call.
    func ask(for file: MediaFile, admitted: () -> Void = {}) async throws -> Ticket {
        // The pace counts the call, so the wait for the pace is the last one.
        try await atPlace(beginning: file) {
            account.board.note(file.path, .pace)
            try await wait(for: .write)
            return try await askNow(for: file, admitted: admitted)
        }
    }

    private func askNow(for file: MediaFile, admitted: () -> Void) async throws -> Ticket {
        account.board.note(file.path, .asking)
        admitted()
        let begun = clock.now
        do {
            let ticket = try await counted(.ask, begun) { () throws(ProviderError) in
                try await provider.ask(for: file)
            }
            await report(RequestReport(to: .api, begun: begun, .success))
            return ticket
        } catch {
            throw await reported(error, to: .api, begun: begun)
        }
    }

    /// Sends one piece to the storage.
    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        let begun = clock.now
        let gauge = Gauge()
        do {
            let body = reporting(body, of: file, gauge, begun: begun)
            let answer = try await provider.send(piece, of: file, body: body)
            await report(RequestReport(to: .storage, begun: begun, .success))
            return answer
        } catch {
            account.board.note(file.path, sent: -gauge.bytes)
            throw await reported(error, to: .storage, begun: begun)
        }
    }

    /// Tells the provider that all pieces are there. A ticket without a completion needs no call, and does not wait.
    ///
    /// `isDue` is asked after the wait, just before the call, because the wait may take a while. If the answer is no,
    /// the call is not made, and the result is nil.
    func finish(
        _ ticket: Ticket,
        answers: [PieceAnswer],
        if isDue: () async throws -> Bool = { true }
    ) async throws -> Receipt? {
        let isCall = ticket.completion != nil
        guard isCall else {
            guard try await isDue() else { return nil }
            return try await finishNow(ticket, answers)
        }
        return try await atPlace {
            try await wait(for: .write)
            guard try await isDue() else { return nil }
            return try await finishNow(ticket, answers)
        }
    }

    private func finishNow(_ ticket: Ticket, _ answers: [PieceAnswer]) async throws -> Receipt {
        let begun = clock.now
        do {
            guard ticket.completion != nil else { return try await provider.finish(ticket, answers: answers) }
            let receipt = try await counted(.finish, begun) { () throws(ProviderError) in
                try await provider.finish(ticket, answers: answers)
            }
            await report(RequestReport(to: .api, begun: begun, .success))
            return receipt
        } catch {
            throw await reported(error, to: .api, begun: begun)
        }
    }

    /// Looks at the status of an asset. See ``look(_:)``.
    func status(of receipt: Receipt) async throws -> AssetStatus {
        try await look { () throws(ProviderError) in try await provider.status(of: receipt) }
    }

    /// Looks whether an asset is still there. See ``look(_:)``.
    func presence(of receipt: Receipt) async throws -> AssetPresence {
        try await look { () throws(ProviderError) in try await provider.presence(of: receipt) }
    }

    /// See ``Provider/hindrance(toLookFor:)``.
    func hindrance(toLookFor receipt: Receipt) -> String? { provider.hindrance(toLookFor: receipt) }

    /// Looks at an asset. A success is reported as a contact alone. A refused key with status 403 is not reported, nor
    /// is a page where the API should answer.
    ///
    /// A look changes nothing. A key or a quota may allow looks, yet no upload. With a 403 the key may not look, for
    /// example under a smaller plan. The API may lack the call, and a page answers in its place. The account may upload
    /// all the same, and the next *ask* will tell.
    private func look<Answer: Sendable>(_ call: () async throws(ProviderError) -> Answer) async throws -> Answer {
        try await wait(for: .read)
        let begun = clock.now
        do {
            let answer = try await counted(.status, begun, call)
            await report(RequestReport(to: .api, begun: begun, .contact))
            return answer
        } catch {
            if error.kind == .outOfOrder || error.kind == .refusedKey && error.status == 403 { throw error }
            throw await reported(error, to: .api, begun: begun)
        }
    }

    /// Waits for the account's pace: this host's, and then that of all hosts of a fleet. From then on the call counts.
    private func wait(for call: Pacer<C>.Call) async throws {
        let index = account.index
        try await account.pacer.wait(
            for: call,
            of: account.name,
            book: account.paceBook,
            sharers: index?.sharers ?? 1
        )
        try await index?.waitForPace(isWrite: call == .write)
    }

    /// Makes a call to the API at `begun`, and tells the pacer and the observer when it ends. A failure is an end too.
    private func counted<Answer: Sendable>(
        _ kind: APICall,
        _ begun: C.Instant,
        _ call: () async throws(ProviderError) -> Answer
    ) async throws(ProviderError) -> Answer {
        do {
            let answer = try await call()
            await ended(kind, begun, code: "2xx")
            return answer
        } catch {
            await ended(kind, begun, code: error.code)
            throw error
        }
    }

    private func ended(_ kind: APICall, _ begun: C.Instant, code: String) async {
        await account.pacer.answered(kind == .status ? .read : .write, madeAt: begun)
        account.observer(.called(account: account.name, kind, code: code, took: begun.duration(to: clock.now)))
    }

    private func reported(_ error: ProviderError, to side: RequestSide, begun: C.Instant) async -> ProviderError {
        if error.kind != .cancelled { await report(RequestReport(to: side, begun: begun, .failure(error))) }
        return error
    }

    /// The same bytes. Tells the observer of each chunk, and reports once that the storage takes them.
    private func reporting(
        _ body: ByteStream,
        of file: MediaFile,
        _ gauge: Gauge,
        begun: C.Instant
    ) -> ByteStream {
        ByteStream(length: body.length, isReady: body.isReady) {
            // A reader that asks for more has sent what it got before.
            if gauge.passes(Self.contact) { await report(RequestReport(to: .storage, begun: begun, .contact)) }
            var iterator = body.makeAsyncIterator()
            guard let chunk = try await iterator.next() else { return nil }
            gauge.add(chunk.count)
            account.board.note(file.path, sent: Int64(chunk.count))
            account.observer(.sent(account: account.name, bytes: chunk.count))
            return chunk
        }
    }
}

/// Counts the bytes of a body that were given out.
private final class Gauge: Sendable {
    private let state = Mutex((bytes: Int64(0), hasPassed: false))

    var bytes: Int64 { state.withLock { $0.bytes } }

    func add(_ bytes: Int) {
        state.withLock { $0.bytes += Int64(bytes) }
    }

    /// Whether the count has reached this mark for the first time.
    func passes(_ mark: Int64) -> Bool {
        state.withLock { state in
            guard !state.hasPassed, state.bytes >= mark else { return false }
            state.hasPassed = true
            return true
        }
    }
}
