import CPostgres
import Glibc

/// How a connection is made: the text of `fleet.database`, as libpq reads it, and the settings that it leaves to us.
package struct PostgresSettings: Sendable {
    let library: PostgresLibrary
    /// What libpq is given, by its keywords. It completes them from a service file, a passfile and the environment.
    let options: [String: String]
    /// How long making a connection may take, with all its hosts.
    let connectTimeout: Duration
    /// How long one statement may take. The server ends it after that.
    package var statementTimeout = Duration.seconds(10)
    /// How long one statement may wait for another transaction. The server ends it after that.
    package var lockTimeout = Duration.seconds(5)
    /// How much longer than a statement may take the server may be silent. Then the connection counts as lost.
    var grace = Duration.seconds(5)

    /// Reads the text, and checks it as far as it goes without a service file.
    ///
    /// `name` is this host's name in the fleet. The server shows it with the connection.
    ///
    /// - Throws: `.other` if libpq does not understand the text; `.unsafe` if it has a password, or leads over the
    ///   network without a check of the server's certificate.
    package init(_ text: String, name: String, library: PostgresLibrary) throws(PostgresError) {
        self.library = library
        let known = try Self.parse(text, library)
        var given: [String: String] = [:]
        for option in known { given[option.keyword] = option.given }
        for secret in ConnectionSafety.secrets where given[secret] != nil {
            throw PostgresError(
                .unsafe,
                "fleet.database has a \(secret): put it into the passfile (~/.pgpass, or passfile=FILE) or into the "
                    + "service file, mode 0600"
            )
        }
        if given["service"] == nil, getenv("PGSERVICE") == nil {
            var effective: [String: String] = [:]
            for option in known { effective[option.keyword] = option.effective }
            if let objection = ConnectionSafety.objection(to: effective) { throw PostgresError(.unsafe, objection) }
        }
        for (keyword, value) in Self.ours(name) where given[keyword] == nil { given[keyword] = value }
        // Texts are UTF-8 here, whatever the environment says.
        given["client_encoding"] = "UTF8"
        options = given
        let seconds = given["connect_timeout"].flatMap { Int($0) } ?? 0
        connectTimeout = .seconds(seconds > 0 ? seconds : 5)
    }

    /// What holds unless the text says otherwise.
    private static func ours(_ name: String) -> [String: String] {
        [
            "application_name": "outtray/\(name)",
            "connect_timeout": "5",
            // A server that vanished without a word is found out by these, in milliseconds and seconds.
            "tcp_user_timeout": "15000",
            "keepalives": "1",
            "keepalives_idle": "15",
            "keepalives_interval": "5",
            "keepalives_count": "3",
            "gssencmode": "disable",
            "target_session_attrs": "read-write",
        ]
    }

    /// One option as libpq parsed it.
    private struct Known {
        let keyword: String
        /// What the text says.
        let given: String?
        /// The text, the environment, or what is built into libpq.
        let effective: String?
    }

    private static func parse(_ text: String, _ library: PostgresLibrary) throws(PostgresError) -> [Known] {
        var said: UnsafeMutablePointer<CChar>?
        guard let first = library.functions.PQconninfoParse(text, &said) else {
            defer { library.functions.PQfreemem(said) }
            // libpq quotes a part of the text, which may be a password that was left without quotes.
            let isSecret = text.lowercased().contains("password") || text.contains("://")
            let words = isSecret ? nil : said.map { ": \(ServerWords.oneLine(String(cString: $0)))" }
            throw PostgresError(
                .other,
                "fleet.database is not understood\(words ?? ""): write it as \"service=NAME\" or as "
                    + "\"host=… dbname=… user=…\""
            )
        }
        defer { library.functions.PQconninfoFree(first) }
        return PostgresOptions(first).map { option in
            let given = option.value.map { String(cString: $0) }
            let environment = option.environment.flatMap { getenv($0) }.map { String(cString: $0) }
            return Known(
                keyword: option.keyword.map { String(cString: $0) } ?? "",
                given: given,
                effective: given ?? environment ?? option.compiled.map { String(cString: $0) }
            )
        }
    }
}

/// An array of libpq's options. It ends with one without a keyword.
struct PostgresOptions: Sequence, IteratorProtocol {
    private var place: UnsafeMutablePointer<cpostgres_option>

    init(_ first: UnsafeMutablePointer<cpostgres_option>) {
        place = first
    }

    mutating func next() -> cpostgres_option? {
        guard place.pointee.keyword != nil else { return nil }
        defer { place += 1 }
        return place.pointee
    }
}
