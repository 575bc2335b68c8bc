import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

// In which folder a file, a departure or an entry is said to lie.

extension FilesTable {
    /// Files that are thought to be there and that none of the folders watches under the folder name they have. In the
    /// order of folder names, then of bytes; after `file`.
    ///
    /// Takes a few steps of the index for each folder name, however many files a folder watches. A folder that is not
    /// recursive costs a step for each of its files.
    static func unwatched(
        by folders: [WatchedFolder],
        after file: UnwatchedFile?,
        limit: Int,
        in db: Database
    ) throws -> [UnwatchedFile] {
        var files: [UnwatchedFile] = []
        var name = file?.folder
        var last = file?.path.blob ?? []
        while true {
            let folder = folders.first { $0.name == name }
            try add(to: &files, unwatchedBy: folder, named: name, after: last, limit: limit, in: db)
            guard files.count < limit, let next = try folderName(after: name, in: db) else { return files }
            name = next
            last = []
        }
    }

    /// The next folder name among the files that are thought to be there. No name is empty.
    private static func folderName(after name: String?, in db: Database) throws -> String? {
        try db.row(
            "SELECT min(folder) FROM files INDEXED BY files_present WHERE present AND folder > ?",
            [name ?? ""]
        )?[0]
    }

    private static func add(
        to files: inout [UnwatchedFile],
        unwatchedBy folder: WatchedFolder?,
        named name: String?,
        after last: [UInt8],
        limit: Int,
        in db: Database
    ) throws {
        func add(_ condition: String, _ bounds: Bindings) throws {
            let named: Bindings = [name]
            files += try db.rows(
                """
                SELECT path, root, device FROM files INDEXED BY files_present
                WHERE folder IS ? AND present AND \(condition) ORDER BY path LIMIT ?
                """,
                named + bounds + [limit - files.count]
            ).map { row in
                let path = FilePath(blob: row[0])
                let root = (row[1] as [UInt8]?).map(FilePath.init(blob:)) ?? path.removingLastComponent()
                return UnwatchedFile(folder: name, path: path, root: root, device: UInt64(bitPattern: row[2]))
            }
        }

        guard let folder else { return try add("path > ?", [last]) }
        let (first, end) = folder.path.beneath
        if last.precedes(first) { try add("path > ? AND path <= ?", [last, first]) }
        if !folder.recursive, last.precedes(end) {
            let start = last.precedes(first) ? first : last
            try add("path > ? AND path < ? AND instr(substr(path, ?), x'2F') > 0", [start, end, first.count + 1])
        }
        if last.precedes(end) { try add("path >= ?", [end]) } else { try add("path > ?", [last]) }
    }

    /// Gives the folder's name to uploaded, rejected and skipped files that lie in it. Files that wait are found anew.
    static func name(_ folder: WatchedFolder, in db: Database) throws {
        let name: Bindings = [folder.name]
        try db.run(
            """
            UPDATE files SET folder = ?, root = iif(root IS NULL, NULL, ?)
            WHERE \(folder.condition) AND folder IS NOT ? AND state IN ('uploaded', 'rejected', 'skipped')
            """,
            name + [folder.path.blob] + folder.arguments + name
        )
    }

    /// Whether a file waits that lies in one of the folders and has another's name, or none.
    static func waitsUnderAnotherName(in folders: [WatchedFolder], in db: Database) throws -> Bool {
        try folders.contains { folder in
            let name: Bindings = [folder.name]
            return try db.row(
                """
                SELECT 1 FROM files INDEXED BY files_waiting WHERE state IN ('settling', 'queued', 'uploading')
                    AND \(folder.condition) AND folder IS NOT ? LIMIT 1
                """,
                folder.arguments + name
            ) != nil
        }
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

extension [UInt8] {
    /// Compares as SQLite compares blobs.
    fileprivate func precedes(_ other: [UInt8]) -> Bool { lexicographicallyPrecedes(other) }
}
