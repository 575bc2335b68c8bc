import Pipeline

/// The answer to a request: status, headers, and the start of the body.
struct TransferAnswer: Hashable, Sendable {
    let status: Int
    /// All headers in the order they came, with names in lower case.
    let headers: [HeaderField]
    /// At most ``TransferRequest/bodyLimit`` bytes; of an error, or of a PUT's answer,
    /// ``TransferRequest/errorBodyLimit``.
    let body: [UInt8]
    /// Did the body break off before its claimed length?
    let isCut: Bool

    init(status: Int, headers: [HeaderField] = [], body: [UInt8] = [], isCut: Bool = false) {
        self.status = status
        self.headers = headers.map { HeaderField($0.name.lowercased(), $0.value) }
        self.body = body
        self.isCut = isCut
    }

    /// The first header with this name. The name is in lower case.
    subscript(name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// Is the status a 2xx?
    var isSuccess: Bool { (200..<300).contains(status) }

    /// The server's own clock, from its `Date` header.
    var date: Timestamp? { self["date"].flatMap(Moment.httpDate) }
}
