import FoundationEssentials
import GRDB
import Glibc
import Pipeline

extension SQLiteLedger {
    /// Files by folder and state. An empty name stands for files of no folder.
    package func countsByFolder() async throws -> [String: [FileState: Int]] {
        try await read { db in
            var counts: [String: [FileState: Int]] = [:]
            for row in try db.rows("SELECT state, folder, count(*) FROM files GROUP BY state, folder") {
                let folder: String = row[1] ?? ""
                counts[folder, default: [:]][try FileState(column: row[0])] = row[2]
            }
            return counts
        }
    }

    /// Files that wait or are under way, by state. Costs nothing for all others.
    package func waitingCounts() async throws -> [FileState: Int] {
        try await read { db in
            var counts: [FileState: Int] = [:]
            for row in try db.rows(
                """
                SELECT state, count(*) FROM files INDEXED BY files_state
                WHERE state IN ('settling', 'queued', 'uploading') GROUP BY state
                """
            ) {
                counts[try FileState(column: row[0])] = row[1]
            }
            return counts
        }
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
