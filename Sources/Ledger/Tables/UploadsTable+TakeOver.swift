import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

// An upload follows its bytes: to another version of its file, to another path, and to another file.

extension UploadsTable {
    /// What there is for a file.
    enum Finding {
        /// Of this very version, for this account.
        case own(Row)
        /// Of the same bytes, for this account: ``takeOver(_:for:sha256:in:)`` makes it the file's own.
        case takenOver(Row)
        /// At the file's path, and of no use to it.
        case stale
        case nothing
    }

    /// A call for a version that has been replaced by a newer one finds its own or nothing. `sha256` is that of the file,
    /// where it was read.
    static func look(
        for file: MediaFile,
        _ holder: Int64,
        sha256: SHA256Digest?,
        in db: Database
    ) throws -> Finding {
        let there = try find(file.path, in: db)
        if let there, there.isOf(file, holder) { return .own(there) }
        if try FilesTable.hasMovedOn(from: file, in: db) { return .nothing }
        if let sha256, let same = try find(sha256, for: file, holder, in: db) { return .takenOver(same) }
        if let there, there.holder == holder, there.version.hasSameBytes(as: file.version) {
            return .takenOver(there)
        }
        if let left = try findLeft(behindBy: file, holder, in: db) { return .takenOver(left) }
        return there == nil ? .nothing : .stale
    }

    /// Moves an upload to the file's path and version. Pieces that were sent from another version, though its bytes seem
    /// the same, are to be sent again; unless the file was read, and has the very bytes that all pieces together have.
    static func takeOver(
        _ upload: Row,
        for file: MediaFile,
        sha256: SHA256Digest?,
        in db: Database
    ) throws -> UploadUnderWay {
        if try find(file.path, in: db)?.id != upload.id { try leave(file.path, in: db) }
        if upload.version != file.version, sha256 == nil || upload.sha256 != sha256 {
            try db.run("DELETE FROM answers WHERE upload = ?", [upload.id])
            // What goes now may be other bytes. They are named before their last one goes.
            try db.run("UPDATE uploads SET path = ?, sha256 = NULL WHERE id = ?", [file.path.blob, upload.id])
        }
        try db.run(
            """
            UPDATE uploads SET path = ?, device = ?, inode = ?, size = ?, modified = ?, changed = ? WHERE id = ?
            """,
            [file.path.blob] + file.version.columns + [upload.id]
        )
        return try underWay(upload, in: db)
    }

    /// Whether an upload that is not of this very version may have all its bytes at the storage, as many as this file has.
    static func hasOthers(than file: MediaFile, _ holder: Int64, in db: Database) throws -> Bool {
        let own: StatementArguments = [holder]
        return try db.row(
            """
            SELECT 1 FROM uploads WHERE holder = ? AND sha256 IS NOT NULL
            AND NOT (device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?) AND size = ? LIMIT 1
            """,
            own + file.version.columns + [file.size]
        ) != nil
    }

    /// An upload of the account that these bytes went with, the one at the file's own path before others.
    private static func find(_ sha256: SHA256Digest, for file: MediaFile, _ holder: Int64, in db: Database) throws
        -> Row?
    {
        try db.row(
            """
            SELECT \(Row.columns) FROM uploads u WHERE u.holder = ? AND u.size = ? AND u.sha256 = ?
            ORDER BY u.path IS ? DESC, u.id LIMIT 1
            """,
            [holder, file.size, Data(sha256.bytes), file.path.blob]
        ).map(Row.init)
    }

    /// An upload of the same bytes at a path whose file is gone, or has other bytes: renamed, as far as the ledger can tell.
    private static func findLeft(behindBy file: MediaFile, _ holder: Int64, in db: Database) throws -> Row? {
        try db.rows(
            """
            SELECT \(Row.columns) FROM uploads u INDEXED BY uploads_inode LEFT JOIN files f ON f.path = u.path
            WHERE u.inode = ? AND u.holder = ? AND (f.path IS NULL OR f.state = 'gone') ORDER BY u.id
            """,
            [Int64(bitPattern: file.version.inode), holder]
        ).map(Row.init).first { $0.version.hasSameBytes(as: file.version) }
    }
}
