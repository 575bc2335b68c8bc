import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

// Files that are up and are found at another path, in the very version that went up.

extension FilesTable {
    /// Version 24: whether a file that left was up in its row's version. A row may also have a newer version, which
    /// never went up; its path shows the entry of the older one.
    static let withLeftUp = "ALTER TABLE files ADD COLUMN left_up INTEGER NOT NULL DEFAULT 0;"

    /// Whether a row is of a file that is up, or was when it left.
    private static let isUp = "(state = 'uploaded' OR (state = 'gone' AND left_up))"

    /// So many hard links of a file are looked at: the index has no more than the inode.
    private static let mostLinks = 64

    /// Paths of the file's folder at which this very version was up under the same name.
    static func formerPlaces(of file: FoundFile, in db: Database) throws -> [FormerPlace] {
        try db.rows(
            """
            SELECT path, present FROM (
                SELECT * FROM files INDEXED BY files_inode WHERE inode = ?2 LIMIT \(mostLinks)
            ) WHERE device = ?1 AND size = ?3 AND modified = ?4 AND changed = ?5 AND folder = ?6 AND \(isUp)
            """,
            file.version.columns + [file.folder]
        ).compactMap { row in
            let path = FilePath(blob: row[0])
            guard path != file.path, path.lastComponent == file.path.lastComponent else { return nil }
            return FormerPlace(path, isPresent: row[1])
        }
    }

    /// Lets a moved file's row and entry follow it, if its former path still shows what went up to the account
    /// `holder`. Returns the file, or nil if nothing was changed. An entry with sidecars stays: those have to settle at
    /// their new place, and then go with the file.
    static func follow(
        _ move: MovedFile,
        beneath root: FilePath,
        account: String,
        _ holder: Int64,
        at time: Timestamp,
        in db: Database
    ) throws -> MediaFile? {
        let (file, former) = (move.file, move.former)
        let row = try db.row(
            """
            SELECT state, mime, kind, upload_name, \(MeasureColumns.list) FROM files
            WHERE path = ? AND device = ? AND inode = ? AND size = ? AND modified = ? AND changed = ? AND folder = ?
            AND holder = ? AND mime IS NOT NULL AND kind IS NOT NULL AND upload_name IS NOT NULL AND \(isUp)
            """,
            [former.blob] + file.version.columns + [file.folder, holder]
        )
        guard let row, let entry = try ManifestTable.entryAlone(at: former, in: db),
            try AssetsTable.isUsable(entry.asset, by: holder, size: file.version.size, in: db),
            try version(of: file.path, in: db) == nil,
            try ManifestTable.standing(of: file.path, in: db)?.shown != true,
            try !DeparturesTable.hasAny(of: former, in: db)
        else { return nil }
        let moved = MediaFile(
            folder: file.folder,
            root: root,
            path: file.path,
            version: file.version,
            account: account,
            mime: MIMEType(rawValue: row[1]),
            kind: try MediaKind(column: row[2]),
            uploadName: row[3],
            measure: MeasureColumns.measure(row, at: 4),
            warnings: entry.warnings
        )
        try db.run(
            """
            UPDATE files SET path = ?, root = ?, account = ?, state = 'uploaded', cause = NULL, reason = '', due = NULL,
                updated = ?, left_up = 0
            WHERE path = ?
            """,
            [file.path.blob, root.blob, account, time.milliseconds, former.blob]
        )
        try UploadsTable.leave(file.path, in: db)
        if row[0] as String == FileState.uploaded.rawValue {
            try StepsTable.add(.left, .init(path: file.path), of: former, at: time, in: db)
        }
        try StepsTable.add(.moved, .init(path: former), of: file.path, at: time, in: db)
        try ManifestTable.show(
            entry.asset,
            at: file.path,
            folder: file.folder,
            present: true,
            movedFrom: former,
            warnings: moved.warnings,
            in: db
        )
        return moved
    }
}
