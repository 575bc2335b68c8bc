import Pipeline

/// One HTTP request: exactly these headers go out, and beside them only `Host` and `Content-Length`.
struct TransferRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Goes out once, and is not read any more when the exchange has ended.
        case stream(ByteStream)
    }

    var method: Method
    /// Absolute.
    var url: String
    var headers: [HeaderField] = []
    var body: Body = .none
    /// How long nothing may move, neither a chunk of the body nor the whole of the answer.
    var patience: Duration
    /// Who may be at the other end; a URL out of an answer is judged by ``UploadHosts`` first.
    var peers = Peers.any
    /// Trusted beside those of the system; nil for these alone.
    var authorities: Authorities?

    /// Bytes that a URL and headers out of an answer may have together; real ones have some 2 kB, and storages take 8 to
    /// 64 KiB. It keeps the process alive: where the head of a request with a body does not fit into the connection's
    /// buffer at once (64 KiB, NIO's default high water mark), async-http-client ends it
    /// (`HTTPRequestStateMachine.headSent`, "request body producing can not start before …").
    static let headLimit = 32 << 10

    /// What the URL and the headers have, in bytes.
    var headSize: Int {
        headers.reduce(url.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }

    /// Bytes that are read of an error's body: some proxies send megabytes of HTML.
    static let errorBodyLimit = 64 << 10
    /// Bytes that are read of an answer's body. The largest to be expected, ConnectSafely's with the 120 parts of a
    /// video of 500 MB, has some 200 kB (inf).
    static let bodyLimit = 16 << 20
}
