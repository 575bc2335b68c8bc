import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs one service until it ends or a signal asks for the end. An early signal counts as one that comes now.
enum Foreground {
    static func run(_ service: some Service, logger: Logger) async throws {
        var quiet = logger
        quiet.logLevel = .error
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: Punctual(service: service),
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup
                )
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        // Below the 90 s that systemd waits before it kills.
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// A service that ends at once if the end was asked for already.
    private struct Punctual<Inner: Service>: Service {
        let service: Inner

        /// When this begins, the group listens for signals. So none falls between.
        func run() async throws {
            if EarlySignals.wantEnd { kill(getpid(), SIGTERM) }
            try await service.run()
        }
    }
}
