import Pipeline
import Threads

/// A hook that is a URL: one POST of the event as JSON. A status 2xx is a delivery.
///
/// Redirects are not followed. Unless `allowsPrivate`, the request goes to public addresses alone, as with upload URLs
/// (``PeerCheck``). What fails for a moment is tried again: no connection, 408, 425, 429 and 5xx. Any other answer is
/// final.
package struct Webhook: HookRunner {
    private let url: String
    private let allowsPrivate: Bool
    private let transfer: Transfer
    private let secret: @Sendable () async throws -> Secret?

    /// `secret` is asked with each call, so that a new secret needs no reload. Nil for requests without a signature.
    package init(
        url: String,
        allowsPrivate: Bool,
        transfer: Transfer,
        secret: @escaping @Sendable () async throws -> Secret?
    ) {
        self.url = url
        self.allowsPrivate = allowsPrivate
        self.transfer = transfer
        self.secret = secret
    }

    package func run(_ event: HookEvent, within limit: Duration) async -> HookOutcome {
        let body = event.body
        var headers = [
            HeaderField("Content-Type", "application/json"),
            HeaderField("Accept-Encoding", "identity"),
            HeaderField("User-Agent", "outtray"),
            HeaderField("Outtray-Event", event.trigger.rawValue),
            HeaderField("Outtray-Delivery", event.key),
            HeaderField("Outtray-Attempt", "\(event.attempts + 1)"),
        ]
        let begin = ContinuousClock.now
        do {
            switch try await readSecret(within: limit) {
            case .late: return .failed(HookFailure("its secret cannot be read: there is no answer within \(limit)"))
            case .none: break
            case .there(let secret):
                headers.append(HeaderField("Outtray-Signature", HookSignature.of(body, secret: secret.revealed)))
            }
        } catch is CancellationError {
            return .cancelled
        } catch {
            return .failed(HookFailure("its secret cannot be read: \(error)"))
        }
        let request = TransferRequest(
            method: .post,
            url: url,
            headers: headers,
            body: .bytes(body),
            patience: max(limit - begin.duration(to: .now), .zero),
            peers: allowsPrivate ? .any : .publicOnly
        )
        do throws(ProviderError) {
            return outcome(of: try await transfer.exchange(request))
        } catch {
            switch error.kind {
            case .cancelled: return .cancelled
            case .refusedHost:
                let host = URLText.host(url)
                let cause = "\(host) is this machine or in an inner network: allow_private: true lets requests go there"
                return .failed(HookFailure(cause))
            default: return .failed(HookFailure(error.reason))
            }
        }
    }

    private enum SecretAnswer {
        case none
        case there(Secret)
        case late
    }

    /// Asks for the secret: its file may lie on a disk that hangs. Throws the error of `secret`, or
    /// `CancellationError`.
    private func readSecret(within limit: Duration) async throws -> SecretAnswer {
        try await withThrowingTaskGroup(of: SecretAnswer.self) { tasks in
            tasks.addTask { try await secret().map(SecretAnswer.there) ?? SecretAnswer.none }
            tasks.addTask {
                try await rest(for: limit)
                return .late
            }
            defer { tasks.cancelAll() }
            return try await tasks.next() ?? .late
        }
    }

    private func outcome(of answer: TransferAnswer) -> HookOutcome {
        if answer.isSuccess { return .delivered }
        let said = String(decoding: answer.body.prefix(Self.mostSaid), as: UTF8.self)
        let isMomentary = [408, 425, 429].contains(answer.status) || answer.status >= 500
        let redirect = (300..<400).contains(answer.status) ? ", and redirects are not followed" : ""
        return .failed(
            HookFailure(
                "\(URLText.host(url)) answered \(answer.status)\(redirect)",
                said: said.isEmpty ? nil : said,
                isFinal: !isMomentary,
                pause: isMomentary ? ThrottleHint.wait(for: answer, body: nil, now: .now()) : nil
            )
        )
    }

    /// So much of an answer's body is logged, in bytes.
    private static let mostSaid = 1024
}

/// What the configuration may say of a webhook's URL.
package enum WebhookURL {
    /// Host and port, for people.
    package static func host(_ url: String) -> String { URLText.host(url) }

    /// Why this URL may not be called; nil if it may.
    package static func trouble(with url: String, allowsHTTP: Bool, allowsPrivate: Bool) -> String? {
        guard let origin = URLOrigin(url), !url.contains(where: { $0.isWhitespace || !$0.isASCII || $0 == "#" }) else {
            return "must be an https:// address of a host, without user name and fragment"
        }
        guard origin.isSecure || allowsHTTP || origin.isThisMachine else {
            return "plain http:// would show each event to everybody on the way: use https://, or allow_http: true"
        }
        guard allowsPrivate || !origin.isInner else {
            return "its host is this machine or in an inner network: allow_private: true lets requests go there"
        }
        return nil
    }
}

extension URLOrigin {
    /// The loopback name and addresses.
    fileprivate var isThisMachine: Bool {
        switch host {
        case .name(let name): name == "localhost"
        case .address(let address): address.isLoopback
        }
    }
}
