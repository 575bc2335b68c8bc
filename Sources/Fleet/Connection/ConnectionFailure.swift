import CPostgres

/// What kind of error it is when a connection could not be made.
enum ConnectionFailure {
    /// `phase` is where libpq was when it failed, as PQstatus has it. `needsPassword`: the server asked for a password,
    /// and libpq found none.
    static func error(_ said: ServerWords, phase: Int, needsPassword: Bool) -> PostgresError {
        let (kind, advice) = judged(said.sqlState, phase, needsPassword)
        let reason = "the fleet's database cannot be used: \(said.words)"
        return PostgresError(kind, advice.map { "\(reason); \($0)" } ?? reason, sqlState: said.sqlState)
    }

    private static func judged(
        _ sqlState: String?,
        _ phase: Int,
        _ needsPassword: Bool
    ) -> (PostgresError.Kind, advice: String?) {
        if needsPassword {
            return (
                .refused,
                "put the password into the passfile (~/.pgpass of the user that runs Outtray, or passfile=FILE), mode 0600"
            )
        }
        switch (sqlState, phase) {
        // The server is there and lets nobody into this database now.
        case ("55000", _): return (.unreachable, nil)
        case (let sqlState?, _):
            let kind = PostgresError.Kind(sqlState: sqlState)
            return (kind, kind.advice)
        case (nil, CPOSTGRES_CONNECTION_SSL_STARTUP):
            return (
                .refused,
                "the server must have TLS, and a certificate for the name in host= by the authority in sslrootcert="
            )
        // The server let this host in, and libpq turned away: it is not read-write.
        case (nil, CPOSTGRES_CONNECTION_AUTH_OK), (nil, CPOSTGRES_CONNECTION_CHECK_WRITABLE),
            (nil, CPOSTGRES_CONNECTION_CHECK_TARGET), (nil, CPOSTGRES_CONNECTION_CHECK_STANDBY):
            return (.readOnly, PostgresError.Kind.readOnly.advice)
        default: return (.unreachable, nil)
        }
    }
}
