import Pipeline

/// What came back: status, headers and as much of the body as is worth keeping.
struct TransferAnswer: Hashable, Sendable {
    let status: Int
    /// All of them in the order they came, names in lower case.
    let headers: [HeaderField]
    /// Of an error at most ``TransferRequest/errorBodyLimit`` bytes.
    let body: [UInt8]
    /// The body broke off before the length that the answer claimed.
    let isCut: Bool

    init(status: Int, headers: [HeaderField] = [], body: [UInt8] = [], isCut: Bool = false) {
        self.status = status
        self.headers = headers.map { HeaderField($0.name.lowercased(), $0.value) }
        self.body = body
        self.isCut = isCut
    }

    /// The first header of that name, which is in lower case.
    subscript(name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    /// 2xx.
    var isSuccess: Bool { (200..<300).contains(status) }

    /// The server's own clock, from its `Date` header.
    var date: Timestamp? { self["date"].flatMap(Moment.httpDate) }
}
