import Pipeline

/// The headers of a PUT: the headers of the answer, byte for byte, except those that only this side may set.
enum StorageHeaders {
    /// The piece's own headers, without those that only this side may set, and with exactly one content type.
    ///
    /// Names are compared without case.
    ///
    /// - Throws: `.refusedTicket` if a header cannot be sent.
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

    /// Is this a header that no answer may set?
    ///
    /// Such headers name the target, the sender, the body's length or the fate of the connection. An empty name means
    /// nothing. A name with a leading colon is HTTP/2's form of the same headers.
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

    /// Is this a token of RFC 9110, 5.6.2?
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

    /// May a header value have this character? RFC 9110, 5.5: visible characters, spaces and tabs.
    private static func isSendable(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\t" || (scalar.value >= 0x20 && scalar.value != 0x7F)
    }
}
