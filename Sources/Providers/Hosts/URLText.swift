/// The parts of a URL that may be shown. The query is a secret and never leaves here: a pre-signed URL is a password.
enum URLText {
    /// The URL up to its query or fragment, without user name and password.
    static func withoutQuery(_ url: some StringProtocol) -> String {
        var text = String(url.prefix { $0 != "?" && $0 != "#" })
        if let scheme = text.firstRange(of: "://"), let host = authority(of: text), let at = host.lastIndex(of: "@") {
            text.removeSubrange(scheme.upperBound...at)
        }
        return text
    }

    /// The text with its URLs cut as ``withoutQuery(_:)`` cuts them. A path without a host loses its query, too.
    static func withoutQueries(_ text: some StringProtocol) -> String {
        var rest = text[...]
        var clean = ""
        while let scheme = rest.firstRange(of: "://") {
            let end = rest[scheme.upperBound...].firstIndex(where: endsURL) ?? rest.endIndex
            let start = rest[..<scheme.lowerBound].lastIndex { !$0.isLetter }.map { rest.index(after: $0) }
            clean += withoutBareQueries(rest[..<(start ?? rest.startIndex)])
            clean += withoutQuery(rest[(start ?? rest.startIndex)..<end])
            rest = rest[end...]
        }
        return clean + withoutBareQueries(rest)
    }

    /// Removes queries from text without URLs. A query has a `=` in the word after the `?`; the question mark of a
    /// sentence stays.
    private static func withoutBareQueries(_ text: some StringProtocol) -> String {
        var rest = text[...]
        var clean = ""
        while let mark = rest.firstIndex(of: "?") {
            let end = rest[mark...].firstIndex(where: endsURL) ?? rest.endIndex
            clean += rest[..<mark]
            if !rest[mark..<end].contains("=") { clean += rest[mark..<end] }
            rest = rest[end...]
        }
        return clean + rest
    }

    private static func endsURL(_ character: Character) -> Bool {
        character.isWhitespace || "\"'<>)]}".contains(character)
    }

    /// Host and port as they stand in the URL. Without a host: the whole URL without its query.
    static func host(_ url: String) -> String {
        let clean = withoutQuery(url)
        return authority(of: clean).map(String.init) ?? clean
    }

    /// Scheme, host and port as they stand in the URL. Without a host: the whole URL without its query.
    static func origin(_ url: String) -> String {
        let clean = withoutQuery(url)
        guard let scheme = clean.firstRange(of: "://"), let host = authority(of: clean) else { return clean }
        return String(clean[..<scheme.upperBound] + host)
    }

    /// Is this an `http` or `https` URL with a host? Bytes can go to no other.
    static func isAbsolute(_ url: String) -> Bool {
        let scheme = url.prefix(8).lowercased()
        return (scheme.hasPrefix("https://") || scheme.hasPrefix("http://")) && authority(of: url)?.isEmpty == false
    }

    /// Encodes a value for a path segment or a query: all but RFC 3986's unreserved characters become `%XX`.
    static func encoded(_ value: String) -> String {
        var text = ""
        for byte in value.utf8 {
            if unreserved.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += byte < 16 ? "%0" : "%"
                text += String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }

    private static func authority(of url: String) -> Substring? {
        url.firstRange(of: "://").map { url[$0.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" } }
    }

    private static let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
}
