import CPostgres

/// One result of libpq, while it is there.
struct PostgresResult {
    private let result: OpaquePointer
    private let functions: cpostgres_functions

    init(_ result: OpaquePointer, _ functions: cpostgres_functions) {
        self.result = result
        self.functions = functions
    }

    var status: Int { Int(functions.PQresultStatus(result)) }

    /// The rows, copied.
    var answer: Answer {
        let columns = functions.PQnfields(result)
        let rows = (0..<functions.PQntuples(result)).map { row in
            Row((0..<columns).map { value(row, $0) })
        }
        let affected = functions.PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        return Answer(rows: rows, affected: affected)
    }

    /// The server's error, or libpq's own if it has no code.
    var error: PostgresError {
        guard let sqlState = field(CPOSTGRES_FIELD_SQLSTATE) else {
            return PostgresError(lostWith: functions.PQresultErrorMessage(result))
        }
        let words = [CPOSTGRES_FIELD_MESSAGE, CPOSTGRES_FIELD_DETAIL, CPOSTGRES_FIELD_HINT].compactMap { field($0) }
        let error = PostgresError(sqlState: sqlState, message: ServerWords.oneLine(words.joined(separator: ": ")))
        // Whatever ended the connection: what became of the statements is not known.
        return endsConnection ? PostgresError(.unreachable, error.reason, sqlState: sqlState) : error
    }

    /// Whether the server ends the connection with this error.
    var endsConnection: Bool {
        // Without a severity, it is libpq that lost the connection.
        field(CPOSTGRES_FIELD_SEVERITY).map { $0 == "FATAL" || $0 == "PANIC" } ?? true
    }

    private func field(_ code: Int) -> String? {
        functions.PQresultErrorField(result, CInt(code)).map { String(cString: $0) }
    }

    private func value(_ row: CInt, _ column: CInt) -> [UInt8]? {
        guard functions.PQgetisnull(result, row, column) == 0, let start = functions.PQgetvalue(result, row, column)
        else { return nil }
        let length = Int(functions.PQgetlength(result, row, column))
        return Array(UnsafeRawBufferPointer(start: start, count: length))
    }
}
