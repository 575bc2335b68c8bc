import Logging
import ServiceLifecycle
import UnixSignals

/// Runs one service until it ends or a signal asks for the end.
enum Foreground {
    static func run(_ service: some Service, logger: Logger) async throws {
        var quiet = logger
        quiet.logLevel = .error
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: service,
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
}
