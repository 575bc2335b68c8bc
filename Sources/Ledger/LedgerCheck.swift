import GRDB

/// Looks at a ledger's file, whole, before anybody may write to it.
///
/// Through a connection that can only read: a writer that finds the file damaged would, as its last act, move the log's
/// content into it (https://www.sqlite.org/wal.html, "Checkpointing").
enum LedgerCheck {
    /// Throws ``LedgerError``, or what SQLite says, for a file that is damaged, of a newer version, or another program's.
    /// Reads every page: 0.3 s for 100,000 files (78 MiB).
    static func run(path: String) throws {
        do {
            try look(at: path, readonly: true)
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
            // A first start that was broken off while it made the file; only a writer may take that back.
            try look(at: path, readonly: false)
        }
    }

    private static func look(at path: String, readonly: Bool) throws {
        var configuration = Configuration()
        configuration.label = "ledger check"
        configuration.readonly = readonly
        configuration.busyMode = .timeout(SQLiteLedger.busyTimeout)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        try queue.inDatabase { try Schema.check($0, path: path) }
    }
}
