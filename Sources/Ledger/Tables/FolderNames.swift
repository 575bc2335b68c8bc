import GRDB
import Pipeline
import SystemPackage
import Watch

/// The folders that gave their names to all their files last: a digest of them, among the counters.
///
/// To look whether any file has another name takes as long as to read all files. So it is done when the folders have
/// changed, and not at each start.
struct FolderNames: Equatable {
    private static let counter = "folder names"
    private let digest: Int64

    init(_ folders: [WatchedFolder]) {
        var text: [UInt8] = []
        for folder in folders {
            // No name and no path has a NUL.
            text += Array(folder.name.utf8) + [0] + folder.path.blob + [0, folder.recursive ? 1 : 0]
        }
        digest = SHA256Digest(of: text).bytes.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }

    func areGiven(in db: Database) throws -> Bool {
        try db.row("SELECT value FROM counters WHERE name = ?", [Self.counter])?[0] == digest
    }

    func note(in db: Database) throws {
        try db.run("INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)", [Self.counter, digest])
    }

    /// Has the next process look at all files again.
    static func doubt(in db: Database) throws {
        try db.run("DELETE FROM counters WHERE name = ?", [Self.counter])
    }
}
