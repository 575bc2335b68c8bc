import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Pipeline

/// The HTTP that all accounts share: one client for the process. Only this type and its failures know
/// async-http-client.
///
/// It follows no redirect, repeats nothing and compresses nothing. It sends bodies with their length, never in chunks.
/// A refusal counts as an answer even if it comes early; a success must wait for the last byte. Everything else is a
/// ``ProviderError``. It connects to hosts directly: async-http-client takes a proxy from its configuration alone,
/// never from `http_proxy` and its like.
package final class Transfer: Sendable {
    private let client: HTTPClient
    /// The client for requests that may reach public addresses only. Each client keeps its own connections. So a
    /// connection of `client` never serves such a request.
    private let publicClient: HTTPClient
    /// The event loop of both clients: a single one, for ``BodyPump`` to wait for. It only moves bytes, faster than
    /// networks do.
    let loop: any EventLoop
    private let logger: Logger?
    let inquiry: CertificateInquiry

    /// Only `connect` counts of the timeouts; the others come with each account's settings.
    ///
    /// `addresses` gives addresses to names that are then not looked up, like `/etc/hosts`. It is for tests.
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
        // With retries, "connection refused" stays hidden until the connect timeout.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tlsConfiguration = Authorities.configuration(with: nil)
        // Node's default keep-alive ends after 5 s. A request on a connection that the server is just closing would
        // lose an *ask*, and with it an asset.
        configuration.connectionPool.idleTimeout = .seconds(4)
        // With the default of 8, the ninth part would wait for a connection, and fail by the connect timeout.
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

    /// Ends all connections. Call it once, after the last exchange has ended.
    package func shutdown() async {
        for client in [client, publicClient] {
            do {
                try await client.shutdown()
            } catch {
                logger?.debug("The HTTP client did not shut down cleanly", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Makes one request and returns its answer, with any status.
    ///
    /// - Throws: `.transient`, `.unreachable`, `.insecure`, `.interruptedBody` or `.cancelled`. `.outOfOrder` if the
    ///   other end does not speak HTTP. `.unexpectedAnswer` if no client can make this call, `.refusedTicket` if no
    ///   client can make this PUT. `.refusedHost` if the other end is none of the request's peers.
    func exchange(_ request: TransferRequest) async throws(ProviderError) -> TransferAnswer {
        let start = ContinuousClock.now
        do {
            let answer = try await perform(request)
            // Made only if it is logged.
            logger?.debug(
                "Request answered",
                metadata: [
                    "http.method": "\(request.method.rawValue)", "http.url": "\(URLText.withoutQuery(request.url))",
                    "http.status": "\(answer.status)", "http.duration": "\(ContinuousClock.now - start)",
                ]
            )
            return answer
        } catch {
            throw await failure(error, of: request)
        }
    }

    /// Runs the exchange, its body and its watch side by side. The end of the exchange ends all three.
    ///
    /// A short body that is in memory goes as a whole: the client takes it at once, and nothing has to carry it.
    private func perform(_ request: TransferRequest) async throws -> TransferAnswer {
        let watch = ProgressWatch(patience: request.patience)
        var carried: (pump: BodyPump, body: ByteStream)?
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        outgoing.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if let authorities = request.authorities {
            outgoing.tlsConfiguration = Authorities.configuration(with: authorities)
        }
        switch request.body {
        case .none: break
        case .bytes(let bytes): outgoing.body = .bytes(ByteBuffer(bytes: bytes))
        case .stream(let body) where body.isReady && body.length <= BodyPump.partLength:
            outgoing.body = .bytes(try await body.whole())
            watch.restart()
        case .stream(let body):
            let pump = BodyPump(for: loop) { watch.restart() }
            outgoing.body = .stream(pump, length: .known(body.length))
            carried = (pump, body)
        }
        let client = request.peers == .any ? client : publicClient
        return try await withThrowingTaskGroup(of: TransferAnswer?.self) { [outgoing, carried] group in
            defer {
                carried?.pump.end(CancellationError())
                group.cancelAll()
            }
            group.addTask { try await Self.answer(to: outgoing, by: client) }
            group.addTask { try await watch.waitForStall() }
            if let (pump, body) = carried {
                group.addTask {
                    await pump.carry(body)
                    return nil
                }
            }
            while let finished = try await group.next() {
                guard let answer = finished else { continue }
                // An early refusal is the answer; an early success cannot be one.
                if answer.isSuccess, let (pump, body) = carried, pump.taken < body.length {
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

    /// Reads the start of the answer's body, up to the limit.
    ///
    /// The status of an error, or of a PUT, counts even if the body breaks off. For any other success, a break throws.
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
