import Fleet
import Pipeline
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HostRollTests {
    @Test func `each start of a host has a higher number, and its heartbeats count`() async throws {
        try await withNewFleet { database in
            let roll = HostRoll(database, host: HostID())

            let first = try await roll.enter(named: "ingest-1")
            let second = try await roll.enter(named: "ingest-one")
            _ = try await roll.beat(second)
            let sights = try await roll.beat(second)

            #expect(first.boot == 1 && second.boot == 2 && second.published == 0)
            #expect(sights.map(\.host) == [roll.host] && sights.first?.name == "ingest-one")
            #expect(sights.first?.boot == 2 && sights.first?.beat == 2)
        }
    }

    @Test func `of two processes under one identity, the earlier one is told`() async throws {
        try await withNewFleet { database in
            let roll = HostRoll(database, host: HostID())
            let original = try await roll.enter(named: "ingest-1")
            let copy = try await roll.enter(named: "ingest-1")

            let told = try await thrown(HostTrouble.self) { _ = try await roll.beat(original) }

            #expect(told == .twin(name: "ingest-1"))
            let beat = try await roll.beat(copy).first?.beat
            #expect(beat == 1)
        }
    }

    @Test func `a host that an older copy of the database knows by an earlier start comes in again`() async throws {
        try await withNewFleet { database in
            let roll = HostRoll(database, host: HostID())
            _ = try await roll.enter(named: "ingest-1")
            let entry = try await roll.enter(named: "ingest-1")
            _ = try await database.run("UPDATE outtray.hosts SET boot = 1")

            let told = try await thrown(HostTrouble.self) { _ = try await roll.beat(entry) }
            let again = try await roll.enter(named: "ingest-1", above: entry.boot)

            #expect(told == .unknown)
            #expect(again.boot == 3)
        }
    }

    @Test func `no two hosts have one name, and the second is told whose it is`() async throws {
        try await withNewFleet { database in
            let (first, second) = (HostRoll(database, host: HostID()), HostRoll(database, host: HostID()))
            _ = try await first.enter(named: "ingest-1")
            _ = try await second.enter(named: "ingest-2")

            for roll in [second, HostRoll(database, host: HostID())] {
                let trouble = try await thrown(HostTrouble.self) { _ = try await roll.enter(named: "ingest-1") }
                guard case .nameTaken("ingest-1", by: first.host, _)? = trouble else {
                    Issue.record("\(trouble.debugDescription)")
                    continue
                }
            }
            let names = try await HostRoll.hosts(in: database).map(\.name)
            #expect(names == ["ingest-1", "ingest-2"])
        }
    }

    @Test func `a host that the database has lost is told so`() async throws {
        try await withNewFleet { database in
            let roll = HostRoll(database, host: HostID())
            let entry = try await roll.enter(named: "ingest-1")
            _ = try await database.run("DELETE FROM outtray.hosts")

            let told = try await thrown(HostTrouble.self) { _ = try await roll.beat(entry) }
            #expect(told == .unknown)
        }
    }
}
