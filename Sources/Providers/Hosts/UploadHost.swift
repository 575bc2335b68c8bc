/// One entry of an account's `upload_hosts`: `storage.example`, `*.r2.cloudflarestorage.com`, `10.0.0.5:9000`.
package struct UploadHost: Hashable, Sendable, CustomStringConvertible {
    /// The entry as the user wrote it.
    package let description: String
    private let host: Host
    /// True for `*.host`: one label or more stand before the host. The host is then a name.
    private let isWildcard: Bool
    /// Nil for any port.
    private let port: UInt16?

    /// Reads a host, or nil: a URL, a path, a bare `*`, or a `*` in another place is no host.
    ///
    /// An IPv6 address may stand without its brackets if no port follows.
    package init?(_ text: String) {
        isWildcard = text.hasPrefix("*.")
        let rest = isWildcard ? text.dropFirst(2) : text[...]
        if let host = Host(rest), case .address = host {
            (self.host, port) = (host, nil)
        } else if let (host, port) = Host.andPort(rest) {
            (self.host, self.port) = (host, port)
        } else {
            return nil
        }
        if isWildcard, case .address = host { return nil }
        description = text
    }

    /// Does this entry allow bytes to go to that origin?
    func covers(_ origin: URLOrigin) -> Bool {
        guard port == nil || port == origin.port else { return false }
        guard isWildcard else { return host == origin.host }
        guard case .name(let suffix) = host, case .name(let name) = origin.host else { return false }
        return name.hasSuffix(".\(suffix)")
    }
}
