import CPostgres

/// libpq, PostgreSQL's client library, loaded from the machine.
///
/// Nothing links it: a service without a fleet does not load it. It stays loaded until the process ends.
package struct PostgresLibrary: Sendable {
    /// The name that all versions of libpq since PostgreSQL 8.2 have.
    package static let usualName = "libpq.so.5"
    /// The first version with the pipeline mode.
    private static let oldest = 14

    let functions: cpostgres_functions

    /// The version's number: 150018 is 15.18.
    package var version: Int { Int(functions.PQlibVersion()) }

    /// Loads the library.
    ///
    /// - Throws: `.noLibrary`, with what a person installs.
    package static func load(_ name: String = usualName) throws(PostgresError) -> PostgresLibrary {
        let table = UnsafeMutablePointer<cpostgres_functions>.allocate(capacity: 1)
        defer { table.deallocate() }
        let (code, reason) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            guard let start = buffer.baseAddress else { return (Int32(-1), "no memory") }
            start.initialize(repeating: 0, count: buffer.count)
            let code = cpostgres_load(name, table, start, buffer.count)
            return (code, String(cString: start))
        }
        guard code == 0 else {
            throw PostgresError(
                .noLibrary,
                "a fleet needs libpq of PostgreSQL \(oldest) or later (\(reason)): install the package libpq5 (Debian, "
                    + "Ubuntu) or libpq (Fedora)"
            )
        }
        return PostgresLibrary(functions: table.pointee)
    }
}
