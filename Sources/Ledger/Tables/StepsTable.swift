import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage

/// What each file has been through (``FileStep``). A step is written in the commit that changes the file's state.
enum StepsTable {
    /// - `id`: the order of all steps.
    /// - `detail`: the facts, as JSON. A row may tell several steps (``enqueue(_:isNew:at:in:)``).
    /// - `times`, `last`: equal steps in a row are one row that counts.
    static let schema = """
        CREATE TABLE steps (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL,
            at INTEGER NOT NULL,
            step TEXT NOT NULL,
            detail TEXT NOT NULL,
            times INTEGER NOT NULL DEFAULT 1,
            last INTEGER
        ) STRICT;
        CREATE INDEX steps_path ON steps (path);
        CREATE INDEX steps_ended ON steps (at) WHERE step IN ('left', 'departed');
        INSERT INTO counters (name, value) VALUES ('ended', 0);
        """

    /// At most so many steps of a path are kept.
    static let most = 64
    /// So many steps may follow one after which the path's steps are bounded, before the next such step.
    private static let mostBetween = 16
    /// Of so many files that left, the newest, the steps are kept. A folder that is emptied all day then costs no more
    /// room each day.
    static let mostEnded = 10_000
    /// So many more may be there for a while.
    static let endedAtATime = 100
    /// How long the steps of a file that left are kept: 30 days, in milliseconds.
    static let longestKept: Int64 = 30 * 86_400_000

    /// Adds a step of a path. Drops the oldest ones if there are too many.
    ///
    /// `mayRepeat`: whether the step before may be equal. A caller that knows better spares a statement.
    static func add(
        _ kind: FileStep.Kind,
        _ facts: FileStep.Facts = FileStep.Facts(),
        of path: FilePath,
        mayRepeat: Bool = true,
        at time: Timestamp,
        in db: Database
    ) throws {
        let detail = facts.json.json
        if kind.isCounted, mayRepeat {
            try db.run(
                """
                UPDATE steps SET times = times + 1, last = ?
                WHERE id = (SELECT max(id) FROM steps WHERE path = ?) AND step = ? AND detail = ?
                """,
                [time.milliseconds, path.blob, kind.rawValue, detail]
            )
            if db.changesCount > 0 { return }
        }
        try db.run(
            "INSERT INTO steps (path, at, step, detail) VALUES (?, ?, ?, ?)",
            [path.blob, time.milliseconds, kind.rawValue, detail]
        )
        switch kind {
        // These follow each other, a few in a row, after a step that is bounded.
        case .seen, .asked, .sent, .finished, .status: break
        default: try bound(path, in: db)
        }
        if kind.isEnd, try db.next("ended") % Int64(endedAtATime) == 0 { try forgetMany(in: db) }
    }

    /// The time of the newest step; nil if there is none.
    static func newest(in db: Database) throws -> Timestamp? {
        try db.rows("SELECT coalesce(last, at) FROM steps ORDER BY id DESC LIMIT 1").first.map {
            Timestamp(milliseconds: $0[0])
        }
    }

    // MARK: Rows of several steps

    // Each file takes these steps, some of them always in one commit. They are one row, with the facts of all.

    /// Adds the steps of a file that comes to the queue. `isNew`: it was not known before.
    static func enqueue(_ file: MediaFile, isNew: Bool, at time: Timestamp, in db: Database) throws {
        let facts = FileStep.Facts(
            bytes: isNew ? file.size : nil,
            mimeType: file.mime,
            kind: file.kind,
            measure: file.measure,
            warnings: file.warnings,
            account: file.account
        )
        try add(.queued, facts, of: file.path, at: time, in: db)
    }

    /// Adds the step of an upload that is through. `isSentNew`: and that its one piece was taken, which was not
    /// recorded.
    static func finish(
        _ path: FilePath,
        _ facts: FileStep.Facts,
        isSentNew: Bool,
        at time: Timestamp,
        in db: Database
    ) throws {
        var facts = facts
        if isSentNew { facts.pieces = 1 }
        try add(.finished, facts, of: path, at: time, in: db)
    }

