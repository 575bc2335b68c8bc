import Fleet
import Logging
import Threads

/// A connection to the fleet's database for one command, or for one look.
struct FleetLink {
    /// What libpq connects to.
    let text: String
    /// The name of this host. The server shows it with the connection.
    let host: String

    /// How long the first connection may take, whatever hosts there are to be tried.
    private static let patience = Duration.seconds(20)
    private static let pause = Duration.milliseconds(20)

    init(_ text: String, host: String) {
        self.text = text
        self.host = host
    }

    /// Connects, does some work, and ends the connection. The first failure to connect is final: a person waits.
    ///
    /// - Throws: ``PostgresError``, or what the work throws.
    func use<Value: Sendable>(
        _ work: @escaping @Sendable (any PostgresDatabase) async throws -> Value
    ) async throws -> Value {
        let settings = try PostgresSettings(text, name: host, library: try PostgresLibrary.load())
        let connection = try PostgresConnection(settings, logger: Logger(label: "outtray", level: .critical))
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                await connection.run()
                return nil
            }
            group.addTask {
                try await Self.waitUntilReachable(connection)
                return try await work(connection)
            }
            while let ended = try await group.next() {
                if let value = ended { return value }
            }
            throw CancellationError()
        }
    }

    private static func waitUntilReachable(_ connection: PostgresConnection) async throws {
        let deadline = SuspendingClock.now.advanced(by: patience)
        while true {
            switch connection.standing {
            case .reachable: return
            case .away(let error, _): throw error
            case .connecting where SuspendingClock.now < deadline: try await rest(for: pause)
            case .connecting:
                throw PostgresError(
                    .unreachable,
                    "the fleet's database does not answer within \(patience.components.seconds) s"
                )
            }
        }
    }
}
