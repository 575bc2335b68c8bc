import FoundationEssentials
import GRDB
import Pipeline
import SystemPackage
import Watch

extension FilesTable {
    /// How far ahead a due time may lie, in milliseconds. The longest time between two tries is 15 minutes. A later due
    /// time was set by a clock that has jumped back since.
    private static let farthestDue: Int64 = 960_000

    /// The query for due files of one size class, oldest first. Its arguments: account, whether large, those of the
    /// condition, and how many.
    static func oldestDue(_ held: HeldBack = .nothing) -> String {
        """
        \(due) INDEXED BY files_slots
        WHERE account = ? AND (size >= \(Portion.largeSize)) = ? AND state = 'queued' AND due = 0
        \(condition(held)) ORDER BY entered LIMIT ?
        """
    }

    /// The query for the smallest due file. It takes the same arguments except the second and the last.
    static func smallestDue(_ held: HeldBack = .nothing) -> String {
        """
        \(due) INDEXED BY files_size
        WHERE account = ? AND state = 'queued' AND due = 0
        \(condition(held)) ORDER BY size, entered LIMIT 1
        """
    }

    /// Marks files whose time has come as due at once. A claim then reads due files alone, however many wait for their
    /// next try.
    private static func letCome(account: String, at time: Timestamp, in db: Database) throws {
        let now = time.milliseconds
        for (after, through) in [(0, now), (now + farthestDue, .max)] {
            try db.run(
                """
                UPDATE files INDEXED BY files_due SET due = 0
                WHERE account = ? AND state = 'queued' AND due > ? AND due <= ?
                """,
                [account, after, through]
            )
        }
    }

    /// The condition that a file is not held back. Usually empty. Its arguments are ``HeldBack/arguments``.
    private static func condition(_ held: HeldBack) -> String {
        if held == .nothing { return "" }
        let (roots, files, sizes, directories) = held.padded
        func marks(_ values: [some Any]) -> String { values.map { _ in "?" }.joined(separator: ",") }
        let beneath = directories.map { _ in " AND NOT (path > ? AND path < ?)" }.joined()
        return "AND root NOT IN (\(marks(roots))) AND path NOT IN (\(marks(files))) AND size NOT IN (\(marks(sizes)))"
            + beneath
    }

    private static let due = """
        SELECT path, folder, device, inode, size, modified, changed, root, mime, kind, upload_name, attempts, entered,
            \(MeasureColumns.list)
        FROM files
        """

    /// Takes due files, marks them uploading, and returns them in the order in which they are to start.
    static func claim(
        account: String,
        _ portion: Portion,
        except held: HeldBack,
        at time: Timestamp,
        in db: Database
    ) throws -> [QueuedFile] {
        try letCome(account: account, at: time, in: db)
        let rows =
            switch portion {
            case .smallest: try db.rows(smallestDue(held), [account] + held.arguments)
            case .oldest(let room): try oldest(account, room, except: held, in: db)
            }
        let files = try rows.map { try queuedFile($0, account: account) }
        guard !files.isEmpty else { return [] }
        let number = try db.next("tries")
        for file in files { try move(file.file.path, to: .uploading, tried: number, at: time, in: db) }
        return files
    }

    /// The oldest due files that find room, those large ones first that are owed.
    private static func oldest(
        _ account: String,
        _ room: SlotRoom,
        except held: HeldBack,
        in db: Database
    ) throws -> [StoredRow] {
        var room = room
        var taken: [StoredRow] = []
        func take(_ row: StoredRow) -> Bool {
            guard room.take(row[4]) else { return false }
            taken.append(row)
            return true
        }
        let owed = room.large.lowerBound
        var large = try db.rows(oldestDue(held), [account, true] + held.arguments + [room.large.upperBound])[...]
        while taken.count < owed, let next = large.first, take(next) { large.removeFirst() }
        var isFull = false
        /// Takes the large files that were queued before.
        func takeLarge(before entered: Int64) {
            while !isFull, let next = large.first, next[12] < entered {
                if take(next) { large.removeFirst() } else { isFull = true }
            }
        }
        try db.eachRow(oldestDue(held), [account, false] + held.arguments + [room.most]) { row in
            takeLarge(before: row[12])
            if !isFull { isFull = !take(row) }
            return !isFull
        }
        takeLarge(before: .max)
        return taken
    }

