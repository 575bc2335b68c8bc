import Logging
import ServiceLifecycle
import SystemPackage
import Threads
import Watch

/// Listens at the socket's place, and listens anew if the listening socket fails.
final class Station: Service {
    private let place: SocketPlace
    private let logger: Logger
    private let pause: Duration
    /// Listens once. Calls its argument when the socket is at ``SocketPlace/birthplace``.
    private let listen: @Sendable (_ opened: @escaping @Sendable () async -> Void) async throws -> Void
    /// Given when the socket is in place, or cannot come there.
    let opening = Promise<Void>()
    private let identity = Mutex<FileIdentity?>(nil)

    /// `pause` is between two sockets.
    init(
        place: SocketPlace,
        logger: Logger,
        pause: Duration = .seconds(1),
        listen: @escaping @Sendable (_ opened: @escaping @Sendable () async -> Void) async throws -> Void
    ) {
        self.place = place
        self.logger = logger
        self.pause = pause
        self.listen = listen
    }

    func run() async throws {
        while true {
            var failure: (any Error)?
            do {
                if identity.withLock({ $0 }) != nil { try place.prepare() }
                try await listen { self.settle() }
            } catch {
                failure = error
            }
            if Task.isShuttingDownGracefully || Task.isCancelled { return }
            let reason = failure.map { "\($0)" } ?? "it ended by itself"
            if identity.withLock({ $0 }) == nil {
                opening.give(.failure(SocketProblem("the control socket cannot be made: \(reason)", .ioError)))
                return
            }
            logger.warning("control socket failed, it is made anew", metadata: ["reason": "\(reason)"])
            try await cancelWhenGracefulShutdown { [pause] in try await rest(for: pause) }
            close()
        }
    }

    private func settle() {
        do {
            let made = try place.settle()
            identity.withLock { $0 = made }
            opening.give(.success(()))
        } catch {
            // At the end, NIO removes the socket from where it bound it. That may come before the move.
            if !Task.isShuttingDownGracefully { opening.give(.failure(error)) }
        }
    }

    /// Removes the socket.
    func close() {
        identity.withLock { made in
            if let made { place.remove(made) }
        }
        place.clear()
    }
}
