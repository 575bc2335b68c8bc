/// Refuses requests at a TCP listener: for other hosts, from web pages, and without the token where there is one.
///
/// No forwarded field (`X-Forwarded-For` and the like) is looked at: a client may send any.
struct ListenerGuard: RequestGuard {
    private let hosts: Set<HostName>
    /// Whether each address is a good host. It is if the listener listens at all addresses of this machine.
    private let takesAddresses: Bool
    private let token: AccessToken?

    init(_ plan: ListenPlan) {
        let own = ["localhost", "127.0.0.1", "[::1]"].compactMap { HostName($0) }
        let host = plan.address.host
        let bound = HostName(host.contains(":") ? "[\(host)]" : host)
        hosts = Set(own + plan.hosts + [bound].compactMap(\.self))
        takesAddresses = plan.address.isAll
        token = plan.token
    }

    func check(_ request: ControlRequest, needsToken: Bool) throws(ControlError) {
        let host = try host(of: request)
        try checkOrigin(of: request, host: host)
        guard needsToken, let token else { return }
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

    /// Host and port of a URL, in small letters; nil for any other text, such as the origin `null`.
    private static func authority(of url: String) -> String? {
        guard let begin = url.firstRange(of: "://")?.upperBound else { return nil }
        return url[begin...].prefix { !"/?#".contains($0) }.lowercased()
    }
}
