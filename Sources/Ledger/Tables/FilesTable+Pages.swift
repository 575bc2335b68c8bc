import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

// The list of files, a page at a time. Each page costs the same, wherever it begins and however many files there are.

extension FilesTable {
    /// A page looks at no more files.
    static let mostLooked = 10_000

    static func page(_ query: FileQuery, in db: Database) throws -> FilePage {
        var page = try files(query, in: db)
        guard query.wantsEntries else { return page }
        for file in page.files {
            guard let row = try ManifestTable.row(of: file.path, in: db), row.shown else { continue }
            page.entries[file.path] = row
        }
        return page
    }

    private static func files(_ query: FileQuery, in db: Database) throws -> FilePage {
        let rows = try query.waits.map { try waiting($0, query, in: db) } ?? known(query, in: db)
        var files: [FileRecord] = []
        var last: FileQuery.Cursor?
        for row in rows.prefix(mostLooked) {
            if files.count == query.limit { return FilePage(files: files, next: last) }
            last = FileQuery.Cursor(row.number)
            if query.takes(row.record, kind: row.kind) { files.append(row.record) }
        }
        return FilePage(files: files, next: rows.count >= mostLooked ? last : nil)
    }

    private typealias Numbered = (number: Int64, record: FileRecord, kind: String?)

    /// All files, or those of a state, in the order in which they were first seen or against it.
    private static func known(_ query: FileQuery, in db: Database) throws -> [Numbered] {
        let most = query.hasFilter ? mostLooked : query.limit + 1
        let (side, order) = query.isNewestFirst ? ("id < ?", "id DESC") : ("id > ?", "id")
        if let state = query.state {
            return try numbered(
                db.rows(
                    """
                    SELECT \(recordColumns), id, kind FROM files INDEXED BY files_state WHERE state = ? AND \(side)
                    ORDER BY \(order) LIMIT ?
                    """,
                    [state.rawValue, query.start, most]
                )
            )
        }
        return try numbered(
            db.rows(
                "SELECT \(recordColumns), id, kind FROM files WHERE \(side) ORDER BY \(order) LIMIT ?",
                [query.start, most]
            )
        )
    }

    /// Files of these groups, in the order in which they have waited.
    private static func waiting(_ waits: [StoredWait], _ query: FileQuery, in db: Database) throws -> [Numbered] {
        let most = query.hasFilter ? mostLooked : query.limit + 1
        let rows = try waits.flatMap { wait in
            try numbered(
                db.rows(
                    """
                    SELECT \(recordColumns), entered, kind FROM files INDEXED BY files_causes
                    WHERE state IN ('settling', 'queued', 'uploading') AND state = ? AND account IS ? AND cause IS ?
                    AND entered > ? ORDER BY entered LIMIT ?
                    """,
                    [wait.state.rawValue, wait.account, wait.cause?.rawValue, query.start, most]
                )
            )
        }
        return rows.sorted { $0.number < $1.number }
    }

    private static func numbered(_ rows: [StoredRow]) throws -> [Numbered] {
        try rows.map { (number: $0[14], record: try record($0), kind: $0[15]) }
    }

    /// The file that has waited longest in a group, and since when: since its last steps began.
    static func oldest(of wait: StoredWait, in db: Database) throws -> (path: FilePath, since: Timestamp)? {
        let row = try db.row(
            """
            SELECT path, updated FROM files INDEXED BY files_causes
            WHERE state IN ('settling', 'queued', 'uploading') AND state = ? AND account IS ? AND cause IS ?
            ORDER BY entered LIMIT 1
            """,
            [wait.state.rawValue, wait.account, wait.cause?.rawValue]
        )
        guard let row else { return nil }
        let path = FilePath(blob: row[0])
        return (path, try StepsTable.waitBegan(path, in: db) ?? Timestamp(milliseconds: row[1]))
    }
}

extension FileQuery {
    fileprivate var start: Int64 {
        if let after { return after.number }
        // Places of files that were recovered may be below 0.
        if waits != nil { return .min }
        return isNewestFirst ? .max : 0
    }

    fileprivate var hasFilter: Bool { folder != nil || account != nil || kind != nil || text != nil || accepts != nil }

    fileprivate func takes(_ record: FileRecord, kind name: String?) -> Bool {
        if let folder, record.folder != folder { return false }
        if let account, record.account != account { return false }
        if let kind, name != kind.rawValue { return false }
        if let text, record.path.bytes.firstRange(of: Array(text.utf8)) == nil { return false }
        return accepts.map { $0(record) } ?? true
    }
}
