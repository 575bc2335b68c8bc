import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

extension FilesTable {
    /// Compares found files with their rows. A file is handled if its row has this very version, and is queued,
    /// uploading, uploaded, rejected or skipped.
    static func compare(_ found: [FoundFiles], in db: Database) throws -> ScanComparison {
        let lookup = try Lookup(
            """
            SELECT id, state IN ('queued', 'uploading', 'uploaded', 'rejected', 'skipped'), device, inode, size, modified, changed
            FROM files WHERE path = ?
            """,
            in: db
        )
        var comparison = ScanComparison()
        comparison.unhandled.reserveCapacity(found.count)
        for files in found {
            var unhandled: [FoundFile] = []
            try files.forEachPath { path, version in
                let isHandled = try lookup.first(path) { row in
                    comparison.known.append(row.integer(0))
                    guard row.integer(1) != 0 else { return false }
                    let known = row.version(at: 2)
                    if known.device != version.device { comparison.formerDevices.insert(known.device) }
                    return known == version
                }
                if isHandled == true { return }
                unhandled.append(FoundFile(folder: files.folder, path: FilePath(bytes: path), version: version))
            }
            comparison.unhandled.append(unhandled)
        }
        return comparison
    }

    /// How many rows one call passes over at most. It bounds how long a read lasts.
    private static let mostPassed = 65_536

    /// Paths of files that should be there, without those of the seen rows.
    static func present(
        in folder: String,
        except seen: SeenFiles,
        after path: FilePath?,
        limit: Int,
        in db: Database
    ) throws -> PresentFiles {
        var present = PresentFiles()
        var paths: [FilePath] = []
        var passed = 0
        try db.eachCurrentRow(
            """
            SELECT id, path FROM files INDEXED BY files_present
            WHERE folder = ? AND present AND path > ? ORDER BY path
            """,
            [folder, path?.blob ?? []]
        ) { row in
            passed += 1
            let isSeen = seen.contains(row.integer(0))
            if !isSeen { paths.append(FilePath(blob: row.blob(1))) }
            guard paths.count >= limit || passed >= mostPassed else { return true }
            present.end = FilePath(blob: row.blob(1))
            return false
        }
        // The index alone is read of the files that were seen, which are nearly all.
        present.files = try paths.map { .init($0, on: try version(of: $0, in: db)?.device ?? 0) }
        return present
    }

    /// Paths beneath a directory, whatever their folder, in byte order. The `+` keeps SQLite from the index of present
    /// files, which begins with the folder.
    static func present(beneath directory: FilePath, limit: Int, in db: Database) throws -> [FilePath] {
        let range = directory.beneath
        return try db.rows(
            "SELECT path FROM files WHERE path > ? AND path < ? AND +present ORDER BY path LIMIT ?",
            [range.after, range.before, limit]
        ).map { FilePath(blob: $0[0]) }
    }

    /// Records that a file left. If its path shows an entry, the file is known as `gone`, in the version it had. The
    /// entry can then follow these bytes to another name, at once if they were up. Otherwise the file is forgotten.
    ///
    /// An upload begun for the file stays: it counts as left behind, at a path without a file.
    static func leave(_ path: FilePath, at time: Timestamp, in db: Database) throws {
        guard let known = try record(of: path, in: db) else { return }
        if known.state == .skipped { try FirstLooksTable.noteLeft(known, at: time, in: db) }
        if known.state != .gone { try StepsTable.add(.left, of: path, at: time, in: db) }
        guard let shown = try ManifestTable.standing(of: path, in: db), shown.shown, shown.asset != nil else {
            return try forget(path, in: db)
        }
        try db.run(
            """
            UPDATE files SET state = 'gone', present = 0, cause = NULL, reason = '', due = NULL, updated = ?,
                left_up = (state = 'uploaded' OR (state = 'gone' AND left_up))
            WHERE path = ? AND (state <> 'gone' OR present)
            """,
            [time.milliseconds, path.blob]
        )
    }