    /// The steps that a row tells, oldest first.
    private static func steps(of row: FileStep) -> [FileStep] {
        func step(_ kind: FileStep.Kind, _ facts: FileStep.Facts = .init()) -> FileStep {
            FileStep(kind, at: row.at, facts)
        }
        let facts = row.facts
        let ofQueue = FileStep.Facts(
            bytes: facts.bytes,
            mimeType: facts.mimeType,
            kind: facts.kind,
            measure: facts.measure,
            warnings: facts.warnings,
            account: facts.account
        )
        let ofEnd = FileStep.Facts(asset: facts.asset, pieces: 1, status: facts.status)
        switch row.kind {
        case .queued where facts.mimeType != nil && facts == ofQueue:
            var ofLook = ofQueue
            (ofLook.bytes, ofLook.account) = (nil, nil)
            let classified = step(.classified, ofLook)
            return (facts.bytes.map { [step(.seen, .init(bytes: $0))] } ?? [])
                + [step(.settled), classified, step(.queued, .init(account: facts.account))]
        case .finished where facts == ofEnd:
            return [step(.sent), step(.finished, .init(asset: facts.asset, status: facts.status))]
        default: return [row]
        }
    }

    // MARK: Forgetting

    /// Drops the oldest steps of a path, if there are too many.
    private static func bound(_ path: FilePath, in db: Database) throws {
        try db.run(
            """
            DELETE FROM steps WHERE path = ?1
                AND id <= (SELECT id FROM steps WHERE path = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """,
            [path.blob, most - mostBetween]
        )
    }

    /// Forgets the steps of files that left, but for the newest ``mostEnded``.
    private static func forgetMany(in db: Database) throws {
        let ended = try db.rows(
            """
            SELECT path, id FROM steps INDEXED BY steps_ended
            WHERE step IN ('left', 'departed') ORDER BY at DESC LIMIT ? OFFSET ?
            """,
            [8 * endedAtATime, mostEnded]
        )
        try forget(ended, in: db)
    }

    /// Forgets steps up to these, each with its path.
    private static func forget(_ ended: [StoredRow], in db: Database) throws {
        for row in ended {
            try db.run("DELETE FROM steps WHERE path = ? AND id <= ?", [row[0] as [UInt8], row[1] as Int64])
        }
    }

    /// Forgets all steps of a path.
    static func forget(_ path: FilePath, in db: Database) throws {
        try db.run("DELETE FROM steps WHERE path = ?", [path.blob])
    }

    static func reject(_ path: FilePath, _ rejection: Rejection, at time: Timestamp, in db: Database) throws {
        try add(.rejected, .init(code: rejection.code, reason: rejection.reason), of: path, at: time, in: db)
    }

    /// The newest steps of a path, oldest first: at most ``most``.
    static func steps(of path: FilePath, in db: Database) throws -> [FileStep] {
        let rows = try db.rows(
            "SELECT step, at, detail, times, last FROM steps WHERE path = ? ORDER BY id",
            [path.blob]
        ).map {
            let detail = try? JSONReader.value(of: Array(($0[2] as String).utf8)[...])
            return FileStep(
                try FileStep.Kind(column: $0[0]),
                at: Timestamp(milliseconds: $0[1]),
                FileStep.Facts(detail?.members ?? []),
                times: $0[3],
                last: Timestamp(column: $0[4])
            )
        }
        return Array(rows.flatMap { steps(of: $0) }.suffix(most))
    }

    /// When the file's present wait began: its first step since it was up, rejected or gone. Nil without such a step.
    static func waitBegan(_ path: FilePath, in db: Database) throws -> Timestamp? {
        let ends: [FileStep.Kind] = [.finished, .reused, .rejected, .left, .departed]
        let row = try db.row(
            """
            SELECT min(at) FROM steps WHERE path = ?1 AND id > ifnull((
                SELECT max(id) FROM steps WHERE path = ?1 AND step IN (\(ends.map { "'\($0.rawValue)'" }.joined(separator: ", ")))
            ), 0)
            """,
            [path.blob]
        )
        return Timestamp(column: row?[0])
    }

    /// Forgets the steps of up to `limit` files that left more than 30 days ago. Returns whether there may be more.
    ///
    /// The steps of a file that came to the path later stay.
    static func forgetOld(at time: Timestamp, limit: Int, in db: Database) throws -> Bool {
        let ended = try db.rows(
            """
            SELECT path, id FROM steps INDEXED BY steps_ended
            WHERE step IN ('left', 'departed') AND at < ? ORDER BY at LIMIT ?
            """,
            [time.milliseconds - longestKept, limit]
        )
        try forget(ended, in: db)
        return ended.count == limit
    }
}
