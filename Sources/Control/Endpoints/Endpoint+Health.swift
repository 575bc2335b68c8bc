extension Endpoint {
    /// `GET /healthz`: this process answers. It says nothing of folders, accounts or disks.
    package static let health = Endpoint(.get, "/healthz") { _ in .text("ok\n") }
}
