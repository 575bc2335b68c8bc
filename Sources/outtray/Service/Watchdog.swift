import Logging
import Pipeline
import ServiceLifecycle
import Threads

/// Runs a service and tells systemd that it lives, for as long as all its loops turn.
///
/// It looks four times in the watchdog's time. Once a loop stands still, systemd hears no more, and ends and restarts the
/// service when its time is over. A hung network disk, a full one, or a machine that was suspended, is not such a case.
struct Watchdog<Watched: Service, C: Clock>: Service where C.Duration == Duration {
    let service: Watched
    /// Within which time somebody wants a sign of life; nil where nobody listens, and the service runs by itself.
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
            let standing = watch.standing(loops.look())
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
