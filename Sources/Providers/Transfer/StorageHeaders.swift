import Pipeline

/// The headers of a PUT: those that an answer named, byte for byte, but for what is ours to say.
enum StorageHeaders {
    /// The piece's own headers without those that would be wrong whatever they say, and with exactly one content type. Names
    /// are compared without case.
    ///
    /// - Throws: `.refusedTicket` where one of them cannot be sent.
    static func sent(with piece: Piece, fallbackType: MIMEType) throws(ProviderError) -> [HeaderField] {
        var hasType = false
        var headers: [HeaderField] = []
        for header in piece.headers where !isOurs(header.name) {
            guard isToken(header.name), header.value.unicodeScalars.allSatisfy(isSendable) else {
                throw ProviderError(
                    .refusedTicket,
                    "the upload URL for \(URLText.host(piece.url)) comes with a header that cannot be sent"
                )
            }
            if header.name.lowercased() == "content-type" {
                if hasType { continue }
                hasType = true
            }
            headers.append(header)
        }
        if !hasType { headers.append(HeaderField("Content-Type", fallbackType.rawValue)) }
        return headers
    }

    /// Whether no answer may say it: where the request goes, who sends it, how long its body is, what becomes of the
    /// connection. A name that is empty says nothing, and one that begins with a colon is HTTP/2's for the same things.
    static func isOurs(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.isEmpty || name.hasPrefix(":") || name.hasPrefix("proxy-") || ours.contains(name)
    }

    /// Source: RFC 9110, 7.6.1 (fields of one connection), 7.2 (`Host`), 10.1.1 (`Expect`); RFC 9112, 6; RFC 6265.
    private static let ours: Set<String> = [
        "host", "authorization", "cookie", "cookie2",
        "content-length", "transfer-encoding", "expect", "te", "trailer", "trailers",
        "connection", "keep-alive", "upgrade", "http2-settings",
    ]

    /// Source: RFC 9110, 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: tokenMarks.contains(byte)
            }
        }
    }

    private static let tokenMarks = Set("!#$%&'*+-.^_`|~".utf8)

    /// RFC 9110, 5.5: what is visible, spaces and tabs.
    private static func isSendable(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\t" || (scalar.value >= 0x20 && scalar.value != 0x7F)
    }
}
