import NIOCore

/// Where a TCP listener listens: an IP address of this machine, and a port.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// In its shortest form, without brackets (inet_ntop(3)).
    package let host: String
    package let port: Int

    /// `127.0.0.1:8385`, `[::1]:8385`. Nil for anything else, also for a name, which may have several addresses.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.first != "0", digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else {
            return nil
        }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard host.contains(":") == isBracketed else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    /// Port 0: the kernel chooses one. Nil if the host is no address.
    package init?(host: String, port: Int) {
        guard let host = Self.canonical(host) else { return nil }
        self.host = host
        self.port = port
    }

    /// An IP address in its one shortest form; nil for any other text.
    static func canonical(_ text: some StringProtocol) -> String? {
        // A zone (`fe80::1%eth0`) would be cut off.
        if text.contains("%") { return nil }
        return (try? SocketAddress(ipAddress: String(text), port: 0))?.ipAddress
    }

    /// Whether it stands for all addresses of this machine.
    package var isAll: Bool { ["0.0.0.0", "::", "::ffff:0.0.0.0"].contains(host) }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
