import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

// In which folder a file, a departure or an entry is said to lie.

extension FilesTable {
    /// Files that are thought to be there and that none of the folders watches under the folder name they have. In byte
    /// order after `path`.
    static func unwatched(
        by folders: [WatchedFolder],
        after path: FilePath?,
        limit: Int,
        in db: Database
    ) throws -> [UnwatchedFile] {
        var sql = "SELECT path, root FROM files WHERE path > ? AND state <> 'gone'"
        var arguments: Bindings = [path?.blob ?? []]
        for folder in folders {
            sql += " AND NOT (folder IS ? AND \(folder.condition))"
            arguments += [folder.name] + folder.arguments
        }
        return try db.rows(sql + " ORDER BY path LIMIT ?", arguments + [limit]).map { row in
            let path = FilePath(blob: row[0])
            return UnwatchedFile(
                path: path,
                root: (row[1] as [UInt8]?).map(FilePath.init(blob:)) ?? path.removingLastComponent()
            )
        }
    }

    /// Gives the folder's name to uploaded and rejected files that lie in it. Files that wait are found anew.
    static func name(_ folder: WatchedFolder, in db: Database) throws {
        let name: Bindings = [folder.name]
        try db.run(
            """
            UPDATE files SET folder = ?, root = iif(root IS NULL, NULL, ?)
            WHERE \(folder.condition) AND folder IS NOT ? AND state IN ('uploaded', 'rejected')
            """,
            name + [folder.path.blob] + folder.arguments + name
        )
    }
}

extension DeparturesTable {
    /// Gives the folder's name to departures of files that lie in it. They follow the folder's path, as the files do.
    static func name(_ folder: WatchedFolder, in db: Database) throws {
        let name: Bindings = [folder.name]
        try db.run(
            "UPDATE departures SET folder = ?, root = ? WHERE \(folder.condition) AND folder IS NOT ?",
            name + [folder.path.blob] + folder.arguments + name
        )
    }
}

extension ManifestTable {
    /// Gives the folder's name to the first `limit` rows after a path that lie in it and have another. Returns the last
    /// of their paths; nil if no others follow.
    static func name(
        _ folder: WatchedFolder,
        after path: FilePath?,
        limit: Int,
        in db: Database
    ) throws -> FilePath? {
        let paths = try db.rows(
            """
            SELECT path FROM manifest WHERE path > ? AND \(folder.condition) AND folder IS NOT ? AND shown
            ORDER BY path LIMIT ?
            """,
            [path?.blob ?? []] + folder.arguments + [folder.name, limit]
        ).map { FilePath(blob: $0[0]) }
        for path in paths {
            try db.run(
                "UPDATE manifest SET folder = ?, revision = ? WHERE path = ?",
                [folder.name, try db.next("revision"), path.blob]
            )
            let isRejected = try standing(of: path, in: db)?.rejection != nil
            try record(isRejected ? .rejected : .updated, of: path, isNews: false, in: db)
        }
        return paths.count < limit ? nil : paths.last
    }
}

extension WatchedFolder {
    /// The condition that the folder watches a path: beneath it, or directly in it if the folder is not recursive.
    fileprivate var condition: String {
        recursive ? "path > ? AND path < ?" : "path > ? AND path < ? AND instr(substr(path, ?), x'2F') = 0"
    }

    /// The arguments for ``condition``.
    fileprivate var arguments: Bindings {
        let range = path.beneath
        return recursive ? [range.after, range.before] : [range.after, range.before, range.after.count + 1]
    }
}
