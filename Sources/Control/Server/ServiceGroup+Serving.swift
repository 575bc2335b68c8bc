import Logging
import ServiceLifecycle

extension ServiceGroup {
    /// The group of one server, which ends with it. What the group itself has to say is logged if it is critical.
    init(serving server: some Service, logger: Logger) {
        var quiet = logger
        quiet.logLevel = .critical
        self.init(
            configuration: .init(
                services: [
                    .init(
                        service: server,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                logger: quiet
            )
        )
    }
}
