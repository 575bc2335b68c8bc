/// A connection that could not be made, and what kind of error that is.
struct ConnectionFailure {
    let said: ServerWords
    /// It failed while client and server agreed on TLS.
    let wasInTLS: Bool
    /// The server asked for a password, and libpq found none.
    let needsPassword: Bool
    /// The server let this host in, and takes no writes.
    let isReadOnly: Bool

    var error: PostgresError {
        let reason = "the fleet's database cannot be used: \(said.words)"
        return PostgresError(kind, advice.map { "\(reason); \($0)" } ?? reason, sqlState: said.sqlState)
    }

    private var kind: PostgresError.Kind {
        switch said.sqlState {
        case _ where needsPassword: .refused
        // The server is there and lets nobody into this database now.
        case "55000": .unreachable
        case let sqlState?: PostgresError.Kind(sqlState: sqlState)
        case nil: wasInTLS ? .refused : isReadOnly ? .readOnly : .unreachable
        }
    }

    private var advice: String? {
        if needsPassword {
            return "put the password into the passfile (~/.pgpass of the user that runs Outtray, or passfile=FILE), "
                + "mode 0600"
        }
        if said.sqlState == nil, wasInTLS {
            return "the server must have TLS, and a certificate for the name in host= by the authority in sslrootcert="
        }
        return kind.advice
    }
}
