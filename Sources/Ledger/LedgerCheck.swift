import GRDB

/// Checks a ledger's whole file before anybody may write to it.
///
/// The connection can only read. A writer that finds the file damaged would still move the log's content into it on
/// closing (https://www.sqlite.org/wal.html, "Checkpointing").
enum LedgerCheck {
    /// Reads every page: 0.3 s for 100,000 files (78 MiB).
    ///
    /// Throws ``LedgerError``, or SQLite's own error, for a file that is damaged, of a newer version, or another
    /// program's.
    static func run(path: String) throws {
        do {
            try check(at: path, readonly: true)
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
            // A first start was broken off while it made the file. Only a writer may roll that back.
            try check(at: path, readonly: false)
        }
    }

    private static func check(at path: String, readonly: Bool) throws {
        var configuration = Configuration()
        configuration.label = "ledger check"
        configuration.readonly = readonly
        configuration.busyMode = .timeout(SQLiteLedger.busyTimeout)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        try queue.inDatabase { try Schema.check($0, path: path) }
    }
}