    /// Lets go of a waiting file, which stays where it is.
    static func letGo(_ path: FilePath, _ reason: String, at time: Timestamp, in db: Database) throws {
        try move(path, to: .gone, reason: reason, at: time, in: db)
        // An earlier version is up, and shown as present. A sweep must still find out when the file leaves.
        if try ManifestTable.standing(of: path, in: db)?.isPresentEntry == true { try keepPresent(path, in: db) }
        try StepsTable.add(.left, .init(reason: reason), of: path, at: time, in: db)
    }

    /// Has a file count as there although it is `gone`: it was let go of, and has not left.
    private static func keepPresent(_ path: FilePath, in db: Database) throws {
        try db.run("UPDATE files SET present = 1 WHERE path = ? AND NOT present", [path.blob])
    }

    static func forget(_ path: FilePath, in db: Database) throws {
        try db.run("DELETE FROM files WHERE path = ?", [path.blob])
    }

    /// How long a file that was let go of stays `gone`, with its reason: a day, in milliseconds.
    private static let longestGone: Int64 = 86_400_000

    /// Forgets up to `limit` files that were let go of more than a day ago. Returns whether there may be more. A file
    /// whose earlier version is up stays until it has left (``keepPresent(_:in:)``).
    static func forgetGone(at time: Timestamp, limit: Int, in db: Database) throws -> Bool {
        try db.run(
            """
            DELETE FROM files WHERE id IN (SELECT id FROM files INDEXED BY files_gone
                WHERE state = 'gone' AND reason <> '' AND NOT present AND updated < ? ORDER BY updated LIMIT ?)
            """,
            [time.milliseconds - longestGone, limit]
        )
        return db.changesCount == limit
    }
}

extension FilesTable {
    /// Other paths of folders at which this file was seen last, with another size or mtime. Looks at `limit` of its
    /// paths at the most.
    static func otherNames(of file: FoundFile, limit: Int, in db: Database) throws -> [(folder: String, path: FilePath)]
    {
        let version = file.version
        let rows = try db.rows(
            """
            SELECT folder, path, size, modified FROM files INDEXED BY files_inode
            WHERE inode = ? AND device = ? AND present AND folder IS NOT NULL LIMIT ?
            """,
            [Int64(bitPattern: version.inode), Int64(bitPattern: version.device), limit]
        )
        // Here, so that the limit is on what is read.
        return rows.filter { $0[2] != version.size || $0[3] != version.modified }
            .map { (folder: $0[0], path: FilePath(blob: $0[1])) }
            .filter { $0.path != file.path }
    }
}

extension [FoundFile] {
    /// How many paths one query has.
    private static let groupSize = 128

    /// The versions that a query finds of these files. Its columns are a path and a version; it is given a list of `?`
    /// for the paths.
    func versions(in db: Database, _ query: (_ marks: String) -> String) throws -> [FilePath: FileVersion] {
        var versions: [FilePath: FileVersion] = [:]
        for start in stride(from: 0, to: count, by: Self.groupSize) {
            let group = self[start..<Swift.min(start + Self.groupSize, count)]
            let paths = group.map(\.path.blob).padded
            let sql = query(Array<String>(repeating: "?", count: paths.count).joined(separator: ", "))
            for row in try db.rows(sql, Bindings(paths)) { versions[FilePath(blob: row[0])] = FileVersion(row, at: 1) }
        }
        return versions
    }
}

extension FilePath {
    /// The bounds of the blobs of all paths beneath this directory. `after` is its name and a slash. `before` is its
    /// name and the byte that follows the slash.
    var beneath: (after: [UInt8], before: [UInt8]) {
        let bytes = blob
        let stem = bytes.last == UInt8(ascii: "/") ? bytes.dropLast() : bytes
        return (stem + [UInt8(ascii: "/")], stem + [UInt8(ascii: "/") + 1])
    }
}
