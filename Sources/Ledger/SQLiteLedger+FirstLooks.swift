import GRDB
import Pipeline
import SystemPackage
import Watch

// The part of ``FileQueue`` for files that lie in a folder when it is watched for the first time.

extension SQLiteLedger {
    package func beginFirstLook(
        of folder: FilePath,
        _ existing: ExistingFiles,
        at time: Timestamp
    ) async throws -> FirstLook? {
        if existing == .upload, try await read({ try FirstLooksTable.hasSkipped(beneath: folder, in: $0) }) {
            let limit = Self.notesACommit
            while try await write({ try FirstLooksTable.forgetSkipped(beneath: folder, limit: limit, in: $0) }) {}
        }
        if try await read({ try FirstLooksTable.isOver(folder, in: $0) }) { return nil }
        return try await write { db in
            let look = try FirstLooksTable.begin(folder, at: time, in: db)
            if look == nil || existing == .skip { return look }
            try FirstLooksTable.end(folder, at: time, in: db)
            return nil
        }
    }

    package func endFirstLook(of folder: FilePath, at time: Timestamp) async throws {
        try await write { try FirstLooksTable.end(folder, at: time, in: $0) }
    }

    package func skip(_ files: [FoundFile], at time: Timestamp) async throws -> [FoundFile] {
        var others: [FoundFile] = []
        for start in stride(from: 0, to: files.count, by: Self.notesACommit) {
            let group = files[start..<min(start + Self.notesACommit, files.count)]
            others += try await write { db in try group.filter { try !FirstLooksTable.skip($0, at: time, in: db) } }
        }
        return others
    }

    package func skipAgain(_ file: FoundFile, beneath folder: FilePath, at time: Timestamp) async throws -> Bool {
        // Mostly no file is like it. That costs no commit.
        if try await !read({ try FirstLooksTable.hasSkipped(file.version, beneath: folder, in: $0) }) { return false }
        return try await write { db in
            guard try FirstLooksTable.hasSkipped(file.version, beneath: folder, in: db),
                try FirstLooksTable.skip(file, at: time, in: db)
            else { return false }
            // The next file with the same inode, size and mtime is another one.
            try FirstLooksTable.forgetLeft(file.version, in: db)
            return true
        }
    }
}
