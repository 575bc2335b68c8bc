import GRDB
import Pipeline
import SystemPackage
import Watch

// The half of ``FileQueue`` for Settle.

extension SQLiteLedger {
    /// How many files one commit notes: fewer than 50 ms of work, whatever else waits for the disk.
    static let notesACommit = 256

    package func otherNames(of files: [FoundFile], limit: Int) async throws -> [String: [FilePath]] {
        try await read { db in
            var names: [String: [FilePath]] = [:]
            for file in files {
                for name in try FilesTable.otherNames(of: file, limit: limit, in: db) {
                    names[name.folder, default: []].append(name.path)
                }
            }
            return names
        }
    }

    package func formerPlaces(of files: [FoundFile]) async throws -> [FoundFile: [FormerPlace]] {
        try await read { db in
            var places: [FoundFile: [FormerPlace]] = [:]
            for file in files {
                let found = try FilesTable.formerPlaces(of: file, in: db)
                if !found.isEmpty { places[file] = found }
            }
            return places
        }
    }

    package func settling(at paths: [FilePath]) async throws -> [FileRecord] {
        try await read { db in
            try paths.compactMap { try FilesTable.record(of: $0, in: db) }.filter { $0.state == .settling }
        }
    }

    package func takeDue(
        in folder: String,
        by time: Timestamp,
        limit: Int
    ) async throws -> (files: [FoundFile], next: Timestamp?) {
        try await write { db in
            let files = try FilesTable.takeDue(in: folder, by: time, limit: limit, in: db)
            return (files, try FilesTable.nextDue(in: folder, in: db))
        }
    }

    package func move(
        _ moves: [MovedFile],
        by folder: FolderPlan,
        at time: Timestamp
    ) async throws -> [(file: MediaFile, former: FilePath)] {
        var moved: [(file: MediaFile, former: FilePath)] = []
        for start in stride(from: 0, to: moves.count, by: Self.notesACommit) {
            let group = moves[start..<min(start + Self.notesACommit, moves.count)]
            moved += try await write { db in
                guard let holder = try AccountsTable.meaning(of: folder.account, in: db) else { return [] }
                return try group.compactMap { move in
                    try FilesTable.follow(
                        move,
                        beneath: folder.path,
                        account: folder.account,
                        holder,
                        at: time,
                        in: db
                    ).map { ($0, move.former) }
                }
            }
        }
        return moved
    }

    package func record(_ notes: [FileNote], at time: Timestamp) async throws {
        var next = 0
        while next < notes.count {
            next = try await write { [next] db in try Self.record(notes, from: next, at: time, in: db) }
        }
    }

    /// Records notes until all are recorded or the commit is full. Returns the index of the first note not fully
    /// recorded.
    private static func record(_ notes: [FileNote], from start: Int, at time: Timestamp, in db: Database) throws -> Int
    {
        var left = notesACommit
        for index in start..<notes.count {
            guard left > 0 else { return index }
            switch notes[index] {
            case .settling(let file):
                try recordSettling(file, at: time, in: db)
                left -= 1
            case .gone(let path):
                try recordGone(path, at: time, in: db)
                try SidecarsTable.leave([path], in: db)
                left -= 1
            case .goneBelow(let directory):
                let paths = try FilesTable.present(beneath: directory, limit: left, in: db)
                for path in paths { try recordGone(path, at: time, in: db) }
                if paths.count == left { return index }
                left -= max(paths.count, 1)
                // After the files: the entries of those list what they had.
                let sidecars = try SidecarsTable.present(beneath: directory, limit: left, in: db).paths
                try SidecarsTable.leave(sidecars, in: db)
                if sidecars.count == left { return index }
                left -= sidecars.count
            }
        }
        return notes.count
    }

    /// Every row of the manifest that is present has a file. Going by the files therefore misses none.
    static func recordGone(_ path: FilePath, at time: Timestamp, in db: Database) throws {
        try FilesTable.leave(path, at: time, in: db)
        try ManifestTable.leave(path, in: db)
    }

    /// A version that is queued, uploading, uploaded, rejected or skipped has been dealt with. It keeps its state.
    private static func recordSettling(_ settling: SettlingFile, at time: Timestamp, in db: Database) throws {
        let file = settling.file
        let known = try FilesTable.record(of: file.path, in: db)
        if let known, known.version == file.version {
            switch known.state {
            case .settling:
                try noteWaiting(settling, at: time, in: db)
                return try FilesTable.move(
                    file.path,
                    to: .settling,
                    cause: settling.cause,
                    reason: settling.reason,
                    due: settling.due,
                    at: time,
                    in: db
                )
            case .queued, .uploading, .uploaded, .rejected, .skipped:
                return
            case .gone:
                break
            }
        }
        if let known, known.state == .skipped, known.version.isSameFile(as: file.version) {
            try FirstLooksTable.put(file, at: time, in: db)
            return
        }
        let record = FileRecord(
            file,
            .settling,
            cause: settling.cause,
            reason: settling.reason,
            due: settling.due,
            at: time
        )
        try FilesTable.put(record, entered: try db.next("entered"), in: db)
        let isKnown = known.map { $0.state != .gone } ?? false
        try StepsTable.add(isKnown ? .changed : .seen, .init(bytes: file.version.size), of: file.path, at: time, in: db)
        try noteWaiting(settling, at: time, in: db)
    }

    /// Adds the step of a file that waits for something else than its rest.
    private static func noteWaiting(_ settling: SettlingFile, at time: Timestamp, in db: Database) throws {
        switch settling.cause {
        case .settling where !settling.isRested: break
        case .heldOpen: try StepsTable.add(.held, of: settling.file.path, at: time, in: db)
        case let cause:
            let facts = FileStep.Facts(cause: cause, reason: settling.reason)
            try StepsTable.add(.postponed, facts, of: settling.file.path, at: time, in: db)
        }
    }
}

extension FileVersion {
    /// Whether two versions at one path are of one file that nobody has written to. Rights, owner or names may have
    /// changed, or the numbers of device and inode: some file systems give others at each mount.
    fileprivate func isSameFile(as other: FileVersion) -> Bool {
        hasSameBytes(as: other) || (size == other.size && modified == other.modified && changed == other.changed)
    }
}
