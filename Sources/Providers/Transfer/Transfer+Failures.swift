import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Pipeline

/// Turns failures of the HTTP client, of TLS and of the network into errors of the project.
extension Transfer {
    /// The error for a foreign failure. No other place maps such failures.
    func failure(_ error: any Error, of request: TransferRequest) async -> ProviderError {
        let host = URLText.host(request.url)
        if !Task.isCancelled, let trouble = TLSFailure(Self.root(of: error)) {
            return await failure(trouble, of: request, host: host)
        }
        return switch error {
        case let error as ProviderError: error
        case let error as Stalled where !Task.isCancelled:
            ProviderError(.transient, "\(host) did not move for \(error.patience)")
        case _ where Task.isCancelled, is CancellationError:
            ProviderError(.cancelled, "cancelled")
        case is PeerCheck.InnerPeer: ProviderError(.refusedHost, UploadHosts.inner(host))
        case let error as BodyFailure: ProviderError(.interruptedBody, error.reason)
        case let error as HTTPClientError: Self.failure(error, of: request, host: host)
        case is HTTPParserError: ProviderError(.outOfOrder, "\(host) answered with something that is not HTTP")
        case ChannelError.connectTimeout: ProviderError(.unreachable, "no connection to \(host) in time")
        case is ChannelError, is NIOSSLError, is BoringSSLError:
            ProviderError(.transient, "the connection to \(host) broke")
        case let error as IOError where !Self.unreachable.contains(error.errnoCode):
            ProviderError(.transient, "the connection to \(host) broke: \(Errno.words(error.errnoCode))")
        default: ProviderError(.unreachable, "no connection to \(host): \(Self.words(error, host: host))")
        }
    }

    private static func failure(_ error: HTTPClientError, of request: TransferRequest, host: String) -> ProviderError {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            ProviderError(.unreachable, "no connection to \(host) in time")
        case .remoteConnectionClosed, .uncleanShutdown, .requestStreamCancelled:
            ProviderError(.transient, "\(host) closed the connection before it answered")
        case .readTimeout, .writeTimeout, .deadlineExceeded: ProviderError(.transient, "\(host) did not answer in time")
        case .bodyLengthMismatch: ProviderError(.interruptedBody, "the body has another length than it said")
        case .cancelled: ProviderError(.cancelled, "cancelled")
        // The short description, because the full one has the values of the headers. A PUT sends what its ticket says.
        default:
            ProviderError(
                request.method == .put ? .refusedTicket : .unexpectedAnswer,
                "no request to \(host) can be made: \(error.shortDescription)"
            )
        }
    }

    private func failure(_ trouble: TLSFailure, of request: TransferRequest, host: String) async -> ProviderError {
        switch trouble {
        case .certificate, .name: ProviderError(.insecure, await inquiry.words(trouble, of: request.url))
        case .version: ProviderError(.insecure, "\(host) has no TLS 1.2 or newer")
        case .noTLS: ProviderError(.insecure, "\(host) does not speak TLS on this port")
        case .clientCertificate:
            ProviderError(.insecure, "\(host) wants a client certificate, and there is none to show")
        case .refused:
            ProviderError(
                .insecure,
                "\(host) refused the TLS handshake: it may want a client certificate, or ciphers that are not spoken here"
            )
        case .closed: ProviderError(.unreachable, "\(host) closed the connection within the TLS handshake")
        case .other(let word): ProviderError(.insecure, "no TLS connection to \(host): \(word)")
        }
    }

    /// The first failure that made an attempt fail, if several addresses were tried.
    private static func root(of error: any Error) -> any Error {
        guard let error = error as? NIOConnectionError else { return error }
        return error.connectionErrors.first.map { root(of: $0.error) } ?? error
    }

    /// The cause in a few words, without addresses and inner types.
    private static func words(_ error: any Error, host: String) -> String {
        switch error {
        case let error as NIOConnectionError:
            (error.connectionErrors.first?.error ?? error.dnsAError ?? error.dnsAAAAError).map { words($0, host: host) }
                ?? "it has no address"
        case let error as IOError: Errno.words(error.errnoCode)
        case let error as SocketAddressError.UnknownHost: lookupWords(CInt(truncatingIfNeeded: error.errorCode))
        case is SocketAddressError: "it has no address"
        case ChannelError.connectTimeout: "connect timeout"
        default: "it failed for a reason that is not known"
        }
    }

    /// The words for an error of getaddrinfo(3).
    private static func lookupWords(_ code: CInt) -> String {
        switch code {
        case EAI_NONAME: "the name has no address"
        case EAI_AGAIN: "the name cannot be looked up now"
        default: "the name cannot be looked up: \(String(cString: gai_strerror(code)).lowercased())"
        }
    }

    private static let unreachable: Set<CInt> = [Errno.refused, Errno.noHost, Errno.noNetwork]
}
