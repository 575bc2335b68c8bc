import Pipeline

/// Why PostgreSQL did not do what it was asked. The callers act on the kind; the reason is for people.
package struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// There is no connection, or it was lost. Then the outcome is not known: every statement may be repeated.
        case unreachable
        /// The caller's task was cancelled. The outcome is not known.
        case cancelled
        /// The database does not let this host in: password, certificate, pg_hba.conf.
        case refused
        /// The server has no database of this name.
        case noDatabase
        /// The database has not the schema of a fleet.
        case noSchema
        /// The role lacks a right.
        case noRight
        /// The database takes no writes.
        case readOnly
        /// The server's disk or memory is full.
        case full
        /// Another transaction was in the way, or a statement took too long: try again.
        case busy
        /// A gate of our own is closed: the statement divided by a count of zero rows, so that nothing of its
        /// transaction stays.
        case gate
        /// The settings do not allow a safe connection.
        case unsafe
        /// libpq is not there, or is too old.
        case noLibrary
        /// Anything else, such as settings that libpq does not understand.
        case other
    }

    package let kind: Kind
    /// The code of the SQL standard, if the server gave one.
    package let sqlState: String?
    /// One sentence without a full stop. It has no password and no unprintable character.
    package let reason: String

    package init(_ kind: Kind, _ reason: String, sqlState: String? = nil) {
        self.kind = kind
        self.sqlState = sqlState
        self.reason = PlainText.of(reason)
    }

    package var description: String { sqlState.map { "\(reason) (SQLSTATE \($0))" } ?? reason }
}

extension PostgresError.Kind {
    /// The kind of an error that the server told. Source: PostgreSQL, appendix "PostgreSQL Error Codes".
    init(sqlState: String) {
        self =
            switch sqlState {
            case "3D000": .noDatabase
            case "3F000", "42P01": .noSchema
            case "42501": .noRight
            case "25006": .readOnly
            case "53100", "53200": .full
            case "40001", "40P01", "55P03", "57014": .busy
            case "22012": .gate
            // Too many connections; the server starts, stops or has ended the connection.
            case "53300", "57P01", "57P02", "57P03", "57P05", "25P03": .unreachable
            case _ where sqlState.hasPrefix("08"): .unreachable
            case _ where sqlState.hasPrefix("28"): .refused
            default: .other
            }
    }

    /// What a person does about it. Nil if the server's own words suffice, or if there is nothing to do.
    var advice: String? {
        switch self {
        case .refused:
            "put the right password into the passfile or the service file, and look at the server's pg_hba.conf"
        case .noDatabase: "name an existing database in fleet.database, or make it with createdb"
        case .noSchema: "run `outtray fleet init`"
        case .noRight: "grant the role its rights with `outtray fleet init --role`"
        case .readOnly: "name the server that takes writes in fleet.database, or end its read-only state"
        case .full: "make room on the database server"
        default: nil
        }
    }
}

extension PostgresError {
    /// An error that the server told: its message, with what a person does about it.
    init(sqlState: String, message: String) {
        let kind = Kind(sqlState: sqlState)
        let said = "the database says: \(message)"
        self.init(kind, kind.advice.map { "\(said); \($0)" } ?? said, sqlState: sqlState)
    }
}

extension PostgresError {
    /// A connection that was lost, with what libpq says of it.
    init(lostWith text: UnsafePointer<CChar>?) {
        let words = text.map { ServerWords(String(cString: $0)).words } ?? ""
        self.init(
            .unreachable,
            "the connection to the fleet's database was lost\(words.isEmpty ? "" : ": \(words)")"
        )
    }
}
