/// Why a host cannot work with the fleet's database, although it answers. Each needs a person.
package enum SchemaTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody has made the fleet's tables.
    case missing(database: String)
    /// A schema `outtray` is there, and it is not a fleet's.
    case foreign(database: String)
    /// The tables are of an earlier version than this program needs.
    case tooOld(version: Int, needed: Int)
    /// This program is older than the tables allow.
    case tooNew(version: Int, oldestReader: Int, known: Int)
    /// The role lacks rights: words such as `contents (INSERT, UPDATE)`.
    case noRights(role: String, of: [String])
    /// The database's texts are not UTF-8.
    case encoding(database: String, String)
    /// PostgreSQL's own number of its version, such as 120022.
    case server(Int)

    package var description: String {
        switch self {
        case .missing(let database):
            "the database \(database) has no fleet yet: make it once, with a role that may: outtray fleet init"
        case .foreign(let database):
            "the database \(database) has a schema outtray that is another program's: name a database of its own"
        case .tooOld(let version, let needed):
            "the fleet's tables are of version \(version), and this Outtray needs \(needed): outtray fleet migrate, "
                + "with the role that made them"
        case .tooNew(let version, let oldestReader, let known):
            "the fleet's tables are of version \(version), for programs that know \(oldestReader) or later, and this "
                + "Outtray knows \(known): upgrade Outtray on this host"
        case .noRights(let role, let rights):
            "the role \(role) lacks rights: \(rights.joined(separator: ", ")): outtray fleet init --role \(role), with "
                + "the role that made the tables"
        case .encoding(let database, let encoding):
            "the database \(database) has the encoding \(encoding), and must have UTF8: createdb --encoding=UTF8 "
                + "--template=template0"
        case .server(let number):
            "the server is PostgreSQL \(number / 10_000), and must be \(Self.oldestServer / 10_000) or later"
        }
    }

    /// The first with all functions that the tables use.
    static let oldestServer = 130_000
}
