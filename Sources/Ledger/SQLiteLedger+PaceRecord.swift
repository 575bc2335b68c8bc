import GRDB
import Pipeline

extension SQLiteLedger: PaceRecord {
    package func reservations(of pace: String) async throws -> [PaceReservation] {
        try await read { db in
            try db.rows("SELECT at, calls, writes FROM pace WHERE pace = ? ORDER BY id", [pace]).map { row in
                PaceReservation(at: Timestamp(milliseconds: row[0]), calls: row[1], areWrites: row[2])
            }
        }
    }

    /// The newest of the reservations that are too old stays. Its last call may be as late as the next reservation.
    package func reserve(
        _ reservation: PaceReservation,
        of pace: String,
        forgettingBefore time: Timestamp
    ) async throws {
        try await write { db in
            try db.run(
                """
                DELETE FROM pace WHERE pace = ? AND writes = ? AND id < (
                    SELECT max(id) FROM pace WHERE pace = ? AND writes = ? AND at < ?
                )
                """,
                [pace, reservation.areWrites, pace, reservation.areWrites, time.milliseconds]
            )
            try db.run(
                "INSERT INTO pace (pace, writes, at, calls) VALUES (?, ?, ?, ?)",
                [pace, reservation.areWrites, reservation.at.milliseconds, reservation.calls]
            )
        }
    }
}
