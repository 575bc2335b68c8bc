import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

// How values stand in columns. Paths are blobs: they compare byte by byte and need not be UTF-8. Times are milliseconds
// since the epoch.

extension FilePath {
    /// The path's bytes.
    var blob: [UInt8] { [UInt8](bytes) }

    init(blob: [UInt8]) {
        self.init(bytes: blob)
    }
}

extension FileVersion {
    /// Reads `device, inode, size, modified, changed`, beginning at the column.
    init(_ row: StoredRow, at column: Int) {
        self.init(
            device: UInt64(bitPattern: row[column]),
            inode: UInt64(bitPattern: row[column + 1]),
            size: row[column + 2],
            modified: row[column + 3],
            changed: row[column + 4]
        )
    }

    /// The values in the same order. SQLite's integers are signed.
    var columns: Bindings {
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

extension CurrentRow {
    /// Reads `device, inode, size, modified, changed`, beginning at the column.
    func version(at column: Int32) -> FileVersion {
        FileVersion(
            device: UInt64(bitPattern: integer(column)),
            inode: UInt64(bitPattern: integer(column + 1)),
            size: integer(column + 2),
            modified: integer(column + 3),
            changed: integer(column + 4)
        )
    }
}
