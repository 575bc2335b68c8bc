import Threads

/// A provider that reports how each of its requests ended, before the request's caller goes on.
///
/// So one place learns what a request shows about the whole account: its pace and its gate. ``UploadJob`` need not know
/// of it.
struct ReportedProvider<C: Clock>: Provider where C.Duration == Duration {
    /// In bytes. More of a piece than is read before there is a connection.
    private static var contact: Int64 { 1 << 20 }

    let provider: any Provider
    /// Notes the end of each call to the API, whatever its result.
    let pacer: Pacer<C>
    let clock: C
    let report: @Sendable (RequestReport<C.Instant>) async -> Void

    var name: String { provider.name }

    func ask(for file: MediaFile) async throws(ProviderError) -> Ticket {
        let begun = clock.now
        do {
            let ticket = try await counted(.write, begun) { () throws(ProviderError) in
                try await provider.ask(for: file)
            }
            await report(RequestReport(to: .api, begun: begun, .success))
            return ticket
        } catch {
            throw await reported(error, to: .api, begun: begun)
        }
    }

    func send(_ piece: Piece, of file: MediaFile, body: ByteStream) async throws(ProviderError) -> PieceAnswer {
        let begun = clock.now
        do {
            let answer = try await provider.send(piece, of: file, body: reporting(body, begun: begun))
            await report(RequestReport(to: .storage, begun: begun, .success))
            return answer
        } catch {
            throw await reported(error, to: .storage, begun: begun)
        }
    }

    func finish(_ ticket: Ticket, answers: [PieceAnswer]) async throws(ProviderError) -> Receipt {
        let begun = clock.now
        do {
            // Without a completion there is no request.
            guard ticket.completion != nil else { return try await provider.finish(ticket, answers: answers) }
            let receipt = try await counted(.write, begun) { () throws(ProviderError) in
                try await provider.finish(ticket, answers: answers)
            }
            await report(RequestReport(to: .api, begun: begun, .success))
            return receipt
        } catch {
            throw await reported(error, to: .api, begun: begun)
        }
    }

    /// Looks at an asset. A success is not reported, and neither is a refused key with status 403.
    ///
    /// A look changes nothing. A key or a quota may allow looks, yet no upload. With a 403 the key may not look, for
    /// example under a smaller plan. It may upload all the same, and the next *ask* will tell.
    func status(of receipt: Receipt) async throws(ProviderError) -> AssetStatus {
        let begun = clock.now
        do {
            return try await counted(.read, begun) { () throws(ProviderError) in
                try await provider.status(of: receipt)
            }
        } catch {
            if error.kind == .refusedKey, error.status == 403 { throw error }
            throw await reported(error, to: .api, begun: begun)
        }
    }

    /// Makes a call to the API at `begun`, and tells the pacer when it ends. A failure is an end too.
    private func counted<Answer: Sendable>(
        _ kind: Pacer<C>.Call,
        _ begun: C.Instant,
        _ call: () async throws(ProviderError) -> Answer
    ) async throws(ProviderError) -> Answer {
        do {
            let answer = try await call()
            await pacer.answered(kind, madeAt: begun)
            return answer
        } catch {
            await pacer.answered(kind, madeAt: begun)
            throw error
        }
    }

    private func reported(_ error: ProviderError, to side: RequestSide, begun: C.Instant) async -> ProviderError {
        if error.kind != .cancelled { await report(RequestReport(to: side, begun: begun, .failure(error))) }
        return error
    }

    /// The same bytes. Reports once that the storage takes them.
    private func reporting(_ body: ByteStream, begun: C.Instant) -> ByteStream {
        guard body.length > Self.contact else { return body }
        let gauge = Gauge()
        return ByteStream(length: body.length) {
            // A reader that asks for more has sent what it got before.
            if gauge.passes(Self.contact) { await report(RequestReport(to: .storage, begun: begun, .contact)) }
            var iterator = body.makeAsyncIterator()
            guard let chunk = try await iterator.next() else { return nil }
            gauge.add(chunk.count)
            return chunk
        }
    }
}

/// Counts the bytes of a body that were given out.
private final class Gauge: Sendable {
    private let state = Mutex((bytes: Int64(0), hasPassed: false))

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

/// Where a request goes. The API and the storage fail independently.
enum RequestSide: Hashable {
    case api
    case storage
}

/// What one request showed.
struct RequestReport<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    enum Outcome: Sendable {
        /// It did what it was made for.
        case success
        /// It is still under way, but the other side is there and takes bytes.
        case contact
        case failure(ProviderError)
    }

    let side: RequestSide
    /// When the request was made. The result of a request made later is newer.
    let begun: Instant
    let outcome: Outcome

    init(to side: RequestSide, begun: Instant, _ outcome: Outcome) {
        self.side = side
        self.begun = begun
        self.outcome = outcome
    }
}
