import HummingbirdCore
import Logging
import ServiceLifecycle
import SystemPackage
import Threads

/// Answers at the control socket, by HTTP/1.1, while the service works.
///
/// Whoever runs it must hold the lock of the state directory: only then is a socket file at the place a dead one.
package struct ControlServer: Sendable {
    let place: SocketPlace
    let router: ControlRouter
    let limits: ServerLimits
    let logger: Logger

    package init(_ place: SocketPlace, _ router: ControlRouter, limits: ServerLimits = .init(), logger: Logger) {
        self.place = place
        self.router = router
        self.limits = limits
        self.logger = logger
    }

    /// Serves while `work` runs, and begins `work` when the socket is in place. The socket is gone afterwards.
    ///
    /// If the end is asked for earlier, `work` begins without a socket, so that it can end in its own way.
    ///
    /// - Throws: ``SocketProblem`` if the socket cannot be made, and the errors of `work`.
    package func serve(while work: @Sendable () async throws -> Void) async throws {
        try place.prepare()
        let http = ControlHTTP(router: router, gate: SocketGuard(), limits: limits, logger: logger)
        let station = Station(place: place, logger: logger) { [place] opened in
            try await http.listen(at: .unixDomainSocket(path: place.birthplace.string)) { _ in await opened() }
        }
        let group = ServiceGroup(serving: station, logger: logger)
        defer { station.close() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { station.opening.give(.success(())) }
                try await group.run()
            }
            do {
                try await station.opening.value()
                try await work()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
