import Logging
import SystemPackage
import TestSupport
import Threads

@testable import Control

/// Serves endpoints at a socket in a directory of its own, while `body` works.
func withSocket(
    _ endpoints: [Endpoint] = [.health],
    limits: ServerLimits = ServerLimits(),
    _ body: @Sendable (FilePath) async throws -> Void
) async throws {
    let directory = try TemporaryDirectory()
    let place = SocketPlace([:], stateDirectory: directory.path)
    let server = ControlServer(place, ControlRouter(endpoints), limits: limits, logger: quiet)
    try await server.serve { try await body(place.path) }
}

var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

extension Endpoint {
    /// Answers with the length of the request's body.
    static let count = Endpoint(.post, "/count") { .text("\($0.body.count)") }
    /// Never answers by itself. Rings when it is asked.
    static func endless(_ bell: Doorbell) -> Endpoint {
        Endpoint(.get, "/endless") { _ in
            bell.ring()
            try await Promise<Void>().value()
            return .text("")
        }
    }
}
