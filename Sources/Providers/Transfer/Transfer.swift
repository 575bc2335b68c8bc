import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Pipeline

/// The HTTP that all accounts share: one client for the process, and with its failures the only part that knows async-http-client.
///
/// It follows no redirect, repeats nothing, compresses nothing, and sends bodies with their length, never in chunks.
/// What is answered, even early, is an answer; everything else is a ``ProviderError``. It connects to hosts themselves:
/// async-http-client takes a proxy from its configuration alone, never from `http_proxy` and its like.
package final class Transfer: Sendable {
    private let client: HTTPClient
    /// The same, for requests that may reach public addresses only. Connections are kept by client, so that none of the
    /// first is ever used for these.
    private let publicClient: HTTPClient
    /// Where both write: one, so that a ``BodyPump`` can wait for it. It only moves bytes, faster than networks do.
    let loop: any EventLoop
    private let logger: Logger?
    let inquiry: CertificateInquiry

    /// Of the timeouts only `connect` counts here; the others come with each account's settings. `addresses` are those
    /// of names that are not looked up, as in `/etc/hosts`: for tests.
    package init(
        timeouts: TransferTimeouts = TransferTimeouts(),
        addresses: [String: String] = [:],
        logger: Logger? = nil
    ) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(timeouts.connect)),
            decompression: .disabled
        )
        // One connection a transfer: HTTP/2 would put all parts of a file on one TCP connection and its one window.
        configuration.httpVersion = .http1Only
        // Otherwise "connection refused" stays hidden until the connect timeout.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tlsConfiguration = Authorities.configuration(with: nil)
        // Node's default keep-alive ends after 5 s: to reuse a connection that the server is just closing would lose an
        // *ask*, and with it an asset.
        configuration.connectionPool.idleTimeout = .seconds(4)
        // The default of 8 would make the ninth part wait for a connection, and fail by the connect timeout.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        configuration.dnsOverride = addresses
        configuration.http1_1ConnectionDebugInitializer = UnsentLimit.set
        loop = MultiThreadedEventLoopGroup.singleton.next()
        inquiry = CertificateInquiry(loop: loop, addresses: addresses, patience: timeouts.connect)
        client = HTTPClient(eventLoopGroup: loop, configuration: configuration)
        configuration.http1_1ConnectionDebugInitializer = { channel in
            PeerCheck.publicPeersOnly(channel).flatMap { UnsentLimit.set(channel) }
        }
        publicClient = HTTPClient(eventLoopGroup: loop, configuration: configuration)
        self.logger = logger
    }

    /// Ends all connections; to be called once, when no exchange is under way any more.
    package func shutdown() async {
        for client in [client, publicClient] {
            do {
                try await client.shutdown()
            } catch {
                logger?.debug("The HTTP client did not shut down cleanly", metadata: ["error": "\(error)"])
            }
        }
    }

    /// One request and its answer, whatever its status. Throws `.transient`, `.unreachable`, `.insecure`, `.interruptedBody`,
    /// `.outOfOrder` (what came is no HTTP), `.unexpectedAnswer` (a call that no client can make), `.refusedTicket` (a PUT),
    /// `.refusedHost` (the other end is none of the request's peers) or `.cancelled`.
    func exchange(_ request: TransferRequest) async throws(ProviderError) -> TransferAnswer {
        let start = ContinuousClock.now
        do {
            let answer = try await perform(request)
            let metadata: Logger.Metadata = [
                "http.method": "\(request.method.rawValue)", "http.url": "\(URLText.withoutQuery(request.url))",
                "http.status": "\(answer.status)", "http.duration": "\(ContinuousClock.now - start)",
            ]
            logger?.debug("Request answered", metadata: metadata)
            return answer
        } catch {
            throw await failure(error, of: request)
        }
    }

    /// The exchange, its body and its watch side by side; the first end of the exchange ends all three.
    private func perform(_ request: TransferRequest) async throws -> TransferAnswer {
        let watch = ProgressWatch(patience: request.patience)
        let pump = BodyPump(for: loop) { watch.note() }
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        outgoing.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if let authorities = request.authorities {
            outgoing.tlsConfiguration = Authorities.configuration(with: authorities)
        }
        switch request.body {
        case .none: break
        case .bytes(let bytes): outgoing.body = .bytes(ByteBuffer(bytes: bytes))
        case .stream(let body): outgoing.body = .stream(pump, length: .known(body.length))
        }
        let client = request.peers == .any ? client : publicClient
        return try await withThrowingTaskGroup(of: TransferAnswer?.self) { [outgoing] group in
            defer {
                pump.end(CancellationError())
                group.cancelAll()
            }
            group.addTask { try await Self.answer(to: outgoing, by: client) }
            group.addTask { try await watch.waitForStall() }
            if case .stream(let body) = request.body {
                group.addTask {
                    await pump.carry(body)
                    return nil
                }
            }
            while let finished = try await group.next() {
                guard let answer = finished else { continue }
                // An early refusal is the answer; an early success cannot be one.
                if answer.isSuccess, case .stream(let body) = request.body, pump.taken < body.length {
                    throw ProviderError(
                        .transient,
                        "\(URLText.host(request.url)) answered \(answer.status) before it had all bytes",
                        status: answer.status
                    )
                }
                return answer
            }
            throw CancellationError()
        }
    }

    /// Reads what is worth reading of the answer's body. An error's status counts even where its body breaks off.
    private static func answer(to request: HTTPClientRequest, by client: HTTPClient) async throws -> TransferAnswer {
        let response = try await client.execute(request, deadline: .distantFuture)
        let status = Int(response.status.code)
        let counts = (200..<300).contains(status) && request.method != .PUT
        let limit = counts ? TransferRequest.bodyLimit : TransferRequest.errorBodyLimit
        var body: [UInt8] = []
        var isCut = false
        do {
            for try await chunk in response.body {
                body.append(contentsOf: chunk.readableBytesView.prefix(limit - body.count))
                if body.count >= limit { break }
            }
        } catch {
            if counts || Task.isCancelled { throw error }
            isCut = true
        }
        return TransferAnswer(
            status: status,
            headers: response.headers.map { HeaderField($0.name, $0.value) },
            body: body,
            isCut: isCut
        )
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        self = .milliseconds(duration.milliseconds)
    }
}
