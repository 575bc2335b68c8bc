import Pipeline
import SystemPackage
import Testing

@testable import Ledger

@Suite struct WaitingTests {
    private let ledger: SQLiteLedger

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    /// All that wait, read two at a time.
    private func waiting() async throws -> [WaitingFile] {
        var files: [WaitingFile] = []
        while true {
            let page = try await ledger.waiting(after: files.last?.place ?? 0, limit: 2)
            if page.isEmpty { return files }
            #expect(page.count <= 2)
            files += page
        }
    }

    @Test func `files that wait are read a page at a time, each once, with what they were queued as`() async throws {
        try await ledger.start(media("/in/sending"))
        try await ledger.enqueue(media("/in/a"), at: at(1))
        try await ledger.recordSettling([settling("/in/settling")], at: at(1))
        try await ledger.enqueue(media("/pushed", account: "other", folder: nil), at: at(1))
        try await ledger.upload(media("/in/up", 2))
        try await ledger.reject(found("/in/rejected", 3), tooLarge, at: at(1))

        let files = try await waiting()

        #expect(files.map(\.path) == ["/in/sending", "/in/a", "/in/settling", "/pushed"])
        #expect(files.map(\.folder) == ["inbox", "inbox", "inbox", nil])
        #expect(files.map(\.account) == ["main", "main", nil, "other"])
        #expect(files.map { $0.content?.mime } == [.jpeg, .jpeg, nil, .jpeg])
        #expect(files.map { $0.content?.root } == ["/in", "/in", nil, "/in"])
        #expect(files.allSatisfy { $0.version == version(1) })
    }

    @Test func `a file that waits for its whole account is found, however many wait for something else`() async throws {
        for number in 0..<20 { try await ledger.enqueue(media(FilePath("/in/\(number)")), at: at(1)) }
        try await ledger.start(media("/other/a", account: "other"))
        let refused = Postponement(.keyRefused, reason: "no such key")
        try await ledger.postpone(media("/other/a", account: "other"), refused)

        #expect(try await ledger.heldBack(by: "main") == nil)
        #expect(try await ledger.heldBack(by: "other")?.reason == "no such key")
        try await ledger.start(media("/other/b", account: "other"))
        #expect(try await ledger.heldBack(by: "other") == nil)
    }

    @Test func `what a file was before it settles anew is not what it is judged by`() async throws {
        try await ledger.start(media("/in/a"))
        try await ledger.returnToSettling(media("/in/a"), reason: "changed", at: at(2))

        #expect(try await waiting().map(\.content) == [nil])
    }

    @Test func `a file is dismissed in the version it was judged in, and only while it waits`() async throws {
        try await ledger.enqueue(media("/in/left"), at: at(1))
        try await ledger.start(media("/in/large"))
        try await ledger.enqueue(media("/in/other"), at: at(1))
        try await ledger.enqueue(media("/in/up", 2), at: at(1))
        let judged = try await waiting()
        try await ledger.enqueue(media("/in/other", 3), at: at(2))
        try await ledger.upload(media("/in/up", 2))

        try await ledger.dismiss(
            judged.map { ($0, $0.path == "/in/large" ? .rejected(tooLarge) : .letGo("ignored now")) },
            at: at(3)
        )

        #expect(try await ledger.record(of: "/in/left")?.state == .gone)
        #expect(try await ledger.record(of: "/in/left")?.reason == "ignored now")
        #expect(try await ledger.state("/in/large") == .rejected)
        // In a newer version; it was claimed meanwhile.
        #expect(try await ledger.state("/in/other") == .uploading)
        #expect(try await ledger.state("/in/up") == .uploaded)
        #expect(try await ledger.events().contains(.rejected))
    }

    @Test func `a file that is let go of stays present while an earlier version of it is up, until it leaves`()
        async throws
    {
        for path: FilePath in ["/in/a", "/in/sub/b"] {
            try await ledger.upload(media(path, path == "/in/a" ? 1 : 2))
            try await ledger.enqueue(media(path, 3), at: at(2))
        }
        try await ledger.enqueue(media("/in/new", 4), at: at(2))

        try await ledger.dismiss(try await waiting().map { ($0, .letGo("ignored now")) }, at: at(3))

        func present() async throws -> [FilePath] { try await ledger.present(in: "inbox", after: nil, limit: 9) }
        #expect(try await ledger.state("/in/a") == .gone)
        #expect(try await present() == ["/in/a", "/in/sub/b"], "sweeps look at them")
        try await ledger.forgetOld(at: at(3 * 86_400_000))
        #expect(try await present() == ["/in/a", "/in/sub/b"])
        #expect(try await ledger.state("/in/new") == nil)

        try await ledger.recordGone(["/in/a"], at: at(5))
        try await ledger.recordGone(beneath: "/in/sub", at: at(5))

        #expect(try await present().isEmpty)
        #expect(try await ledger.entry("/in/a")?.present == false)
        #expect(try await ledger.entry("/in/sub/b")?.present == false)
    }

    @Test func `only the account whose lane has ended gets its files back into the queue`() async throws {
        try await ledger.start(media("/in/a"))
        try await ledger.start(media("/in/b", 2, account: "other"))

        try await ledger.recover(account: "other", at: at(2))

        #expect(try await ledger.state("/in/a") == .uploading)
        #expect(try await ledger.state("/in/b") == .queued)
        #expect(try await ledger.claim(account: "other", .oldest(9), at: at(2)).map(\.file.path) == ["/in/b"])
    }

    @Test func `queued files of an account are told what they wait for, each once`() async throws {
        // It was tried when the account was still there.
        let tried = media("/e", account: "none", folder: nil)
        try await ledger.start(tried)
        try await ledger.postpone(tried, Postponement(.retry, reason: "500", due: at(900_000), attempted: true))
        try await ledger.enqueue(media("/a", account: "none", folder: nil), at: at(1))
        // A large one.
        try await ledger.enqueue(media("/b", 9, account: "none", folder: nil), at: at(1))
        try await ledger.enqueue(media("/in/c"), at: at(1))
        #expect(try await ledger.queuedAccounts() == ["main", "none"])

        let last = try await ledger.explain(account: "none", after: 0, cause: .noAccount, reason: "not here")
        #expect(try await ledger.explain(account: "none", after: last ?? 0, cause: .noAccount, reason: "again") == nil)
        try await ledger.enqueue(media("/d", account: "none", folder: nil), at: at(1))
        #expect(try await ledger.explain(account: "none", after: last ?? 0, cause: .noAccount, reason: "later") != nil)

        for (path, reason) in [
            ("/a", "not here"), ("/b", "not here"), ("/d", "later"), ("/e", "not here"), ("/in/c", ""),
        ] {
            #expect(try await ledger.record(of: FilePath(path))?.reason == reason)
        }
    }

    @Test func `files that were pushed and changed while they went up are let go of, no others`() async throws {
        try await ledger.start(media("/pushed", folder: nil))
        try await ledger.returnToSettling(media("/pushed", folder: nil), reason: "changed", at: at(1))
        try await ledger.recordSettling([settling("/in/settling")], at: at(1))

        try await ledger.tidy(at: at(2))

        #expect(try await ledger.state("/pushed") == .gone)
        #expect(try await ledger.state("/in/settling") == .settling)
    }
}
