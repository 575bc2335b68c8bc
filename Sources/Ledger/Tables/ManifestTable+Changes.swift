import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

extension ManifestTable {
    /// Records what the path's row says now, under the row's new revision. Hooks that want to know get an event, unless
    /// nothing has happened to the file (`isNews`).
    ///
    /// `becomesReady`: the asset of the entry can be used from now on.
    static func record(
        _ event: ManifestChange.Event,
        of path: FilePath,
        movedFrom: FilePath? = nil,
        isNews: Bool = true,
        becomesReady: Bool = false,
        in db: Database
    ) throws {
        guard let row = try row(of: path, in: db) else { return }
        try db.run(
            "INSERT INTO changes (revision, event, path, moved_from, content) VALUES (?, ?, ?, ?, ?)",
            [
                row.revision, event.rawValue, path.blob, movedFrom?.blob,
                row.content.exactJSON,
            ]
        )
        guard isNews, try HooksTable.isAnyWanted(in: db) else { return }
        try HooksTable.note(HookTrigger.of(event, row.content) + (becomesReady ? [.ready] : []), of: row, in: db)
        if becomesReady || HookTrigger.addsToDirectory(event, row.content) {
            try HooksTable.noteAddition(at: row, in: db)
        }
    }

    static func changes(after revision: Int64, limit: Int, in db: Database) throws -> [ManifestChange] {
        try db.rows(
            "SELECT event, path, moved_from, content, revision FROM changes WHERE revision > ? ORDER BY revision LIMIT ?",
            [revision, limit]
        ).map { row in
            let movedFrom: [UInt8]? = row[2]
            return ManifestChange(
                event: try ManifestChange.Event(column: row[0]),
                path: FilePath(blob: row[1]),
                content: try content(row[3], revision: row[4]),
                movedFrom: movedFrom.map(FilePath.init(blob:))
            )
        }
    }

    /// What the row said at that revision. The asset may have changed since; the change has not.
    private static func content(_ text: String, revision: Int64) throws -> ManifestRow.Content {
        if let content = ManifestRow.Content(exactJSON: text) { return content }
        guard let content = FormerChange.content(text, revision: revision) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a change without content")
        }
        return content
    }

    static func oldestChange(in db: Database) throws -> Int64? {
        try db.row("SELECT min(revision) FROM changes")?[0]
    }

    /// Changes that the fleet lacks stay for a while.
    static func pruneChanges(through revision: Int64, in db: Database) throws {
        let revision = try FleetTable.lastPrunable(through: revision, in: db)
        try db.run("DELETE FROM changes WHERE revision <= ?", [revision])
    }
}
