/// What clients of one server may take up.
package struct ServerLimits: Sendable {
    /// The most bytes of a request's body.
    package var body = 1 << 20
    /// The most bytes of a body from a browser that has logged in, which may name many files.
    package var sessionBody = 1 << 20
    /// The most bytes of all header fields of a request, and of its first line.
    package var headers = 32 << 10
    /// The most header fields.
    package var headerFields = 100
    /// How long a request may take to arrive: its head after the connection or the last answer, its body after the
    /// head. A client may also rest for so long without taking a byte of an answer.
    package var patience = Duration.seconds(30)
    /// How long requests under way may go on when the service ends.
    package var farewell = Duration.milliseconds(500)
    /// The most connections. Others wait in the kernel's queue.
    package var connections = 128

    package init() {}

    /// The most bytes of a body for an endpoint of this access.
    func body(for access: Endpoint.Access) -> Int {
        if case .session = access { sessionBody } else { body }
    }

    /// Of a TCP listener. Strangers' requests have no body but a link's key.
    package static var listener: ServerLimits {
        var limits = ServerLimits()
        limits.body = 4 << 10
        limits.connections = 64
        return limits
    }
}
