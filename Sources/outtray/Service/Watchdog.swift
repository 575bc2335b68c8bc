import Logging
import Pipeline
import ServiceLifecycle
import Threads

/// Runs a service, and tells systemd that it lives as long as all its loops turn.
///
/// It looks four times in the watchdog's time. If a loop stands still, systemd hears no more. When the time is over,
/// systemd ends the service and starts it again. Neither a hung network disk nor a full one is such a case, nor is a
/// machine that was suspended.
struct Watchdog<Watched: Service, C: Clock>: Service where C.Duration == Duration {
    let service: Watched
    /// The time within which systemd wants a sign of life. If it is nil, nobody listens, and the service runs by
    /// itself.
    let time: Duration?
    let loops: Loops
    let clock: C
    let logger: Logger
    /// Gives the sign of life.
    let alive: @Sendable () -> Void

    func run() async throws {
        guard let time else { return try await service.run() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Loops.$current.withValue(loops) { try await service.run() } }
            group.addTask { try await feed(every: time / 4) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func feed(every pause: Duration) async throws {
        var watch = LoopWatch()
        var told: [String] = []
        while true {
            let standing = watch.standing(loops.readings())
            if standing.isEmpty { alive() }
            if standing != told { tell(standing) }
            told = standing
            try await clock.sleep(for: pause)
        }
    }

    private func tell(_ standing: [String]) {
        guard !standing.isEmpty else { return logger.notice("all loops of the service turn again") }
        logger.error(
            "a loop of the service stands still, systemd is to restart it",
            metadata: ["loops": "\(standing.joined(separator: ", "))"]
        )
    }
}
