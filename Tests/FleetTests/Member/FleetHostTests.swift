import Ledger
import Pipeline
import TestSupport
import Testing

@testable import Fleet

/// What the parts of a host do together, with a real database.
@Suite(.timeLimit(.minutes(5))) struct FleetHostTests {
    private let ledger: SQLiteLedger

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    /// Runs a test with a new fleet.
    private func withFleet(
        _ body: @escaping @Sendable (_ conninfo: String, PostgresConnection) async throws -> Void
    ) async throws {
        let conninfo = try await PostgresServer.shared().database()
        try await withFleetDatabase(conninfo) { database in
            _ = try await FleetSchema().make(in: database)
            try await body(conninfo, database)
        }
    }

    private let contents = "SELECT account || ' ' || (receipt ->> 'mediaId') FROM outtray.contents ORDER BY 1"
    private let main = AccountPlan.shared(as: "brand-x")
    private let other = AccountPlan.shared("other", as: "brand-z", target: "z")

    // MARK: What was told

    @Test func `what is up is told under an account's new name as well`() async throws {
        try await withFleet { [ledger, contents, main] conninfo, database in
            try await ledger.upload(1, to: main, "med_1")
            try await RunningHost.run([main], conninfo, ledger) { try await $0.caughtUp(ledger) }
            #expect(try await texts(database, contents) == ["brand-x med_1"])

            try await RunningHost.run([.shared(as: "brand-y")], conninfo, ledger) { try await $0.caughtUp(ledger) }

            #expect(try await texts(database, contents) == ["brand-x med_1", "brand-y med_1"])
        }
    }

    @Test func `what is up is told of an account that comes into the fleet`() async throws {
        try await withFleet { [ledger, contents, main, other] conninfo, database in
            try await ledger.upload(1, to: main, "med_1")
            try await ledger.upload(2, to: other, "med_2")
            try await RunningHost.run([main], conninfo, ledger) { try await $0.caughtUp(ledger) }
            #expect(try await texts(database, contents) == ["brand-x med_1"])

            try await RunningHost.run([main, other], conninfo, ledger) { try await $0.caughtUp(ledger) }

            #expect(try await texts(database, contents) == ["brand-x med_1", "brand-z med_2"])
        }
    }

    @Test func `an account that left the fleet for a while is told whole when it comes back`() async throws {
        try await withFleet { [ledger, contents, main, other] conninfo, database in
            try await RunningHost.run([main, other], conninfo, ledger) { try await $0.caughtUp(ledger) }
            try await ledger.upload(2, to: other, "med_2")
            try await RunningHost.run([main], conninfo, ledger) { try await $0.caughtUp(ledger) }
            #expect(try await texts(database, contents).isEmpty)

            try await RunningHost.run([main, other], conninfo, ledger) { try await $0.caughtUp(ledger) }

            #expect(try await texts(database, contents) == ["brand-z med_2"])
        }
    }

    @Test func `a start with the same accounts compares nothing`() async throws {
        try await withFleet { [ledger, main] conninfo, database in
            try await ledger.upload(1, to: main, "med_1")
            try await RunningHost.run([main], conninfo, ledger) { try await $0.caughtUp(ledger) }
            // A comparison would bring the entry back.
            _ = try await database.run("DELETE FROM outtray.entries")

            try await RunningHost.run([main], conninfo, ledger) { host in
                try await ledger.upload(2, to: main, "med_2")
                host.member.wake()
                try await host.caughtUp(ledger)
            }

            #expect(try await texts(database, "SELECT content ->> 'mediaId' FROM outtray.entries") == ["med_2"])
        }
    }

    // MARK: Stray claims

    @Test func `a claim whose answer was lost is let go, and one that is in use is not`() async throws {
        try await withFleet { [ledger, main] conninfo, database in
            let pause = Duration.milliseconds(20)
            try await RunningHost.run([main], conninfo, ledger, strayPause: pause) { host in
                let index = try #require(host.indexes["main"])
                try await host.caughtUp(ledger)
                guard case .mine(let held) = try await index.claim(digest(1), of: media(1)) else {
                    Issue.record("not claimed")
                    return
                }
                // As after a connection that was cut: nobody here has the answer.
                let keys = [(key: key(2), size: Int64(10))]
                _ = try await database.run([ContentStatements.claim(keys, host: try await ledger.host())])

                let free = "SELECT encode(sha256, 'hex') FROM outtray.contents WHERE free"
                try await untilSo { try await texts(database, free) == [digest(2).hex] }

                index.release(held)
                index.leave(digest(1))
                try await untilSo { try await texts(database, free).count == 2 }
            }
        }
    }

    // MARK: A reload

    @Test func `an account that a reload takes away is forgotten`() async throws {
        try await withFleet { [ledger, main] conninfo, database in
            let strange = AccountPlan.shared("other", as: "brand-z", target: "here")
            try await RunningHost.run([main], conninfo, ledger) { try await $0.caughtUp(ledger) }
            _ = try await database.run(
                "INSERT INTO outtray.accounts (account, target) VALUES ('brand-z', 'there')"
            )
            try await RunningHost.run([main, strange], conninfo, ledger) { host in
                try await host.caughtUp(ledger)
                #expect(host.indexes["other"]?.closure != nil)

                host.member.keep([main])

                #expect(host.indexes["other"]?.closure == nil)
                #expect(host.indexes["main"]?.closure == nil)
                #expect(!host.member.hasOthers)
            }
        }
    }
}
