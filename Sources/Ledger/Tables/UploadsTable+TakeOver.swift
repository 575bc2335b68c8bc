import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

// An upload follows its bytes: to another version of its file, to another path, and to another file.

extension UploadsTable {
    /// Which upload there is for a file.
    enum Match {
        /// An upload of this very version, for this account.
        case own(Row)
        /// An upload of the same bytes, for this account. ``takeOver(_:for:sha256:in:)`` makes it the file's own.
        case takenOver(Row)
        /// The upload at the file's path, which is of no use to the file.
        case stale
        case nothing
    }

    /// Finds the upload for a file. A call for a version that a newer one has replaced finds its own upload or nothing.
    /// `sha256` is the file's digest, if the file was read.
    static func match(
        for file: MediaFile,
        _ holder: Int64,
        sha256: SHA256Digest?,
        in db: Database
    ) throws -> Match {
        let there = try find(file.path, in: db)
        let own = there?.isOf(file, holder) == true ? there : nil
        if let own, own.ticket != nil { return .own(own) }
        if try FilesTable.hasMovedOn(from: file, in: db) { return own.map(Match.own) ?? .nothing }
        // A ticket of the same bytes is worth more than an intent.
        if let sha256, let same = try find(sha256, for: file, holder, in: db) { return .takenOver(same) }
        if let own { return .own(own) }
        // The times say that these are the file's bytes. Digests know better: what may all be at the storage is kept.
        func mayHaveBytes(_ upload: Row) -> Bool { sha256 == nil || upload.sha256 == nil || upload.sha256 == sha256 }
        if let there, there.holder == holder, there.version.hasSameBytes(as: file.version), mayHaveBytes(there) {
            return .takenOver(there)
        }
        if let left = try findLeft(behindBy: file, holder, in: db), mayHaveBytes(left) { return .takenOver(left) }
        return there == nil ? .nothing : .stale
    }

    /// Moves an upload to the file's path and version.
    ///
    /// Pieces that were sent from another version are sent again, even if its bytes seem the same. They are kept only
    /// if the file was read and has the digest of the upload.
    static func takeOver(
        _ upload: Row,
        for file: MediaFile,
        sha256: SHA256Digest?,
        in db: Database
    ) throws -> UploadUnderWay {
        if try find(file.path, in: db)?.id != upload.id { try leave(file.path, in: db) }
        if upload.version != file.version, sha256 == nil || upload.sha256 != sha256 {
            try db.run("DELETE FROM answers WHERE upload = ?", [upload.id])
            // The bytes that go now may be others. Their digest is recorded before the last one goes.
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

    /// Whether there is an upload of another version or file, of this file's size, whose bytes may all be at the
    /// storage.
    static func hasOthers(than file: MediaFile, _ holder: Int64, in db: Database) throws -> Bool {
        let own: Bindings = [holder]
        return try db.row(
            """
            SELECT 1 FROM uploads WHERE holder = ? AND sha256 IS NOT NULL
            AND NOT (device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ?) AND size = ? LIMIT 1
            """,
            own + file.version.columns + [file.size]
        ) != nil
    }

    /// An upload of the account with these bytes. The one at the file's own path comes first.
    private static func find(_ sha256: SHA256Digest, for file: MediaFile, _ holder: Int64, in db: Database) throws
        -> Row?
    {
        try db.row(
            """
            SELECT \(Row.columns) FROM uploads u WHERE u.holder = ? AND u.size = ? AND u.sha256 = ?
            ORDER BY u.path IS ? DESC, u.id LIMIT 1
            """,
            [holder, file.size, sha256.bytes, file.path.blob]
        ).map(Row.init)
    }

    /// An upload of the same bytes whose file is gone from its path, or has other bytes there. As far as the ledger can
    /// tell, the file was renamed.
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
