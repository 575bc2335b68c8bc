import Logging
import Pipeline
import Threads

/// The connection to the fleet's database: made by ``run()``, and made again after it was lost, until the task ends.
///
/// One thread alone touches it. Any number of tasks may run statements at a time: they go out without waiting for each
/// other.
package final class PostgresConnection: PostgresDatabase {
    private let settings: PostgresSettings
    private let channels: [String]
    private let retries: RetryPolicy
    private let logger: Logger
    private let onNotification: @Sendable (PostgresNotification) -> Void
    private let mail: PostgresMail

    /// Listens on `channels`. `onNotification` is called on the connection's thread, so it must not block.
    ///
    /// - Throws: `.other` if the process may not open another descriptor.
    package init(
        _ settings: PostgresSettings,
        channels: [String] = [],
        retries: RetryPolicy = Schedules.database,
        logger: Logger,
        onNotification: @escaping @Sendable (PostgresNotification) -> Void = { _ in }
    ) throws(PostgresError) {
        self.settings = settings
        self.channels = channels
        self.retries = retries
        self.logger = logger
        self.onNotification = onNotification
        mail = try PostgresMail()
    }

    /// Whether the database can be reached, and why not.
    package var standing: PostgresStanding { mail.standing }

    /// Returns how often a connection was made, as soon as that is more than `count` and the database can be reached.
    /// Throws only `CancellationError`.
    ///
    /// After each new connection, notifications may have been missed, and the database may be another one.
    package func connections(after count: Int) async throws -> Int { try await mail.connections(after: count) }

    /// Connects, and stays connected, until the task is cancelled. To be called once.
    package func run() async {
        let end = Latch(["end"])
        let thread = PostgresThread(
            settings: settings,
            channels: channels,
            retries: retries,
            logger: logger,
            onNotification: onNotification,
            mail: mail
        )
        await withTaskCancellationHandler {
            do {
                try await OwnThread.run(named: "fleet-database", until: end) { thread.work() }
            } catch {
                thread.giveUp(PostgresError(.unreachable, "no thread for the fleet's database: \(error)"))
            }
        } onCancel: {
            mail.stop()
            // The thread may be looking up a name. Nobody waits for that.
            end.open(after: .seconds(2))
        }
    }

    /// Runs statements in one transaction, as ``PostgresDatabase`` says. Throws `.unreachable` at once if there is no
    /// connection.
    package func run(_ statements: [Statement]) async throws(PostgresError) -> [Answer] {
        let request = try PostgresRequest(statements)
        try mail.put(request)
        return try await request.answers()
    }
}
