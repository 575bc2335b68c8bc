import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite struct StatusLookersTests {
    private typealias Lookers = StatusLookers<ContinuousClock.Instant>

    private let start = ContinuousClock.now
    private let host = HostID()
    private var lookers = Lookers()

    private func standing(_ looked: Int64) -> Lookers.Standing { Lookers.Standing(host: host, looked: looked) }

    private func after(_ seconds: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    @Test mutating func `a host that has not asked for too long stands still, and no earlier`() {
        lookers.note(standing(3), of: key(1), at: start)
        lookers.note(standing(3), of: key(1), at: after(100))

        #expect(lookers.standstill(of: key(1), at: after(179)) == nil)
        #expect(lookers.standstill(of: key(1), at: after(180)) == standing(3))
        #expect(lookers.standstill(of: key(2), at: after(180)) == nil)
    }

    @Test mutating func `a host that goes on asking does not, nor does another one in its place`() {
        lookers.note(standing(3), of: key(1), at: start)
        lookers.note(standing(4), of: key(1), at: after(100))
        #expect(lookers.standstill(of: key(1), at: after(200)) == nil)

        lookers.note(Lookers.Standing(host: HostID(), looked: 4), of: key(1), at: after(200))
        #expect(lookers.standstill(of: key(1), at: after(300)) == nil)
    }

    @Test mutating func `what is forgotten is timed anew`() {
        lookers.note(standing(3), of: key(1), at: start)
        lookers.forget(key(1))
        lookers.note(standing(3), of: key(1), at: after(100))

        #expect(lookers.standstill(of: key(1), at: after(200)) == nil)
    }
}

/// The database's part: who asks a provider about an asset.
@Suite(.timeLimit(.minutes(5))) struct StatusLookTests {
    private typealias Standing = StatusLookers<ContinuousClock.Instant>.Standing

    private func look(_ host: TestHost, _ id: String = "med_1", over: Standing? = nil) async throws -> String {
        let receipt = Receipt(mediaID: id, status: .processing)
        let statement = ContentStatements.look(at: key(1), receipt, host: host.host, insteadOf: over)
        guard let row = try await host.database.run([statement]).first?.rows.first else { return "unknown" }
        switch try ContentDesk.Look(row) {
        case nil: return "not understood"
        case .mine: return "mine"
        case .theirs(let standing): return "theirs \(standing.looked)"
        case .told(let status): return "told \(status.rawValue)"
        }
    }

    @Test func `the host that brought an asset up asks, and the others see it go on`() async throws {
        try await withHosts { _, a, b in
            try await a.tell([PublishedContent(1, "med_1", .processing)])

            var looks: [String] = []
            for host in [b, a, b, a, b] { looks.append(try await look(host)) }

            #expect(looks == ["theirs 0", "mine", "theirs 1", "mine", "theirs 2"])
        }
    }

    @Test func `a status that was found out is told to all, and nobody asks any more`() async throws {
        try await withHosts { _, a, b in
            try await a.tell([PublishedContent(1, "med_1", .processing)])
            try await a.tell([PublishedContent(1, "med_1", .ready)])

            #expect(try await look(b) == "told ready")
            #expect(try await look(a) == "told ready")
        }
    }

    @Test func `of an asset that the fleet does not know, a host finds out by itself`() async throws {
        try await withHosts { _, a, b in
            #expect(try await look(b) == "unknown")
            try await a.tell([PublishedContent(1, "med_1", .processing)])
            #expect(try await look(b, "med_2") == "unknown")
            try await a.tell([PublishedContent(1, "med_1", .failed)])
            #expect(try await look(b) == "unknown")
        }
    }

    @Test func `a host that stands still is replaced by one other, and then asks no more`() async throws {
        try await withHosts { database, a, b in
            let c = try await TestHost(database, named: "c")
            try await a.tell([PublishedContent(1, "med_1", .processing)])
            _ = try await look(a)
            let seen = Standing(host: a.host, looked: 1)

            #expect(try await look(b, over: Standing(host: a.host, looked: 0)) == "theirs 1")
            #expect(try await look(b, over: seen) == "mine")
            #expect(try await look(c, over: seen) == "theirs 2")
            #expect(try await look(a) == "theirs 2")
            #expect(try await look(b) == "mine")
        }
    }

    @Test func `whoever brings the bytes up anew asks`() async throws {
        try await withHosts { _, a, b in
            try await a.tell([PublishedContent(1, "med_1", .processing)])
            _ = try await look(a)
            try await a.tell([PublishedContent(1, "med_1", .failed)])
            try await b.tell([PublishedContent(1, "med_2", .processing)])

            #expect(try await look(b, "med_2") == "mine")
        }
    }
}
