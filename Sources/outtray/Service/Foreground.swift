import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs one service until it ends or a signal asks for the end. An early signal counts as one that comes now.
///
/// A second signal breaks off what the service still does, as a kill would: who sends it does not want to wait.
enum Foreground {
    /// `patience`: an end that takes longer is broken off. `hung` acts if even that does not end it. A given one goes
    /// on when this returns.
    static func run(
        _ service: some Service,
        patience: Duration = .seconds(20),
        hung: HungEnd? = nil,
        logger: Logger
    ) async throws {
        let given = hung
        let hung = given ?? HungEnd(logger: logger)
        defer { if given == nil { hung.cancel() } }
        var quiet = logger
        quiet.logLevel = .error
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: Punctual(service: service, patience: patience, hung: hung, logger: logger),
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup
                )
            ],
            gracefulShutdownSignals: Self.signals,
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = patience
        try await ServiceGroup(configuration: configuration).run()
    }

    private static let signals: [UnixSignal] = [.sigterm, .sigint]

    /// A service that ends at once if the end was asked for already, or is asked for twice.
    private struct Punctual<Inner: Service>: Service {
        let service: Inner
        let patience: Duration
        let hung: HungEnd
        let logger: Logger

        /// When this begins, the group listens for signals. So none falls between.
        func run() async throws {
            let ends = await UnixSignalsSequence(trapping: Foreground.signals)
            if EarlySignals.wantEnd { kill(getpid(), SIGTERM) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                group.addTask {
                    var count = 0
                    for await _ in ends {
                        count += 1
                        if count <= 2 { hung.within((count == 1 ? patience : .zero) + HungEnd.lastPatience) }
                        if count == 2 { return logger.notice("asked a second time to end, ending at once") }
                    }
                    // The sequence ends with its task alone.
                    try await Task.sleep(for: .seconds(1 << 30))
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }
}
