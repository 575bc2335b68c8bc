import CPostgres
import Glibc

extension PostgresLink {
    /// Makes a connection. Returns nil if it is time to end before that.
    ///
    /// libpq looks a host's name up while everything else waits, so this may take as long as the resolver does.
    static func open(
        _ settings: PostgresSettings,
        _ order: inout HostOrder,
        _ wait: SocketWait,
        isStopped: () -> Bool
    ) throws(PostgresError) -> PostgresLink? {
        let functions = settings.library.functions
        let attempt = try start(settings, order)
        var isOurs = true
        defer { if isOurs { functions.PQfinish(attempt) } }
        let effective = effective(attempt, functions)
        // With a service file's settings and the environment's. Nothing was sent yet.
        if let objection = ConnectionSafety.objection(to: effective) { throw PostgresError(.unsafe, objection) }
        // For the code of the server's error.
        _ = functions.PQsetErrorVerbosity(attempt, CInt(CPOSTGRES_ERRORS_VERBOSE))
        // libpq prints what a server remarks to the standard error otherwise.
        _ = functions.PQsetNoticeProcessor(attempt, { _, _ in }, nil)

        let deadline = SuspendingClock.now.advanced(by: settings.connectTimeout)
        var next = CPOSTGRES_POLLING_WRITING
        while next != CPOSTGRES_POLLING_OK {
            let events = next == CPOSTGRES_POLLING_READING ? POLLIN : POLLOUT
            let come = wait.wait(for: events, on: functions.PQsocket(attempt), until: deadline)
            if isStopped() { return nil }
            if come == 0 {
                guard SuspendingClock.now >= deadline else { continue }
                order.passOver(effective)
                throw silence(effective, settings)
            }
            let phase = functions.PQstatus(attempt)
            next = Int(functions.PQconnectPoll(attempt))
            if next == CPOSTGRES_POLLING_FAILED { throw failure(of: attempt, in: Int(phase), functions) }
        }
        isOurs = false
        return try PostgresLink(attempt, settings)
    }

    private static func start(
        _ settings: PostgresSettings,
        _ order: HostOrder
    ) throws(PostgresError) -> OpaquePointer {
        let functions = settings.library.functions
        func copies(_ texts: [String]) -> [UnsafePointer<CChar>?] { texts.map { UnsafePointer(strdup($0)) } + [nil] }
        let options = settings.options.merging(order.options) { $1 }
        let keywords = copies(options.map(\.key))
        let values = copies(options.map(\.value))
        defer { for copy in keywords + values { free(UnsafeMutableRawPointer(mutating: copy)) } }
        guard let attempt = functions.PQconnectStartParams(keywords, values, 0) else {
            throw PostgresError(.unreachable, "no memory for a connection to the fleet's database")
        }
        guard Int(functions.PQstatus(attempt)) != CPOSTGRES_CONNECTION_BAD else {
            defer { functions.PQfinish(attempt) }
            throw failure(of: attempt, in: CPOSTGRES_CONNECTION_BAD, functions)
        }
        return attempt
    }

    /// The settings that hold in the end.
    private static func effective(_ attempt: OpaquePointer, _ functions: cpostgres_functions) -> [String: String] {
        guard let first = functions.PQconninfo(attempt) else { return [:] }
        defer { functions.PQconninfoFree(first) }
        var effective: [String: String] = [:]
        for option in PostgresOptions(first) {
            guard let keyword = option.keyword, let value = option.value else { continue }
            effective[String(cString: keyword)] = String(cString: value)
        }
        return effective
    }

    private static func silence(_ effective: [String: String], _ settings: PostgresSettings) -> PostgresError {
        let host = effective["host"] ?? effective["hostaddr"] ?? "the usual socket"
        return PostgresError(
            .unreachable,
            "the fleet's database at \(host), port \(effective["port"] ?? "5432"), did not answer within "
                + "\(settings.connectTimeout.components.seconds) s"
        )
    }

    /// The error of an attempt that failed. `phase` is where the attempt was at last.
    private static func failure(
        of attempt: OpaquePointer,
        in phase: Int,
        _ functions: cpostgres_functions
    ) -> PostgresError {
        let said = ServerWords(functions.PQerrorMessage(attempt).map { String(cString: $0) } ?? "")
        // The server tells these two of itself when it lets a client in (PostgreSQL 14).
        let tellers = ["default_transaction_read_only", "in_hot_standby"]
        let isReadOnly = tellers.contains { name in
            functions.PQparameterStatus(attempt, name).map { String(cString: $0) } == "on"
        }
        return ConnectionFailure(
            said: said,
            wasInTLS: phase == CPOSTGRES_CONNECTION_SSL_STARTUP,
            needsPassword: functions.PQconnectionNeedsPassword(attempt) == 1,
            isReadOnly: isReadOnly
        ).error
    }
}
