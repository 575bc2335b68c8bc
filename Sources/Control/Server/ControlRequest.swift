import Pipeline

/// A request to the control socket, as endpoints see it. It has arrived whole, but for ``bytes``.
package struct ControlRequest: Sendable {
    /// As in HTTP: `GET`, `POST`.
    package let method: String
    /// The path as it was sent, without the query. It may be percent-encoded.
    package let path: String
    package let query: ControlQuery
    package let headers: [Header]
    /// At most ``ServerLimits/body`` bytes.
    package let body: [UInt8]
    /// What stands for ``Endpoint/variable`` in the path, decoded.
    package internal(set) var variable: String?
    /// A body that is still to come; nil for an endpoint that gets it whole.
    package internal(set) var bytes: ComingBytes?

    /// A file's bytes, on their way from a client.
    package struct ComingBytes: Sendable {
        /// As the client declares it; nil if it does not.
        package let length: Int64?
        /// Hands over all bytes, piece by piece. To be called once.
        ///
        /// - Throws: ``ControlError`` if they do not all come, and the errors of its argument.
        package let forEach: @Sendable (_ take: @Sendable (Chunk) async throws -> Void) async throws -> Void

        package init(
            length: Int64?,
            forEach: @escaping @Sendable (_ take: @Sendable (Chunk) async throws -> Void) async throws -> Void
        ) {
            self.length = length
            self.forEach = forEach
        }
    }

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
