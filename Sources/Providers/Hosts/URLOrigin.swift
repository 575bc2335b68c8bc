/// Scheme, host and port of a URL, read so strictly that no two readers can differ about them.
///
/// A URL from an answer is read twice: here, to judge it, and by the HTTP client, to connect. A form that the two might
/// read differently is no origin at all: user names, escapes, backslashes, other alphabets.
struct URLOrigin: Hashable, Sendable {
    let isSecure: Bool
    let host: Host
    let port: UInt16

    /// Reads `http(s)://host[:port]`, alone or before a `/`, `?` or `#`. Nil for anything else.
    init?(_ url: String) {
        let start = url.prefix(8).lowercased()
        isSecure = start == "https://"
        guard isSecure || start.hasPrefix("http://") else { return nil }
        let authority = url.dropFirst(isSecure ? 8 : 7).prefix { !"/?#".contains($0) }
        guard let (host, port) = Host.andPort(authority) else { return nil }
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
    }

    /// Is the host this machine or in an inner network, judged by its address or name alone?
    ///
    /// A public name may still lead to an inner address. ``PeerCheck`` notices that after the connection is made.
    var isInner: Bool {
        switch host {
        case .address(let address): !address.isPublic
        case .name(let name): Self.isInner(name)
        }
    }

    /// Does no public name server know this name?
    ///
    /// Source: RFC 6761 (`localhost`), RFC 6762 (`local`), RFC 8375 (`home.arpa`), and ICANN's reservation of
    /// `internal` in 2024. `localdomain` counts, too, and so does a single label: the machine's search list completes
    /// it.
    private static func isInner(_ name: String) -> Bool {
        !name.contains(".")
            || [".localhost", ".local", ".internal", ".home.arpa", ".localdomain"].contains { name.hasSuffix($0) }
    }
}

/// A host as it stands in a URL: an address in any of its forms, or a name.
enum Host: Hashable, Sendable {
    case address(IPAddress)
    /// In lower case, without the trailing dot of a fully qualified name.
    case name(String)

    /// Reads an address or a name; nil for anything else.
    ///
    /// A name consists of letters, digits, `-`, `_` and single dots. An IPv6 address comes without brackets.
    init?(_ text: some StringProtocol) {
        // Checked before `lowercased()`, which turns the Kelvin sign into a plain k.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let full = text.lowercased()
        let name = full.hasSuffix(".") ? String(full.dropLast()) : full
        if let address = IPAddress(name) {
            self = .address(address)
            return
        }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isLabelByte) }) else {
            return nil
        }
        self = .name(name)
    }

    /// Reads `host`, `host:port`, `[IPv6]` and `[IPv6]:port`. Nil for anything else.
    static func andPort(_ text: some StringProtocol) -> (host: Host, port: UInt16?)? {
        let isBracketed = text.hasPrefix("[")
        let end = isBracketed ? text.firstIndex(of: "]") : text.firstIndex(of: ":")
        if isBracketed, end == nil { return nil }
        let inner = isBracketed ? text[..<(end ?? text.endIndex)].dropFirst() : text[..<(end ?? text.endIndex)]
        guard inner.contains(":") == isBracketed, let host = Host(inner) else { return nil }
        let rest = end.map { isBracketed ? text[$0...].dropFirst() : text[$0...] }
        guard let rest, !rest.isEmpty else { return (host, nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits), port > 0
        else { return nil }
        return (host, port)
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
