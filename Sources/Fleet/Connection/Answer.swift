/// The answer to one statement: its rows, and the number of rows that it wrote or read.
package struct Answer: Sendable, Hashable {
    package let rows: [Row]
    package let affected: Int

    package init(rows: [Row], affected: Int) {
        self.rows = rows
        self.affected = affected
    }
}

/// One row. A column is asked for by its number, from 0 on, and by the type that the statement gives it.
///
/// Each method returns nil for NULL. It throws `.other` if there is no such column, or if the value is of another type:
/// then the database is not the one that this program knows.
package struct Row: Sendable, Hashable {
    /// The values in PostgreSQL's text format.
    private let values: [[UInt8]?]

    package init(_ values: [[UInt8]?]) {
        self.values = values
    }

    package func text(_ column: Int) throws(PostgresError) -> String? {
        guard let value = try value(column) else { return nil }
        guard let text = String(validating: value, as: UTF8.self) else { throw unfit(column, "text in UTF-8") }
        return text
    }

    package func integer(_ column: Int) throws(PostgresError) -> Int64? {
        guard let value = try value(column) else { return nil }
        guard let number = Int64(String(decoding: value, as: UTF8.self)) else { throw unfit(column, "an integer") }
        return number
    }

    package func boolean(_ column: Int) throws(PostgresError) -> Bool? {
        switch try value(column) {
        case nil: return nil
        case [UInt8(ascii: "t")]: return true
        case [UInt8(ascii: "f")]: return false
        default: throw unfit(column, "a boolean")
        }
    }

    /// A `bytea`.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8]? {
        guard let value = try value(column) else { return nil }
        guard value.starts(with: #"\x"#.utf8), value.count.isMultiple(of: 2) else { throw unfit(column, "a bytea") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.count / 2 - 1)
        for index in stride(from: 2, to: value.count, by: 2) {
            guard let high = Self.digit(value[index]), let low = Self.digit(value[index + 1]) else {
                throw unfit(column, "a bytea")
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private func value(_ column: Int) throws(PostgresError) -> [UInt8]? {
        guard values.indices.contains(column) else { throw unfit(column, "a column") }
        return values[column]
    }

    private func unfit(_ column: Int, _ type: String) -> PostgresError {
        PostgresError(.other, "the database's answer is not understood: its column \(column) is not \(type)")
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
