import Crypto
import FoundationEssentials

/// Signs upload URLs: HMAC-SHA256 over method, host, path, expiry and each signed header.
///
/// The secret lives as long as the process. So a URL of an earlier run is refused, as a revoked URL would be.
struct URLSigner: Sendable {
    private let secret = SymmetricKey(size: .bits256)

    /// The signature of a PUT, in lower case hexadecimal.
    ///
    /// - Parameter headers: names in lower case, values byte for byte as they have to arrive.
    func signature(host: String, path: String, expires: Int64, headers: [String: String]) -> String {
        let signed = headers.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
        let text = (["PUT", host, path, "\(expires)"] + signed).joined(separator: "\n")
        return hexadecimal(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: secret))
    }
}

/// The query of a URL that Postbreeze hands out, in the shape of Amazon's pre-signed URLs.
struct AmazonQuery: Sendable, Equatable {
    /// When the URL was signed, in whole Unix seconds.
    let date: Int64
    /// For how many seconds the URL is good.
    let lifetime: Int64
    let signature: String

    var expires: Int64 { date + lifetime }

    init(date: Int64, lifetime: Int64, signature: String) {
        self.date = date
        self.lifetime = lifetime
        self.signature = signature
    }

    /// Reads a request's query. Nil if a part of it is missing or malformed.
    init?(_ query: [String: String]) {
        guard query["X-Amz-SignedHeaders"] == "content-type;host", let signature = query["X-Amz-Signature"],
            let lifetime = query["X-Amz-Expires"].flatMap({ Int32($0) }),
            let date = query["X-Amz-Date"].flatMap(AmazonQuery.seconds)
        else { return nil }
        self.init(date: date, lifetime: Int64(lifetime), signature: signature)
    }

    /// The query as it stands in the URL.
    var text: String {
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=\(AmazonQuery.stamp(date))&X-Amz-Expires=\(lifetime)"
            + "&X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature=\(signature)"
    }

    /// A time such as `20261122T101530Z`.
    private static func stamp(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(stampStyle)
    }

    private static func seconds(_ stamp: String) -> Int64? {
        (try? Date(stamp, strategy: stampStyle)).map { Int64($0.timeIntervalSince1970) }
    }

    private static let stampStyle = Date.ISO8601FormatStyle(
        dateSeparator: .omitted,
        dateTimeSeparator: .standard,
        timeSeparator: .omitted,
        timeZoneSeparator: .omitted
    )
}

/// Bytes as lower case hexadecimal.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes {
        if byte < 16 { text += "0" }
        text += String(byte, radix: 16)
    }
    return text
}
