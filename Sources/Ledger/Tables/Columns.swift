import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

// How values stand in columns. Paths are blobs: they compare byte by byte and need not be UTF-8. Times are milliseconds
// since the epoch.

extension FilePath {
    /// The path's bytes.
    var blob: Data { Data(bytes) }

    init(blob: Data) {
        self.init(bytes: blob)
    }
}

extension FileVersion {
    /// Reads `device, inode, size, modified, changed`, beginning at the column.
    init(_ row: Row, at column: Int) {
        self.init(
            device: UInt64(bitPattern: row[column]),
            inode: UInt64(bitPattern: row[column + 1]),
            size: row[column + 2],
            modified: row[column + 3],
            changed: row[column + 4]
        )
    }

    /// The values in the same order. SQLite's integers are signed.
    var columns: StatementArguments {
        [Int64(bitPattern: device), Int64(bitPattern: inode), size, modified, changed]
    }
}

extension Timestamp {
    init?(column milliseconds: Int64?) {
        guard let milliseconds else { return nil }
        self.init(milliseconds: milliseconds)
    }
}

/// Reads and writes values that are stored as JSON text.
enum JSONColumn {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

extension RawRepresentable where RawValue == String {
    /// Throws SQLITE_CORRUPT for an unknown value. None of our versions wrote it, so the file is damaged.
    init(column text: String) throws {
        guard let value = Self(rawValue: text) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown value \(text)")
        }
        self = value
    }
}

extension Database {
    /// Runs one statement, prepared once for each connection.
    func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// All rows of one query, prepared once for each connection.
    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(try cachedStatement(sql: sql), arguments: arguments)
    }

    /// The first row of one query, prepared once for each connection.
    func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(try cachedStatement(sql: sql), arguments: arguments)
    }

    /// Hands rows to `body` until it returns false: those of the paths that begin with these bytes and go on without a
    /// slash. A directory of such a name is skipped as a whole, so that files beneath it cost nothing.
    ///
    /// The query is in the order of its paths, with `path >= ?2 AND path < ?3`. It gives first
    /// `instr(substr(path, ?1), x'2F')`, which is 0 but in a directory, and then the path. So most paths need not leave
    /// SQLite.
    func eachRow(_ sql: String, beginningWith stem: Data, _ body: (Row) throws -> Bool) throws {
        // The byte that follows the last one: behind all that begins so. No last byte here is 0xFF.
        let end = stem.dropLast() + [(stem.last ?? 0) + 1]
        var start: Data? = stem
        while let first = start {
            start = nil
            let cursor = try Row.fetchCursor(
                try cachedStatement(sql: sql),
                arguments: [stem.count + 1, first, end]
            )
            while let row = try cursor.next() {
                let place: Int = row[0]
                if place > 0 {
                    // The byte that follows the slash: behind all paths of this directory.
                    start = (row[1] as Data).prefix(stem.count + place - 1) + [UInt8(ascii: "/") + 1]
                    break
                }
                guard try body(row) else { return }
            }
        }
    }

    /// Counts up and returns the new value.
    func next(_ counter: String) throws -> Int64 {
        try row("UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value", [counter])?[0] ?? 0
    }

    func value(of counter: String) throws -> Int64 {
        try row("SELECT value FROM counters WHERE name = ?", [counter])?[0] ?? 0
    }
}
