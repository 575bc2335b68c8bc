/// Refuses requests before their bodies are read.
protocol RequestGuard: Sendable {
    /// `access`: for whom what is asked for is.
    ///
    /// - Throws: ``ControlError`` with the code `foreign`, `misdirected`, `unauthorized`, `logged-out` or `read-only`.
    func check(_ request: ControlRequest, _ access: Endpoint.Access) throws(ControlError)
}

/// Refuses requests at the control socket that no program of this machine's users would send on purpose.
///
/// A web page can make its visitor's browser, or a proxy before the socket, send requests. A browser adds `Origin` or
/// `Referer`, and names the page's host. So a request with either field, or for another host, is refused.
struct SocketGuard: RequestGuard {
    /// The one host of the socket: `http://outtray/…`.
    static let host = "outtray"

    func check(_ request: ControlRequest, _ access: Endpoint.Access) throws(ControlError) {
        for field in ["origin", "referer"] where !request.values(of: field).isEmpty {
            throw ControlError(
                .foreign,
                "a request with the header field \(field) is refused",
                hint: "send the request without it; the socket is not for browsers"
            )
        }
        let hosts = request.values(of: "host")
        guard hosts.count == 1, hosts.first?.lowercased() == Self.host else {
            throw ControlError(
                .foreign,
                "the request is not for the host \(Self.host)",
                hint: "begin the URL with http://\(Self.host)/, as in: "
                    + "curl --unix-socket SOCKET http://\(Self.host)/healthz"
            )
        }
    }
}
