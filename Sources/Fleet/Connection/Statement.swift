/// One SQL statement with its parameters. The SQL says the type of each parameter with a cast: `$1::bytea`,
/// `$2::text[]`. All names in it are written with their schema: `outtray.hosts`.
package struct Statement: Sendable {
    package let sql: String
    package let parameters: [Parameter]

    package init(_ sql: String, _ parameters: [Parameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// The value of one parameter. A list is one array in SQL, for `unnest`.
package enum Parameter: Sendable, Hashable {
    case null
    case text(String)
    case integer(Int64)
    case bytes([UInt8])
    case boolean(Bool)
    case texts([String?])
    case integers([Int64?])
    case byteStrings([[UInt8]?])
    case booleans([Bool?])

    /// The value in PostgreSQL's text format; nil for NULL.
    ///
    /// - Throws: `.other` if a text has a NUL character, which PostgreSQL cannot keep.
    var encoded: String? {
        get throws(PostgresError) {
            switch self {
            case .null: nil
            case .text(let text): try Self.whole(text)
            case .integer(let number): String(number)
            case .bytes(let bytes): Self.hex(bytes)
            case .boolean(let value): value ? "t" : "f"
            case .texts(let texts): try Self.array(texts) { text throws(PostgresError) in try Self.whole(text) }
            case .integers(let numbers): try Self.array(numbers) { String($0) }
            case .byteStrings(let strings): try Self.array(strings) { Self.hex($0) }
            case .booleans(let values): try Self.array(values) { $0 ? "t" : "f" }
            }
        }
    }

    private static func whole(_ text: String) throws(PostgresError) -> String {
        guard !text.utf8.contains(0) else {
            throw PostgresError(.other, "a text with a NUL character cannot be kept in the database")
        }
        return text
    }

    /// A `bytea` in the hex format.
    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 2 + 2 * bytes.count) { buffer in
            buffer[0] = UInt8(ascii: "\\")
            buffer[1] = UInt8(ascii: "x")
            var next = 2
            for byte in bytes {
                buffer[next] = digits[Int(byte >> 4)]
                buffer[next + 1] = digits[Int(byte & 15)]
                next += 2
            }
            return next
        }
    }

    /// An array, each element in quotes: so no element is taken for NULL or for a brace. Source: PostgreSQL, "Array
    /// Input and Output Syntax".
    private static func array<Element>(
        _ elements: [Element?],
        _ text: (Element) throws(PostgresError) -> String
    ) throws(PostgresError) -> String {
        var array = "{"
        for (index, element) in elements.enumerated() {
            if index > 0 { array += "," }
            guard let element else {
                array += "NULL"
                continue
            }
            array += "\""
            // By scalars: a quote that is one character with a combining mark is a quote all the same.
            for scalar in try text(element).unicodeScalars {
                if scalar == "\"" || scalar == "\\" { array.unicodeScalars.append("\\") }
                array.unicodeScalars.append(scalar)
            }
            array += "\""
        }
        return array + "}"
    }
}
