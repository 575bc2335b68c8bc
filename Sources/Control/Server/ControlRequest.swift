/// A request to the control socket, as endpoints see it. It has arrived whole.
package struct ControlRequest: Sendable {
    /// As in HTTP: `GET`, `POST`.
    package let method: String
    /// The path as it was sent, without the query. It may be percent-encoded.
    package let path: String
    package let query: ControlQuery
    package let headers: [Header]
    /// At most ``ServerLimits/body`` bytes.
    package let body: [UInt8]

    /// One header field. Names are compared in lower case.
    package struct Header: Sendable {
        let name: String
        let value: String

        package init(_ name: String, _ value: String) {
            self.name = name.lowercased()
            self.value = value
        }
    }

    package init(
        _ method: String,
        _ path: String,
        query: ControlQuery = ControlQuery(),
        headers: [Header] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// All values of a field, in their order.
    func values(of name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
}
