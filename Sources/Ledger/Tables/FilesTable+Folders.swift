import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

// Which folder a file, and an entry, is said to lie in.

extension FilesTable {
    /// Files that are thought to be there and that no folder watches under the name they have, in byte order after `path`.
    static func unwatched(
        by folders: [WatchedFolder],
        after path: FilePath?,
        limit: Int,
        in db: Database
    ) throws -> [UnwatchedFile] {
        var sql = "SELECT path, root FROM files WHERE path > ? AND state <> 'gone'"
        var arguments: StatementArguments = [path?.blob ?? Data()]
        for folder in folders {
            sql += " AND NOT (folder IS ? AND \(folder.condition))"
            arguments += [folder.name] + folder.arguments
        }
        return try db.rows(sql + " ORDER BY path LIMIT ?", arguments + [limit]).map { row in
            let path = FilePath(blob: row[0])
            return UnwatchedFile(
                path: path,
                root: (row[1] as Data?).map(FilePath.init(blob:)) ?? path.removingLastComponent()
            )
        }
    }

    /// Files that are done with and lie in the folder have its name from now on; what waits is found anew.
    static func name(_ folder: WatchedFolder, in db: Database) throws {
        let name: StatementArguments = [folder.name]
        try db.run(
            """
            UPDATE files SET folder = ?, root = iif(root IS NULL, NULL, ?)
            WHERE \(folder.condition) AND folder IS NOT ? AND state IN ('uploaded', 'rejected')
            """,
            name + [folder.path.blob] + folder.arguments + name
        )
    }
}

extension ManifestTable {
    /// The first so many rows that lie in the folder and say another one get its name. Returns whether that were all.
    static func name(_ folder: WatchedFolder, limit: Int, in db: Database) throws -> Bool {
        let paths = try db.rows(
            "SELECT path FROM manifest WHERE \(folder.condition) AND folder IS NOT ? AND shown ORDER BY path LIMIT ?",
            folder.arguments + [folder.name, limit]
        ).map { FilePath(blob: $0[0]) }
        for path in paths {
            try db.run(
                "UPDATE manifest SET folder = ?, revision = ? WHERE path = ?",
                [folder.name, try db.next("revision"), path.blob]
            )
            let isRejected = try standing(of: path, in: db)?.rejection != nil
            try record(isRejected ? .rejected : .updated, of: path, in: db)
        }
        return paths.count < limit
    }
}

extension WatchedFolder {
    /// That a path lies in the folder, where it is looked at.
    fileprivate var condition: String {
        recursive ? "path > ? AND path < ?" : "path > ? AND path < ? AND instr(substr(path, ?), x'2F') = 0"
    }

    /// For ``condition``.
    fileprivate var arguments: StatementArguments {
        let range = path.beneath
        return recursive ? [range.after, range.before] : [range.after, range.before, range.after.count + 1]
    }
}
