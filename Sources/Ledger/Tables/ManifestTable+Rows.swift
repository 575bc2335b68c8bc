import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

extension ManifestTable {
    private static let rowColumns = """
        m.path, m.folder, m.present, m.shown, m.revision, m.code, m.reason, m.at,
        a.kind, a.mime, a.size, a.sha256, a.provider, a.account, a.uploaded, m.moved_to, m.forgotten,
        m.sidecars, m.warnings, \(MeasureColumns.list),
        \(ReceiptColumns.list)
        FROM manifest m LEFT JOIN assets a ON a.id = m.asset
        """

    static func row(of path: FilePath, in db: Database) throws -> ManifestRow? {
        try db.row("SELECT \(rowColumns) WHERE m.path = ?", [path.blob]).map(manifestRow)
    }

    /// The rows that are shown, in byte order after a path.
    static func shownRows(after path: FilePath?, limit: Int, in db: Database) throws -> [ManifestRow] {
        try db.rows(
            "SELECT \(rowColumns) WHERE m.path > ? AND m.shown ORDER BY m.path LIMIT ?",
            [path?.blob ?? [], limit]
        ).map(manifestRow)
    }

    /// The asset and the warnings of the entry that a path shows. Nil if it shows none, or one that lists sidecars.
    static func entryAlone(at path: FilePath, in db: Database) throws -> (asset: Int64, warnings: [MediaWarning])? {
        try db.row(
            "SELECT asset, warnings FROM manifest WHERE path = ? AND shown AND asset IS NOT NULL AND sidecars IS NULL",
            [path.blob]
        ).map { (asset: $0[0], warnings: WarningsColumn.warnings($0[1])) }
    }

    /// The account of the asset that a path shows; nil if it shows none.
    static func holder(of path: FilePath, in db: Database) throws -> Int64? {
        try db.row("SELECT a.holder FROM manifest m JOIN assets a ON a.id = m.asset WHERE m.path = ?", [path.blob])?[0]
    }

    /// Triggers keep the count. The count is asked for after each change, and counting all rows would cost more each
    /// time.
    static func count(in db: Database) throws -> Int {
        Int(try db.value(of: "shown") + db.value(of: "hidden"))
    }

    /// How many rows that are not shown are kept at least. If more rows are shown, as many are kept.
    static let fewestHidden: Int64 = 1000

    /// Forgets the oldest rows that are not shown, beyond the newest ``fewestHidden`` or as many as are shown.
    ///
    /// To a reader behind in the journal, such a row says that its path is shown no more. A replaced journal tells the
    /// same by having no line for the path.
    static func pruneHidden(in db: Database) throws {
        let most = max(fewestHidden, try db.value(of: "shown"))
        let excess = try db.value(of: "hidden") - most
        guard excess > 0 else { return }
        try db.run(
            """
            DELETE FROM manifest WHERE path IN (SELECT path FROM manifest INDEXED BY manifest_hidden
                WHERE NOT shown ORDER BY revision LIMIT ?)
            """,
            [excess]
        )
    }

    /// Gives `body` one row at a time. None is kept, and none is sorted: indexes have both orders.
    static func walk(by order: ManifestOrder, in db: Database, _ body: (ManifestRow) throws -> Void) throws {
        let parts =
            switch order {
            case .section: ["WHERE m.code IS NULL ORDER BY m.path", "WHERE m.code IS NOT NULL ORDER BY m.path"]
            case .revision: ["ORDER BY m.revision, m.shown"]
            }
        for part in parts {
            try db.eachRow("SELECT \(rowColumns) \(part)") { row in
                try body(try manifestRow(row))
                return true
            }
        }
    }

    private static func manifestRow(_ row: StoredRow) throws -> ManifestRow {
        var shown = ManifestRow(path: FilePath(blob: row[0]), content: try content(row), shown: row[3])
        shown.isForgotten = row[16]
        return shown
    }

    private static func content(_ row: StoredRow) throws -> ManifestRow.Content {
        if let code: String = row[5] {
            return .rejected(
                ManifestRejection(
                    folder: row[1],
                    rejection: Rejection(try Rejection.Code(column: code), row[6]),
                    at: Timestamp(milliseconds: row[7]),
                    revision: row[4]
                )
            )
        }
        return .entry(
            ManifestEntry(
                folder: row[1],
                kind: try MediaKind(column: row[8]),
                mimeType: MIMEType(rawValue: row[9]),
                bytes: row[10],
                sha256: SHA256Digest(bytes: row[11]),
                measure: MeasureColumns.measure(row, at: 19),
                provider: row[12],
                account: row[13],
                receipt: try ReceiptColumns.receipt(row, at: 22),
                present: row[2],
                movedTo: (row[15] as [UInt8]?).map(FilePath.init(blob:)),
                sidecars: names(row[17]),
                warnings: WarningsColumn.warnings(row[18]),
                uploadedAt: Timestamp(milliseconds: row[14]),
                revision: row[4]
            )
        )
    }
}
