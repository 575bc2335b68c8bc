import Pipeline

/// One HTTP request. Exactly these headers go out, and beside them only `Host` and `Content-Length`.
struct TransferRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Goes out once. Nothing reads it after the exchange has ended.
        case stream(ByteStream)
    }

    var method: Method
    /// Absolute.
    var url: String
    var headers: [HeaderField] = []
    var body: Body = .none
    /// The longest time without progress. Progress is a chunk of the body or the whole answer.
    var patience: Duration
    /// The machines that may be at the other end. ``UploadHosts`` first judges a URL from an answer.
    var peers = Peers.any
    /// Authorities trusted beside those of the system. Nil for the system's alone.
    var authorities: Authorities?

    /// The most bytes that a URL and headers from an answer may have together. Real ones have some 2 kB; storages take
    /// 8 to 64 KiB.
    ///
    /// The limit keeps the process alive. If a request with a body has a head too large for the connection's buffer,
    /// async-http-client ends the process (`HTTPRequestStateMachine.headSent`, "request body producing can not start
    /// before …"). That buffer is 64 KiB, NIO's default high water mark.
    static let headLimit = 32 << 10

    /// The size of URL and headers, in bytes.
    var headSize: Int {
        headers.reduce(url.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }

    /// The most bytes read of the body of an error or of a PUT's answer. Some proxies send megabytes of HTML.
    static let errorBodyLimit = 64 << 10
    /// The most bytes read of another answer's body. The largest expected answer is ConnectSafely's for a video of
    /// 500 MB: its 120 parts take some 200 kB (inferred).
    static let bodyLimit = 16 << 20
}
