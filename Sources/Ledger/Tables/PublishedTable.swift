import GRDB
import Pipeline

/// The manifest's two files, as the last process left them at its end. At most one row.
enum PublishedTable {
    /// Version 20.
    static let schema = """
        CREATE TABLE published (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            content TEXT NOT NULL
        ) STRICT;
        """

    static func files(in db: Database) throws -> PublishedFiles? {
        try db.row("SELECT content FROM published WHERE id = 1").map { row in
            try JSONColumn.value(PublishedFiles.self, row[0])
        }
    }

    static func put(_ files: PublishedFiles, in db: Database) throws {
        try db.run("INSERT OR REPLACE INTO published (id, content) VALUES (1, ?)", [try JSONColumn.text(files)])
    }
}
