import Pipeline

/// The rule for the hosts that an account's bytes may go to.
///
/// Upload URLs come from answers, and an answer may be forged or mistaken. It must not point uploads into the inner
/// network.
///
/// - A list decides alone. The user has named its hosts, so they may be anywhere; every other host is refused.
/// - Without a list, a public API may name public storages only. An API in an inner network may name any storage:
///   sandboxes and private installations work like this.
/// - In every case, an API with TLS cannot name a storage without TLS.
package struct UploadHosts: Hashable, Sendable {
    private let api: URLOrigin?
    /// Empty if the configuration has no list.
    private let listed: [UploadHost]

    package init(baseURL: String, listed: [UploadHost]) {
        api = URLOrigin(baseURL)
        self.listed = listed
    }

    /// The rule's answer for one URL.
    enum Verdict: Hashable, Sendable {
        /// Bytes may go there if the other end of the connection is one of these peers.
        case allowed(Peers)
        /// The reason. It names the host and says how to allow it.
        case refused(String)
    }

    /// Judges a URL by its text alone; looks up no name.
    func verdict(on url: String) -> Verdict {
        // Made for a refusal alone. Each upload asks twice, and most URLs are long.
        var host: String { URLText.host(url) }
        guard let origin = URLOrigin(url) else {
            return .refused("an upload URL for \(host) is not of the form https://host[:port]/…")
        }
        if api?.isSecure != false, !origin.isSecure {
            return .refused("an upload URL for \(host) has no TLS, while the API has; nothing is sent in the clear")
        }
        if !listed.isEmpty {
            return listed.contains { $0.covers(origin) }
                ? .allowed(.any) : .refused("\(host) is not among upload_hosts; add it there if bytes may go to it")
        }
        if api?.isInner == true { return .allowed(.any) }
        return origin.isInner ? .refused(Self.inner(host)) : .allowed(.publicOnly)
    }

    /// The machines that a piece's connection may reach.
    ///
    /// - Throws: `.refusedHost`.
    func peers(for piece: Piece) throws(ProviderError) -> Peers {
        switch verdict(on: piece.url) {
        case .allowed(let peers): return peers
        case .refused(let reason): throw ProviderError(.refusedHost, reason)
        }
    }

    /// Judges all URLs of a ticket, before the ticket is kept and the first byte goes.
    ///
    /// - Throws: `.refusedHost`.
    func check(_ ticket: Ticket) throws(ProviderError) {
        for piece in ticket.pieces { _ = try peers(for: piece) }
    }

    /// The reason for refusing an inner host when the API is public.
    static func inner(_ host: String) -> String {
        "\(host) is this machine or in an inner network, and the API is not; name it in upload_hosts if bytes may go to it"
    }
}

/// The machines that may be at the other end of a connection.
enum Peers: Hashable, Sendable {
    case any
    /// Only machines with an address of the public internet.
    case publicOnly
}
