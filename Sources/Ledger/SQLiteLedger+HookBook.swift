import GRDB
import Pipeline

extension SQLiteLedger: HookBook {
    package func adopt(_ hooks: [HookWish]) async throws {
        try await write { try HooksTable.adopt(hooks, in: $0) }
    }

    package func record(_ block: AccountBlock, at time: Timestamp) async throws {
        try await write { try HooksTable.note(block, at: time, in: $0) }
    }

    package func recordReadyDirectories(at now: Timestamp) async throws -> (next: Timestamp?, isNews: Bool) {
        let (looks, next) = try await read { db in
            (try HooksTable.lookAtDirectories(dueBy: now, in: db), try HooksTable.nextDirectory(in: db))
        }
        guard !looks.isEmpty else { return (next, false) }
        return try await write { db in
            let isNews = try HooksTable.record(looks, at: now, in: db)
            return (try HooksTable.nextDirectory(in: db), isNews)
        }
    }

    package func hasNewDirectories() async throws -> Bool {
        try await read { try HooksTable.hasNewDirectories(in: $0) }
    }

    package func events(of hook: String, dueBy time: Timestamp, limit: Int) async throws -> [HookEvent] {
        try await read { try HooksTable.events(of: hook, dueBy: time, limit: limit, in: $0) }
    }

    package func nextEvent(of hook: String, after time: Timestamp) async throws -> Timestamp? {
        try await read { try HooksTable.next(of: hook, after: time, in: $0) }
    }

    package func hasNewEvents(of hooks: [String], at time: Timestamp) async throws -> Bool {
        try await read { db in try hooks.contains { try HooksTable.hasNew(of: $0, at: time, in: db) } }
    }

    package func countEvents(of hook: String) async throws -> Int {
        try await read { try HooksTable.count(of: hook, in: $0) }
    }

    package func end(_ event: HookEvent, failure: String?, at time: Timestamp) async throws {
        try await write { try HooksTable.end(event, failure: failure, at: time, in: $0) }
    }

    package func postpone(_ event: HookEvent, reason: String, due: Timestamp, now: Timestamp) async throws {
        try await write { try HooksTable.postpone(event, reason: reason, due: due, now: now, in: $0) }
    }
}
