import Pipeline

/// Where an account's bytes may go. Upload URLs come out of answers, and an answer may be forged or mistaken: it must not
/// be able to point uploads into the inner network.
///
/// - A list decides alone: what is on it may be anywhere, for the user has named it; what is not is refused.
/// - Without a list, an API that is itself in an inner network may name any storage: that is how sandboxes and private
///   installations work. A public API may name public storages only.
/// - In each case an API with TLS cannot name a storage without.
package struct UploadHosts: Hashable, Sendable {
    private let api: URLOrigin?
    /// Empty where the configuration has none.
    private let listed: [UploadHost]

    package init(baseURL: String, listed: [UploadHost]) {
        api = URLOrigin(baseURL)
        self.listed = listed
    }

    /// What the rule says of one URL.
    enum Verdict: Hashable, Sendable {
        /// Bytes may go there, as long as the other end of the connection is one of these.
        case allowed(Peers)
        /// The reason, which names the host and says what to do.
        case refused(String)
    }

    /// Judges a URL by its text alone: no name is looked up here.
    func verdict(on url: String) -> Verdict {
        let host = URLText.host(url)
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

    /// Whose connection a piece may use.
    ///
    /// - Throws: `.refusedHost`.
    func peers(for piece: Piece) throws(ProviderError) -> Peers {
        switch verdict(on: piece.url) {
        case .allowed(let peers): return peers
        case .refused(let reason): throw ProviderError(.refusedHost, reason)
        }
    }

    /// Judges all of a ticket's URLs, before it is kept and the first byte goes.
    ///
    /// - Throws: `.refusedHost`.
    func check(_ ticket: Ticket) throws(ProviderError) {
        for piece in ticket.pieces { _ = try peers(for: piece) }
    }

    /// Why a host of a public API's answer is refused that is not public itself.
    static func inner(_ host: String) -> String {
        "\(host) is this machine or in an inner network, and the API is not; name it in upload_hosts if bytes may go to it"
    }
}

/// Which machines may be at the other end of a connection.
enum Peers: Hashable, Sendable {
    case any
    /// Those with an address of the public internet.
    case publicOnly
}
