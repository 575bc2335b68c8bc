import FoundationEssentials
import GRDB
import Glibc
import Pipeline
import SystemPackage

extension SQLiteLedger {
    /// How many files wait, are up, and so on. Reads as many rows as there are tallies, however many files.
    package func tallies() async throws -> [FileTally] {
        try await read { try TalliesTable.all(in: $0) }
    }

    /// The tallies, and for each group of waiting files the file that has waited longest, all of one moment.
    package func waits() async throws -> (tallies: [FileTally], oldest: [StoredWait: Timestamp]) {
        try await read { try TalliesTable.waits(in: $0) }
    }

    /// A part of the list of all files.
    package func page(_ query: FileQuery) async throws -> FilePage {
        try await read { try FilesTable.page(query, in: $0) }
    }

    /// All that is known of one path.
    package func file(at path: FilePath) async throws -> KnownFile {
        try await read { try KnownFile(path, in: $0) }
    }

    /// The bytes of the ledger's file and of its log; nil for a ledger in memory. Looks at the files alone.
    package var bytes: Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let size = Int64(status.st_size)
        return stat(path + "-wal", &status) == 0 ? size + Int64(status.st_size) : size
    }

    /// Makes a small commit, for those who want to know whether one can be made. `answer` is called when it has ended.
    package func probe(_ answer: @escaping @Sendable (Result<Void, any Error>) -> Void) {
        commits.write { db in
            try db.run(
                """
                INSERT INTO counters (name, value) VALUES ('probes', 1)
                ON CONFLICT (name) DO UPDATE SET value = value + 1
                """
            )
        } answer: { [path] result in
            answer(result.mapError { LedgerError.mapped($0, path: path) })
        }
    }
}
