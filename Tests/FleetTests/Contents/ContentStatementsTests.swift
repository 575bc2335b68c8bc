import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct ContentStatementsTests {
    @Test func `one host gets a content, and any other is told who has it`() async throws {
        try await withHosts { _, a, b in
            #expect(try await a.claimed(key(1))?.fence == 1)

            guard case .taken(let host, "a", _, false)? = try await b.claim([key(1)])[key(1)] else {
                Issue.record("not told")
                return
            }
            #expect(host == a.host)
        }
    }

    @Test func `a host that claims its own content again has it, under a higher fence`() async throws {
        try await withHosts { _, a, _ in
            _ = try await a.claimed(key(1))

            #expect(try await a.claimed(key(1))?.fence == 2)
        }
    }

    @Test func `a content that is up is claimed by nobody, not by its own host either`() async throws {
        try await withHosts { _, a, b in
            try await a.tell([PublishedContent(1, "med")])

            for host in [a, b] {
                guard case .up(let stored, "a")? = try await host.claim([key(1)])[key(1)] else {
                    Issue.record("not up")
                    continue
                }
                #expect(stored.receipt.mediaID == "med")
            }
        }
    }

    @Test func `of many hosts that claim the same contents side by side, each content has one`() async throws {
        try await withHosts(4) { _, hosts in
            let keys = (0..<200).map { key(UInt8($0)) }

            let won = try await withThrowingTaskGroup(of: [ContentKey].self) { group in
                for host in hosts {
                    for start in stride(from: 0, to: keys.count, by: 20) {
                        let portion = keys[start..<start + 20].shuffled()
                        group.addTask {
                            try await host.claim(portion).compactMap { key, standing in
                                if case .mine = standing { key } else { nil }
                            }
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }

            #expect(won.count == keys.count)
            #expect(Set(won) == Set(keys))
        }
    }

    @Test func `a claim that was let go is anyone's, with its ticket`() async throws {
        try await withHosts { _, a, b in
            let own = try #require(await a.claimed(key(1)))
            #expect(try await a.hold(key(1), own.fence, [1, 2]))
            try await a.release(key(1), own.fence)

            let taken = try #require(await b.claimed(key(1)))

            #expect(taken.ticket == [1, 2])
            #expect(taken.fence == own.fence + 1)
            #expect(try await a.claimed(key(1)) == nil)
        }
    }

    @Test func `nobody lets go of a claim that has changed hands`() async throws {
        try await withHosts { _, a, b in
            let own = try #require(await a.claimed(key(1)))
            try await a.release(key(1), own.fence)
            _ = try await b.claimed(key(1))

            try await a.release(key(1), own.fence)

            #expect(try await a.claimed(key(1)) == nil)
        }
    }

    @Test func `a host lets go of no later claim of its own`() async throws {
        try await withHosts { _, a, b in
            let earlier = try #require(await a.claimed(key(1)))
            _ = try await a.claimed(key(1))

            try await a.release(key(1), earlier.fence)

            #expect(try await b.claimed(key(1)) == nil)
        }
    }

    @Test func `a ticket comes only into a claim that the host still has`() async throws {
        try await withHosts { _, a, b in
            let own = try #require(await a.claimed(key(1)))

            #expect(try await b.hold(key(1), own.fence, [2]) == false)
            #expect(try await a.hold(key(1), own.fence + 1, [3]) == false)
            #expect(try await a.hold(key(1), own.fence, [1]))
            #expect(try await a.hold(key(1), own.fence, [1]))
            try await b.tell([PublishedContent(1, "med_b")])
            #expect(try await a.hold(key(1), own.fence, [4]) == false)
            let other = try #require(await a.claimed(key(2)))
            try await a.tell([PublishedContent(2, "med_a")])
            #expect(try await a.hold(key(2), other.fence, [5]) == false)
        }
    }

    @Test func `a silent host's claim is taken over with its ticket, and then it has it no more`() async throws {
        try await withHosts { _, a, b in
            let own = try #require(await a.claimed(key(1)))
            _ = try await a.hold(key(1), own.fence, [1])

            let taken = try #require(await b.takeOver(key(1), of: a, beat: 0))

            #expect(taken.ticket == [1])
            #expect(try await a.hold(key(1), own.fence, [2]) == false)
        }
    }

    @Test func `after a heartbeat, or another start, nothing is taken over`() async throws {
        try await withHosts { database, a, b in
            _ = try await a.claimed(key(1))
            let roll = HostRoll(database, host: a.host)
            _ = try await roll.beat(.init(boot: 1, published: 0))

            #expect(try await b.takeOver(key(1), of: a, beat: 0) == nil)
            _ = try await roll.enter(named: "a")
            #expect(try await b.takeOver(key(1), of: a, beat: 1) == nil)
        }
    }

    @Test func `a takeover waits for a heartbeat that is under way, and then takes nothing`() async throws {
        try await withHosts { database, a, b in
            _ = try await a.claimed(key(1))
            let roll = HostRoll(LateCommit(database: a.database), host: a.host)

            let fence = try await whileOpen(
                { _ = try await roll.beat(.init(boot: a.boot, published: 0)) },
                beside: database
            ) { try await b.takeOver(key(1), of: a, beat: 0)?.fence }

            #expect(fence == nil)
        }
    }

    @Test func `nothing that is up, or another host's by now, is taken over from a silent host`() async throws {
        try await withHosts(3) { _, hosts in
            let (a, b, c) = (hosts[0], hosts[1], hosts[2])
            _ = try await a.claimed(key(1))
            try await a.tell([PublishedContent(1, "med")])
            let own = try #require(await a.claimed(key(2)))
            try await a.release(key(2), own.fence)
            _ = try await c.claimed(key(2))

            #expect(try await b.takeOver(key(1), of: a, beat: 0) == nil)
            #expect(try await b.takeOver(key(2), of: a, beat: 0) == nil)
        }
    }

    @Test func `a claim that comes back to its first host is another claim`() async throws {
        try await withHosts { _, a, b in
            let first = try #require(await a.claimed(key(1)))
            _ = try await b.takeOver(key(1), of: a, beat: 0)
            let back = try #require(await a.takeOver(key(1), of: b, beat: 0))

            #expect(try await a.hold(key(1), first.fence, [1]) == false)
            #expect(try await a.hold(key(1), back.fence, [2]))
        }
    }

    @Test func `an earlier process of a host claims nothing any more`() async throws {
        try await withHosts { database, a, b in
            _ = try await HostRoll(database, host: a.host).enter(named: "a")

            let error = try await thrown(PostgresError.self) { _ = try await a.claim([key(1)]) }

            #expect(error?.kind == .gate)
            #expect(try await b.claimed(key(1))?.fence == 1)
        }
    }

    @Test func `a host that was taken out of the fleet claims nothing any more`() async throws {
        try await withHosts { database, a, _ in
            _ = try await database.run("UPDATE outtray.hosts SET forgotten = now() WHERE name = 'a'")

            let error = try await thrown(PostgresError.self) { _ = try await a.claim([key(1)]) }

            #expect(error?.kind == .gate)
        }
    }

    @Test func `hosts that hold, claim and let go of the same contents side by side do not block each other`()
        async throws
    {
        try await withHosts { _, a, b in
            let keys = (0..<60).map { key(UInt8($0)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (host, order) in [(a, keys), (b, Array(keys.reversed()))] {
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<5 {
                                let mine = try await host.claim(order.shuffled()).compactMap { key, standing in
                                    if case .mine(let fence, _) = standing {
                                        ContentStatements.Claimed(key: key, fence: fence, ticket: [1])
                                    } else {
                                        nil
                                    }
                                }
                                _ = try await host.database.run([
                                    ContentStatements.hold(mine.shuffled(), host: host.host)
                                ])
                                _ = try await host.database.run(
                                    ContentStatements.release(mine.shuffled(), host: host.host)
                                )
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `at its start a host lets all claims of its earlier processes go, and no receipt`() async throws {
        try await withHosts { database, a, b in
            for number in 1...3 { _ = try await a.claimed(key(UInt8(number))) }
            try await a.tell([PublishedContent(3, "med_3")])

            for row in try await database.run([ContentStatements.claims(of: a.host)])[0].rows {
                try await a.release(try ContentKey(row), try row.integer(2) ?? 0)
            }

            let standings = try await b.claim([key(1), key(2), key(3)])
            for number in [1, 2] {
                guard case .mine? = standings[key(UInt8(number))] else {
                    Issue.record("\(number) is not free")
                    continue
                }
            }
            guard case .up(let receipt, "a")? = standings[key(3)] else {
                Issue.record("3 is not up")
                return
            }
            #expect(receipt.receipt == Receipt(mediaID: "med_3", status: .ready))
            #expect(receipt.uploadedAt == Timestamp(milliseconds: 7))
        }
    }
}
