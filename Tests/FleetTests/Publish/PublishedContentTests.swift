import Pipeline
import TestSupport
import Testing

@testable import Fleet

@Suite(.timeLimit(.minutes(5))) struct PublishedContentTests {
    private let ids = "SELECT receipt ->> 'mediaId' FROM outtray.contents ORDER BY sha256"
    private let listed = "SELECT receipt ->> 'mediaId' FROM outtray.duplicates ORDER BY 1"

    @Test func `the first asset of a content stays, and any other is listed once`() async throws {
        try await withHosts { database, a, b in
            try await a.tell([PublishedContent(1, "first")])

            let second = Receipt(mediaID: "second", status: .ready)
            for time: Int64 in [7, 8] {
                let stored = StoredReceipt(second, uploadedAt: Timestamp(milliseconds: time))
                try await b.tell([PublishedContent(key: key(1), size: 10, stored: stored)])
            }

            #expect(try await texts(database, ids) == ["first"])
            #expect(try await texts(database, listed) == ["second"])
        }
    }

    @Test func `an asset ends the claim and takes its ticket away, whoever has it`() async throws {
        try await withHosts { database, a, b in
            let own = try #require(await a.claimed(key(1)))
            _ = try await a.hold(key(1), own.fence, [1])

            try await b.tell([PublishedContent(1, "theirs")])

            let left = "SELECT count(*)::text FROM outtray.contents WHERE ticket IS NULL AND receipt IS NOT NULL"
            #expect(try await texts(database, left) == ["1"])
        }
    }

    @Test func `hosts that tell of the same contents side by side do not block each other`() async throws {
        try await withHosts { database, a, b in
            let assets = (0..<60).map { PublishedContent(UInt8($0), "med_\($0)") }

            try await withThrowingTaskGroup(of: Void.self) { group in
                for host in [a, b] {
                    group.addTask {
                        for _ in 0..<20 { try await host.tell(assets.shuffled()) }
                    }
                }
                try await group.waitForAll()
            }

            #expect(try await texts(database, ids) == assets.map(\.stored.receipt.mediaID))
        }
    }

    @Test func `a status goes on, and a host that looked earlier does not take it back`() async throws {
        try await withHosts { database, a, b in
            let statuses = "SELECT status FROM outtray.contents"
            try await a.tell([PublishedContent(1, "med", .processing)])

            try await b.tell([PublishedContent(1, "med", .ready)])
            #expect(try await texts(database, statuses) == ["ready"])
            try await a.tell([PublishedContent(1, "med", .processing)])
            #expect(try await texts(database, statuses) == ["ready"])
        }
    }

    @Test func `a content whose asset failed is free, and the asset is listed`() async throws {
        try await withHosts { database, a, b in
            try await a.tell([PublishedContent(1, "med", .processing)])

            try await a.tell([PublishedContent(1, "med", .failed)])

            #expect(try await texts(database, listed) == ["med"])
            #expect(try await b.claimed(key(1)) != nil)
            try await b.tell([PublishedContent(1, "anew")])
            #expect(try await texts(database, ids) == ["anew"])
        }
    }

    @Test func `the failure of another asset leaves the content alone`() async throws {
        try await withHosts { database, a, b in
            try await a.tell([PublishedContent(1, "first")])

            try await b.tell([PublishedContent(1, "second", .failed)])

            #expect(try await texts(database, ids) == ["first"])
        }
    }
}
