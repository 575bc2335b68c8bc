import GRDB
import Pipeline
import SystemPackage
import Watch

// An upload follows its file: to another version of the same bytes, and to another path.

extension UploadsTable {
    /// What there is for a file.
    enum Finding {
        /// Of this very version, for this account.
        case own(Row)
        /// Of the same bytes, for this account: ``takeOver(_:for:in:)`` makes it the file's own.
        case takenOver(Row)
        /// At the file's path, and of no use to it.
        case stale
        case nothing
    }

    /// A call for a version that has been replaced by a newer one finds its own or nothing.
    static func look(for file: MediaFile, in db: Database) throws -> Finding {
        let there = try find(file.path, in: db)
        if let there, there.isOf(file) { return .own(there) }
        if try FilesTable.hasMovedOn(from: file, in: db) { return .nothing }
        if let there, there.account == file.account, there.version.hasSameBytes(as: file.version) {
            return .takenOver(there)
        }
        if let left = try findLeft(behindBy: file, in: db) { return .takenOver(left) }
        return there == nil ? .nothing : .stale
    }

    /// Moves an upload to the file's path and version. Pieces that were sent from another version, though its bytes seem
    /// the same, are to be sent again.
    static func takeOver(_ upload: Row, for file: MediaFile, in db: Database) throws -> UploadUnderWay {
        try db.run("DELETE FROM uploads WHERE path = ? AND id <> ?", [file.path.blob, upload.id])
        if upload.version != file.version { try db.run("DELETE FROM answers WHERE upload = ?", [upload.id]) }
        try db.run(
            """
            UPDATE uploads SET path = ?, device = ?, inode = ?, size = ?, modified = ?, changed = ? WHERE id = ?
            """,
            [file.path.blob] + file.version.columns + [upload.id]
        )
        return try underWay(upload, in: db)
    }

    /// An upload of the same bytes at a path whose file is gone: renamed, as far as the ledger can tell. There are as many
    /// rows as files under way, and no index is worth its while.
    private static func findLeft(behindBy file: MediaFile, in db: Database) throws -> Row? {
        try db.rows(
            """
            SELECT u.id, u.account, u.device, u.inode, u.size, u.modified, u.changed, u.asked, u.ticket
            FROM uploads u JOIN files f ON f.path = u.path
            WHERE u.account = ? AND u.inode = ? AND f.state = 'gone' ORDER BY u.id
            """,
            [file.account, Int64(bitPattern: file.version.inode)]
        ).map(Row.init).first { $0.version.hasSameBytes(as: file.version) }
    }
}
