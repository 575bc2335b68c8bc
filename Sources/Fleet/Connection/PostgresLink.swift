import CPostgres
import DequeModule
import Glibc
import Threads

/// One open connection: it sends requests, and resolves them as their answers come. Only its thread touches it.
///
/// The requests go out without waiting for each other's answers (libpq's pipeline mode). Behind each one stands a Sync:
/// it commits, and an error before it ends its own request alone.
final class PostgresLink {
    /// A request that was sent, and what of its answers has come.
    private struct Exchange {
        let request: PostgresRequest
        var answers: [Answer] = []
        var failure: PostgresError?
    }

    private let functions: cpostgres_functions
    private let connection: OpaquePointer
    /// The statement before each request's own.
    private let rules: String
    private var exchanges: Deque<Exchange> = []
    /// Since when the server owes an answer, and neither took nor gave a byte. Nil if it owes none.
    private(set) var silentSince: SuspendingClock.Instant?
    /// The server's error, if it said that it takes no writes. The connection is of no use then.
    private(set) var readOnly: PostgresError?

    /// Takes over an established connection.
    init(_ connection: OpaquePointer, _ settings: PostgresSettings) throws(PostgresError) {
        functions = settings.library.functions
        self.connection = connection
        rules = TransactionRules(settings).sql
        guard functions.PQsetnonblocking(connection, 1) == 0, functions.PQenterPipelineMode(connection) == 1 else {
            throw lost()
        }
    }

    deinit { functions.PQfinish(connection) }

    var socket: CInt { functions.PQsocket(connection) }

    /// Sends a request, or as much of it as the socket takes now.
    func send(_ request: PostgresRequest) throws(PostgresError) {
        if exchanges.isEmpty { silentSince = .now }
        exchanges.append(Exchange(request: request))
        try send(rules, [])
        for statement in request.statements { try send(statement.sql, statement.values) }
        guard functions.PQpipelineSync(connection) == 1 else { throw lost() }
    }

    /// Sends what is left. Returns whether the socket does not take all of it now.
    func flush() throws(PostgresError) -> Bool {
        let left = functions.PQflush(connection)
        // libpq gives up the socket of a connection that it lost.
        guard left >= 0, socket >= 0 else { throw lost() }
        return left == 1
    }

    /// Notes that the server took or gave something.
    func noteLife() {
        if silentSince != nil { silentSince = .now }
    }

    /// Reads what has come, and resolves the requests whose answers are complete.
    func receive() throws(PostgresError) {
        let isAlive = functions.PQconsumeInput(connection) == 1
        noteLife()
        // What the server said at last stands before the end of its connection.
        try takeAnswers()
        guard isAlive else { throw lost() }
    }

    /// The notifications that have come.
    func takeNotifications() -> [PostgresNotification] {
        var notifications: [PostgresNotification] = []
        while let notification = functions.PQnotifies(connection) {
            let (channel, payload) = (notification.pointee.channel, notification.pointee.payload)
            notifications.append(
                PostgresNotification(
                    channel: channel.map { String(cString: $0) } ?? "",
                    payload: payload.map { String(cString: $0) } ?? ""
                )
            )
            functions.PQfreemem(notification)
        }
        return notifications
    }

    /// Fails all requests that were sent and not answered.
    func fail(_ error: PostgresError) {
        while let exchange = exchanges.popFirst() { exchange.request.promise.give(.failure(error)) }
        silentSince = nil
    }

    // MARK: Private

    private func send(_ sql: String, _ values: [String?]) throws(PostgresError) {
        let texts = values.map { $0.flatMap { UnsafePointer(strdup($0)) } }
        defer { for text in texts { free(UnsafeMutableRawPointer(mutating: text)) } }
        let count = CInt(texts.count)
        guard functions.PQsendQueryParams(connection, sql, count, nil, texts, nil, nil, 0) == 1 else { throw lost() }
    }

    /// Takes all results that are complete. libpq ends each statement's with a nil.
    private func takeAnswers() throws(PostgresError) {
        var nils = 0
        while !exchanges.isEmpty, functions.PQisBusy(connection) == 0 {
            guard let result = functions.PQgetResult(connection) else {
                nils += 1
                if nils > 2 { throw lost() }
                continue
            }
            defer { functions.PQclear(result) }
            nils = 0
            try take(PostgresResult(result, functions))
        }
        if exchanges.isEmpty { silentSince = nil }
    }

    private func take(_ result: PostgresResult) throws(PostgresError) {
        switch result.status {
        case CPOSTGRES_PIPELINE_SYNC: resolve()
        case CPOSTGRES_PIPELINE_ABORTED: break
        case CPOSTGRES_COMMAND_OK, CPOSTGRES_TUPLES_OK, CPOSTGRES_EMPTY_QUERY:
            exchanges[0].answers.append(result.answer)
        default:
            let error = result.error
            if result.endsConnection { throw error }
            if error.kind == .readOnly { readOnly = error }
            exchanges[0].failure = exchanges[0].failure ?? error
        }
    }

    /// Gives the first request's outcome. The server has committed, or undone, its transaction.
    private func resolve() {
        let exchange = exchanges.removeFirst()
        let answers = exchange.answers.dropFirst()
        let promise = exchange.request.promise
        if let failure = exchange.failure {
            promise.give(.failure(failure))
        } else if answers.count == exchange.request.statements.count {
            promise.give(.success(Array(answers)))
        } else {
            let count = exchange.request.statements.count
            promise.give(
                .failure(PostgresError(.unreachable, "\(count) statements got \(answers.count) answers"))
            )
        }
    }

    private func lost() -> PostgresError {
        PostgresError(lostWith: functions.PQerrorMessage(connection))
    }
}