    /// Queues all files again that are uploading, or those of one account. An earlier process had begun them.
    ///
    /// Those with a ticket go before all others, in the order in which they came.
    static func recover(account: String? = nil, at time: Timestamp, in db: Database) throws {
        let begun = try db.rows(
            """
            SELECT f.path, f.account, f.entered, u.ticket IS NOT NULL FROM files f LEFT JOIN uploads u ON u.path = f.path
            WHERE f.state = 'uploading' AND (?1 IS NULL OR f.account = ?1)
            """,
            [account]
        ).sorted { ($0[2] as Int64) < ($1[2] as Int64) }
        let ticketed = begun.count { $0[3] }
        var place = ticketed == 0 ? 0 : try firstEntered(in: db) - Int64(ticketed)
        for row in begun {
            let goesFirst: Bool = row[3]
            try db.run(
                """
                UPDATE files SET state = 'queued', cause = NULL, reason = '', due = ?, updated = ?, entered = ?
                WHERE path = ?
                """,
                [
                    Timestamp.atOnce.milliseconds, time.milliseconds, goesFirst ? place : row[2] as Int64,
                    row[0] as [UInt8],
                ]
            )
            if goesFirst { place += 1 }
            try StepsTable.add(.queued, .init(account: row[1]), of: FilePath(blob: row[0]), at: time, in: db)
        }
    }

    /// The first place of all that wait. Places of files that were recovered may be below 0.
    private static func firstEntered(in db: Database) throws -> Int64 {
        try db.row(
            """
            SELECT min(entered) FROM files INDEXED BY files_waiting
            WHERE state IN ('settling', 'queued', 'uploading')
            """
        )?[0] ?? 0
    }

    /// Makes queued files due that wait for a content of the fleet.
    static func release(_ paths: [FilePath], in db: Database) throws {
        for path in paths {
            try db.run(
                "UPDATE files SET due = 0 WHERE path = ? AND state = 'queued' AND cause IN (?, ?)",
                [path.blob, WaitCause.sameBytes.rawValue, WaitCause.fleetUnreachable.rawValue]
            )
        }
    }

    /// Lets go of files that were pushed by name and changed while they went up. Nobody watches their place.
    static func releasePushed(at time: Timestamp, in db: Database) throws {
        let pushed = try db.rows("SELECT path FROM files WHERE state = 'settling' AND folder IS NULL")
        for row in pushed {
            let reason = "it changed while it was sent, and its place is not watched"
            try letGo(FilePath(blob: row[0]), reason, at: time, in: db)
        }
    }

    static func nextDue(account: String, except held: HeldBack, in db: Database) throws -> Timestamp? {
        let row = try db.row(
            """
            SELECT min(due) FROM files INDEXED BY files_due WHERE account = ? AND state = 'queued' \(condition(held))
            """,
            [account] + held.arguments
        )
        return Timestamp(column: row?[0])
    }

    private static func queuedFile(_ row: StoredRow, account: String) throws -> QueuedFile {
        let file = MediaFile(
            folder: row[1],
            root: FilePath(blob: row[7]),
            path: FilePath(blob: row[0]),
            version: FileVersion(row, at: 2),
            account: account,
            mime: MIMEType(rawValue: row[8]),
            kind: try MediaKind(column: row[9]),
            uploadName: row[10],
            measure: MeasureColumns.measure(row, at: 13)
        )
        return QueuedFile(file, attempts: row[11])
    }
}

extension HeldBack {
    /// The arguments for ``FilesTable/condition(_:)``.
    fileprivate var arguments: Bindings {
        let (roots, files, sizes, directories) = padded
        let beneath = directories.flatMap { [$0.beneath.after, $0.beneath.before] }
        return Bindings((roots + files).map(\.blob)) + Bindings(sizes) + Bindings(beneath)
    }

    fileprivate var padded: (roots: [FilePath], files: [FilePath], sizes: [Int64], directories: [FilePath]) {
        (Array(roots).padded, Array(files).padded, Array(sizes).padded, Array(directories).padded)
    }
}
