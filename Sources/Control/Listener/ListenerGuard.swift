/// Refuses requests at a TCP listener: for other hosts, from web pages of others, without the token where there is one,
/// and from browsers that have not logged in to the page.
///
/// No forwarded field (`X-Forwarded-For` and the like) is looked at: a client may send any.
struct ListenerGuard: RequestGuard {
    private let hosts: Set<HostName>
    /// Whether each address is a good host. It is if the listener listens at all addresses of this machine.
    private let takesAddresses: Bool
    private let token: AccessToken?
    private let sessions: PageSessions

    init(_ plan: ListenPlan, _ sessions: PageSessions) {
        let own = ["localhost", "127.0.0.1", "[::1]"].compactMap { HostName($0) }
        let host = plan.address.host
        let bound = HostName(host.contains(":") ? "[\(host)]" : host)
        hosts = Set(own + plan.hosts + [bound].compactMap(\.self))
        takesAddresses = plan.address.isAll
        token = plan.token
        self.sessions = sessions
    }

    func check(_ request: ControlRequest, _ access: Endpoint.Access) throws(ControlError) {
        let host = try host(of: request)
        if access != .visitors || !request.isVisit { try checkOrigin(of: request, host: host) }
        switch access {
        case .everybody, .visitors: return
        case .token: try checkToken(of: request)
        case .login: try checkIntent(of: request, access)
        case .session(let right):
            try checkIntent(of: request, access)
            try sessions.check(request, for: right)
        }
    }

    private func checkToken(of request: ControlRequest) throws(ControlError) {
        guard let token else { return }
        let shown = request.values(of: "authorization")
        guard shown.count == 1, token.isShown(by: shown[0]) else {
            throw ControlError(
                .unauthorized,
                shown.isEmpty ? "the request shows no token" : "the request does not show the right token",
                hint: "send the token: Authorization: Bearer TOKEN"
            )
        }
    }

    /// The value of the `Host` field.
    ///
    /// A web page of another name that resolves to this machine (DNS rebinding) is seen here: the visitor's browser
    /// names the page's host. An address as the host is not resolved, so no page can make one lead elsewhere.
    private func host(of request: ControlRequest) throws(ControlError) -> String {
        let values = request.values(of: "host")
        if values.count == 1, let host = HostName(ofField: values[0]),
            hosts.contains(host) || takesAddresses && host.isAddress
        {
            return values[0]
        }
        throw ControlError(
            .misdirected,
            "this is not the host that the request names",
            hint: "ask under an address of the listener, or name the host in listen.hosts"
        )
    }

    /// A browser says which page a request is from. Only pages of this very host may ask.
    private func checkOrigin(of request: ControlRequest, host: String) throws(ControlError) {
        let pages = (request.values(of: "origin") + request.values(of: "referer")).map(Self.authority)
        let sites = request.values(of: "sec-fetch-site")
        if pages.allSatisfy({ $0 == host.lowercased() }), sites.allSatisfy({ ["same-origin", "none"].contains($0) }) {
            return
        }
        throw ControlError(
            .foreign,
            "a request from a web page of another host is refused",
            hint: "send it without Origin, Referer and Sec-Fetch-Site"
        )
    }

    /// A browser says by itself from which page a change is wanted. What says nothing of the kind is no such browser.
    ///
    /// https://www.alexedwards.net/blog/preventing-csrf-in-go
    private func checkIntent(of request: ControlRequest, _ access: Endpoint.Access) throws(ControlError) {
        guard !request.isRead else { return }
        guard !request.values(of: "sec-fetch-site").isEmpty || !request.values(of: "origin").isEmpty else {
            throw ControlError(
                .foreign,
                "the request does not say which page it is from",
                hint: "use the page, or the control socket"
            )
        }
        // A form of another site can send neither of these types.
        let type = request.values(of: "content-type").first?.prefix { $0 != ";" }.lowercased()
        let expected = access.takesBytes ? "application/octet-stream" : "application/json"
        guard type == expected else {
            throw ControlError(
                .invalid,
                "the body is not declared as \(expected)",
                hint: "send Content-Type: \(expected)"
            )
        }
    }

    /// Host and port of a URL, in small letters; nil for any other text, such as the origin `null`.
    private static func authority(of url: String) -> String? {
        guard let begin = url.firstRange(of: "://")?.upperBound else { return nil }
        return url[begin...].prefix { !"/?#".contains($0) }.lowercased()
    }
}

extension ControlRequest {
    /// Whether it changes nothing.
    fileprivate var isRead: Bool { ["GET", "HEAD"].contains(method) }

    /// Whether a person follows a link here, in a tab of its own. What another page would put into itself is no visit.
    fileprivate var isVisit: Bool {
        isRead && values(of: "sec-fetch-mode") == ["navigate"] && values(of: "sec-fetch-dest") == ["document"]
    }
}
