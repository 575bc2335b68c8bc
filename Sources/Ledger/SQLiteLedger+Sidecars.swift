import Pipeline
import SystemPackage

// The part of ``FileQueue`` for sidecars.

extension SQLiteLedger {
    package func unnoted(among sidecars: [FoundFile]) async throws -> [FoundFile] {
        let noted = try await read { try SidecarsTable.noted(among: sidecars, in: $0) }
        return sidecars.filter { noted[$0.path] != $0.version }
    }

    package func noteSidecar(_ file: FoundFile, at time: Timestamp) async throws {
        try await write { try SidecarsTable.note(file, at: time, in: $0) }
    }

    package func sidecars(beneath directory: FilePath, after path: FilePath?, limit: Int) async throws -> PresentFiles {
        try await read { try SidecarsTable.present(beneath: directory, after: path, limit: limit, in: $0) }
    }

    package func dropSidecars(_ paths: [FilePath]) async throws {
        for start in stride(from: 0, to: paths.count, by: Self.notesACommit) {
            let group = paths[start..<min(start + Self.notesACommit, paths.count)]
            try await write { try SidecarsTable.leave(group, in: $0) }
        }
    }
}
