import GRDB

extension LedgerError {
    /// Turns SQLite's errors into the ledger's; returns every other error as it is. `path` names the file in the
    /// reason.
    static func mapped(_ error: any Error, path: String) -> any Error {
        // None of our versions wrote such a value.
        if error is DecodingError { return damaged(path: path, detail: "a value that cannot be read", cause: error) }
        guard let error = error as? DatabaseError else { return error }
        // The primary code decides: https://www.sqlite.org/rescode.html
        switch error.resultCode.primaryResultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
            return damaged(path: path, detail: words(of: error), cause: error)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            return LedgerError(
                .cannotOpen,
                "\(path) cannot be opened (\(words(of: error))): check that its directory belongs to this user",
                cause: error
            )
        case .SQLITE_FULL:
            return LedgerError(.full, "there is no room left to write \(path): free some space", cause: error)
        case .SQLITE_READONLY:
            return LedgerError(
                .readOnly,
                "\(path) may not be written: check its owner, and that the file system is not mounted read-only",
                cause: error
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            return LedgerError(.busy, "another process keeps \(path) locked: end it, or wait for it", cause: error)
        case .SQLITE_IOERR:
            return LedgerError(
                .inputOutput,
                "reading or writing \(path) failed (\(words(of: error))): check the disk and the kernel's log",
                cause: error
            )
        case .SQLITE_MISUSE:
            return LedgerError(.closed, "\(path) is closed already", cause: error)
        default:
            return LedgerError(.other, "\(path): \(words(of: error))", cause: error)
        }
    }

    /// The error for a file whose content is not what was written. Of several findings the reason has the first, cut
    /// short.
    static func damaged(path: String, detail: String, cause: (any Error)? = nil) -> LedgerError {
        // SQLite puts "*** in database main ***" on a line of its own.
        let finding = detail.split(separator: "\n").first { !$0.hasPrefix("***") } ?? ""
        return LedgerError(
            .corrupt,
            "\(path) is damaged (\(finding.prefix(100)))",
            advice: ": run \"outtray check --repair\" with the service stopped, or put back a copy",
            cause: cause
        )
    }

    /// SQLite's own words, without the statement. The arguments of a statement may hold pre-signed URLs.
    private static func words(of error: DatabaseError) -> String {
        error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    }
}
