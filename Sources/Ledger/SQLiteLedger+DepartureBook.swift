import GRDB
import Pipeline
import SystemPackage

extension SQLiteLedger: DepartureBook {
    package func departures(of folder: String, dueBy time: Timestamp, limit: Int) async throws -> [Departure] {
        try await read { try DeparturesTable.due(in: folder, by: time, limit: limit, in: $0) }
    }

    package func departures(exceptFolders folders: [String], after id: Int64, limit: Int) async throws -> [Departure] {
        try await read { try DeparturesTable.others(than: folders, after: id, limit: limit, in: $0) }
    }

    package func nextDeparture(of folder: String, after time: Timestamp) async throws -> Timestamp? {
        try await read { try DeparturesTable.next(in: folder, after: time, in: $0) }
    }

    package func openDepartures() async throws {
        try await write { db in
            try db.run(
                "UPDATE departures SET due = ?, attempts = 0, reason = '' WHERE due IS NOT NULL",
                [Timestamp.atOnce.milliseconds]
            )
        }
    }

    package func departure(_ id: Int64) async throws -> Departure? {
        try await read { try DeparturesTable.departure(id, in: $0) }
    }

    package func recordAim(_ path: FilePath, of departure: Departure) async throws {
        try await write { db in
            try db.run("UPDATE departures SET aim = ? WHERE id = ?", [path.blob, departure.id])
        }
    }

    package func finish(_ departure: Departure, movedTo: FilePath?) async throws {
        try await write { try DeparturesTable.finish(departure, movedTo: movedTo, in: $0) }
    }

    package func drop(_ departure: Departure) async throws {
        try await write { try DeparturesTable.remove(departure, in: $0) }
    }

    package func postpone(_ departure: Departure, reason: String, due: Timestamp, failed: Bool) async throws {
        try await write { db in
            try db.run(
                "UPDATE departures SET reason = ?, due = ?, attempts = attempts + ? WHERE id = ?",
                [reason, due.milliseconds, failed ? 1 : 0, departure.id]
            )
        }
    }

    package func hasDueDepartures(of folders: [String], accounts: [String], at time: Timestamp) async throws -> Bool {
        try await read { db in
            if try folders.contains(where: { try DeparturesTable.isDue(in: $0, by: time, in: db) }) { return true }
            return try accounts.contains { try DeparturesTable.awaitsLook(account: $0, by: time, in: db) }
        }
    }

    package func failedDepartures(limit: Int) async throws -> StayingFiles {
        try await read { try DeparturesTable.failed(limit: limit, in: $0) }
    }
}
