/// Refuses requests that no program of this machine's users would send on purpose.
///
/// A web page can make its visitor's browser, or a proxy before the socket, send requests. A browser adds `Origin` or
/// `Referer`, and names the page's host. So a request with either field, or for another host, is refused.
enum RequestGuard {
    /// The one host of the socket: `http://outtray/…`.
    static let host = "outtray"

    /// - Throws: ``ControlError`` with the code `foreign`.
    static func check(_ request: ControlRequest) throws(ControlError) {
        for field in ["origin", "referer"] where !request.values(of: field).isEmpty {
            throw ControlError(
                .foreign,
                "a request with the header field \(field) is refused",
                hint: "send the request without it; the socket is not for browsers"
            )
        }
        let hosts = request.values(of: "host")
        guard hosts.count == 1, hosts.first?.lowercased() == host else {
            throw ControlError(
                .foreign,
                "the request is not for the host \(host)",
                hint: "begin the URL with http://\(host)/, as in: curl --unix-socket SOCKET http://\(host)/healthz"
            )
        }
    }
}
