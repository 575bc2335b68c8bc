extension Endpoint {
    /// `GET /healthz`: this process answers. It says nothing of folders, accounts or disks.
    ///
    /// It is the one answer without a token: the health checks of load balancers have none.
    package static let health = Endpoint(.get, "/healthz", part: .health, access: .everybody) { _ in .text("ok\n") }
}
