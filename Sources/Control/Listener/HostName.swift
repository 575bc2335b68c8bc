/// A host as URLs and the `Host` field name it, without its port. Two spellings of one host are equal.
package struct HostName: Sendable, Hashable, CustomStringConvertible {
    /// A name in small letters, or an IP address in its shortest form and without brackets.
    package let description: String
    /// Whether it is an IP address.
    let isAddress: Bool

    /// `media.example`, `10.0.0.5`, `[fd00::1]`. Nil for anything else, also with a port.
    package init?(_ text: some StringProtocol) {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let inner = text.dropFirst().dropLast()
            guard inner.contains(":"), let address = ListenAddress.canonical(inner) else { return nil }
            (description, isAddress) = (address, true)
        } else if let address = ListenAddress.canonical(text), !text.contains(":") {
            (description, isAddress) = (address, true)
        } else {
            guard Self.isName(text) else { return nil }
            (description, isAddress) = (text.lowercased(), false)
        }
    }

    /// The host of a `Host` field, whatever its port.
    init?(ofField value: some StringProtocol) {
        let end = value.hasPrefix("[") ? value.firstIndex(of: "]").map(value.index(after:)) : value.firstIndex(of: ":")
        let (host, rest) = end.map { (value[..<$0], value[$0...]) } ?? (value[...], "")
        guard rest.isEmpty || rest.first == ":", rest.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return nil
        }
        self.init(host)
    }

    /// Letters, digits, hyphens and underscores, in parts between dots (RFC 1123, section 2.1, and what people use).
    private static func isName(_ text: some StringProtocol) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }
}
