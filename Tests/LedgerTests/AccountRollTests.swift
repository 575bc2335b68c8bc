import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

/// Names, keys and owners of accounts, and what belongs to whom.
@Suite struct AccountRollTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    private func main(_ address: String = "https://a.example", key: String = "k1", provider: String = "postbreeze")
        -> ConfiguredAccount
    {
        ConfiguredAccount(name: "main", identity: .at(address, key: key, provider: provider))
    }

    private func adopt(_ accounts: ConfiguredAccount..., folder: String = "main") async throws -> [AccountChange.Kind] {
        try await ledger.adopt(accounts, folders: ["inbox": folder], at: at(9)).map(\.kind)
    }

    private func upload(_ path: FilePath, _ number: UInt8 = 1, to account: ConfiguredAccount, owner: String? = nil)
        async throws
    {
        let file = media(path, account: account.name)
        let ticket = Ticket(receipt: receipt("m\(number)"), pieces: [], owner: owner)
        try await ledger.start(file)
        let book = ledger.book(of: account)
        try await book.recordTicket(ticket, of: file, at: at(2))
        try await book.complete(
            file,
            provider: account.identity.provider,
            sha256: digest(number),
            receipt: receipt("m\(number)"),
            at: at(5)
        )
    }

    private func knows(_ number: UInt8, _ account: ConfiguredAccount) async throws -> Bool {
        try await ledger.book(of: account).asset(size: version(1).size, sha256: digest(number)) != nil
    }

    /// Whoever asks with another account's key gets that account's answer.
    @Test func `an asset is asked for by its own account alone, whatever that is called`() async throws {
        _ = try await adopt(main())
        try await upload("/in/a", to: main())
        let renamed = ConfiguredAccount(name: "other", identity: main().identity)

        func asker(_ accounts: ConfiguredAccount..., path: FilePath = "/in/a") async throws -> String? {
            try await ledger.shownAsset(at: path, accounts)?.asker
        }
        #expect(try await asker(main("https://b.example"), renamed) == "other")
        #expect(try await asker(main()) == "main")
        #expect(try await asker(main("https://b.example"), main(key: "k2")) == nil)
        let shown = try #require(try await ledger.shownAsset(at: "/in/a", []))
        #expect(shown.receipt == receipt("m1") && shown.account == "main" && shown.provider == "postbreeze")
        #expect(try await ledger.shownAsset(at: "/in/none", [main()]) == nil)
    }

    @Test func `another target under the old name knows nothing, and its folders' files go up to it`() async throws {
        #expect(try await adopt(main()) == [])
        try await upload("/in/a", to: main())
        let other = main("https://b.example")

        #expect(try await adopt(other) == [.another(files: 1)])

        #expect(try await !knows(1, other))
        #expect(try await !ledger.book(of: other).hasAssets(ofSize: version(1).size))
        #expect(try await ledger.unhandled(among: [found("/in/a")]) == [found("/in/a")])
        #expect(try await ledger.entry("/in/a")?.receipt == receipt("m1"), "until the file is up")
        #expect(try await adopt(other) == [], "it is told once")
        try await upload("/in/a", 1, to: other)
        #expect(try await ledger.unhandled(among: [found("/in/a")]).isEmpty)
        #expect(try await adopt(main()) == [.another(files: 1)], "and back")
        #expect(try await knows(1, main()))
    }

    @Test func `a file is sent again for no new name, and for no other spelling of the address`() async throws {
        _ = try await adopt(main())
        try await upload("/in/a", to: main())
        let renamed = ConfiguredAccount(name: "renamed", identity: .at("https://A.example:443/", key: "k1"))

        #expect(try await adopt(renamed, folder: "renamed") == [])

        #expect(try await knows(1, renamed))
        #expect(try await ledger.unhandled(among: [found("/in/a")]).isEmpty)
    }

    @Test func `two names with one target know the same bytes, and one of them looks after them`() async throws {
        let second = ConfiguredAccount(name: "second", identity: main().identity)
        _ = try await adopt(main(), second)
        let file = media("/in/a")
        try await ledger.start(file)
        try await ledger.book(of: second).complete(
            file,
            provider: "postbreeze",
            sha256: digest(1),
            receipt: receipt("m1", .processing),
            at: at(5)
        )

        #expect(try await knows(1, main()))
        #expect(try await ledger.book(of: main()).processing(at: at(9), limit: 9).count == 1)
        #expect(try await ledger.book(of: second).processing(at: at(9), limit: 9).isEmpty)
        #expect(try await ledger.book(of: second).nextLook() == nil)
    }

    @Test func `a folder that goes through another account sends its files there`() async throws {
        let second = ConfiguredAccount(name: "second", identity: .at("https://b.example"))
        _ = try await adopt(main(), second)
        try await upload("/in/a", to: main())

        #expect(try await adopt(main(), second, folder: "second") == [.filesElsewhere(files: 1)])

        #expect(try await ledger.state("/in/a") == .settling)
    }

    @Test func `a new key proves nothing, and nothing is sent again or reused`() async throws {
        _ = try await adopt(main())
        try await upload("/in/a", to: main(), owner: "u1")

        #expect(try await adopt(main(key: "k2")) == [.unproven])

        #expect(try await ledger.unhandled(among: [found("/in/a")]).isEmpty)
        #expect(try await !knows(1, main(key: "k2")))
        #expect(try await adopt(main(key: "k2")) == [])
    }

    @Test func `a new key's owner that is the old one's makes both one account, with what went up meanwhile`()
        async throws
    {
        _ = try await adopt(main())
        try await upload("/in/a", to: main(), owner: "u1")
        _ = try await adopt(main(key: "k2"))
        try await upload("/in/b", 2, to: main(key: "k2"))
        let file = media("/in/c")
        try await ledger.start(file)
        let book = ledger.book(of: main(key: "k2"))
        try await book.beginUpload(of: file, at: at(3))

        let change = try await book.recordTicket(
            Ticket(receipt: receipt("m3"), pieces: [], owner: "u1"),
            of: file,
            at: at(4)
        )

        #expect(change?.kind == .same)
        for key in ["k1", "k2"] {
            for number in [1, 2] as [UInt8] { #expect(try await knows(number, main(key: key))) }
        }
        #expect(try await book.upload(of: file)?.ticket?.receipt == receipt("m3"))
        #expect(try await book.upload(of: file)?.askedAt == at(4))
        #expect(try await ledger.unhandled(among: [found("/in/a"), found("/in/b")]).isEmpty)
        #expect(try await adopt(main()) == [], "the old key is as good")
        try ledger.close()
        try LedgerCheck.run(path: folder.database.string)
    }

    @Test func `a new key's owner that is another one sends the folder's files to it`() async throws {
        _ = try await adopt(main())
        try await upload("/in/a", to: main(), owner: "u1")
        _ = try await adopt(main(key: "k2"))
        let file = media("/in/c")
        try await ledger.start(file)
        let ticket = Ticket(receipt: receipt("m3"), pieces: [], owner: "u2")

        let change = try await ledger.book(of: main(key: "k2")).recordTicket(ticket, of: file, at: at(4))

        #expect(change?.kind == .another(files: 1))
        #expect(try await ledger.unhandled(among: [found("/in/a")]) == [found("/in/a")])
        #expect(try await !knows(1, main(key: "k2")))
        #expect(try await knows(1, main()))
    }

    @Test func `two new accounts with two owners at one address are no change`() async throws {
        let second = main(key: "k2")
        _ = try await adopt(main())
        _ = try await adopt(second)
        for (number, account) in [main(), second].enumerated() {
            let file = media(FilePath("/in/\(number)"))
            try await ledger.start(file)
            let ticket = Ticket(receipt: receipt("m\(number)"), pieces: [], owner: "u\(number)")

            #expect(try await ledger.book(of: account).recordTicket(ticket, of: file, at: at(4)) == nil)
        }
    }

    @Test func `a key that leads to another owner by now leads to another account`() async throws {
        _ = try await adopt(main())
        try await upload("/in/a", to: main(), owner: "u1")
        let file = media("/in/c")
        try await ledger.start(file)

        let change = try await ledger.book(of: main()).recordTicket(
            Ticket(receipt: receipt("m3"), pieces: [], owner: "u2"),
            of: file,
            at: at(4)
        )

        #expect(change?.kind == .another(files: 1))
        #expect(try await !knows(1, main()))
        #expect(try await ledger.book(of: main()).upload(of: file)?.ticket?.receipt == receipt("m3"))
    }

    @Test func `tickets of one target are none of another one's`() async throws {
        let file = media("/in/a")
        try await ledger.start(file)
        try await ledger.book(of: main()).recordTicket(Ticket(receipt: receipt("m1"), pieces: []), of: file, at: at(2))
        let other = ledger.book(of: main("https://b.example"))

        #expect(try await other.upload(of: file) == nil)

        #expect(try await !other.hasUploads(besides: media("/in/b")))
    }

    @Test func `an answer that comes after a reload is recorded for the account that was asked`() async throws {
        _ = try await adopt(main())
        let file = media("/in/a")
        try await ledger.start(file)
        let asked = ledger.book(of: main())
        try await asked.recordTicket(Ticket(receipt: receipt("m1"), pieces: []), of: file, at: at(2))
        let other = main("https://b.example")
        _ = try await adopt(other)

        try await asked.complete(file, provider: "postbreeze", sha256: digest(1), receipt: receipt("m1"), at: at(5))

        #expect(try await !knows(1, other))
        #expect(
            try await adopt(other) == [.filesElsewhere(files: 1)],
            "it is not up at the account that its folder has"
        )
    }

    @Test func `a file that was rejected for another account is judged anew`() async throws {
        _ = try await adopt(main())
        try await ledger.reject(found("/in/a"), tooLarge, at: at(1))
        try await ledger.start(media("/in/b"))
        try await ledger.reject(media("/in/b"), Rejection(.refusedByProvider, "no"), at: at(2))

        #expect(try await adopt(main(key: "k2")) == [.unproven])
        #expect(try await ledger.unhandled(among: [found("/in/a"), found("/in/b")]).isEmpty)
        #expect(try await adopt(main(provider: "connectsafely")) == [.another(files: 0)])

        #expect(try await ledger.unhandled(among: [found("/in/a"), found("/in/b")]).count == 2)
    }

    @Test func `a file that is pushed through another account goes up to it`() async throws {
        let second = ConfiguredAccount(name: "second", identity: .at("https://b.example"))
        _ = try await adopt(main(), second)
        try await upload("/in/a", to: main())

        try await ledger.enqueue(media("/in/a"), at: at(6))
        #expect(try await ledger.state("/in/a") == .uploaded)
        try await ledger.enqueue(media("/in/a", account: "second", folder: nil), at: at(7))

        #expect(try await ledger.state("/in/a") == .queued)
    }

    @Test func `the assets of an account that is not configured any more are nobody's to look after`() async throws {
        _ = try await adopt(main())
        let file = media("/in/a")
        try await ledger.start(file)
        try await ledger.book(of: main()).complete(
            file,
            provider: "postbreeze",
            sha256: digest(1),
            receipt: receipt("m1", .processing),
            at: at(5)
        )
        let other = main("https://b.example")
        _ = try await adopt(other)

        #expect(try await ledger.book(of: other).processing(at: at(9), limit: 9).isEmpty)
        #expect(try await ledger.book(of: other).nextLook() == nil)
    }

    // MARK: Pushed files

    private func pushed(_ name: String) -> MediaFile { media("/elsewhere/a", account: name, folder: nil) }

    private func named(_ name: String, _ address: String) -> ConfiguredAccount {
        ConfiguredAccount(name: name, identity: .at("https://\(address).example"))
    }

    @Test func `a pushed file that waits goes to the account that it was pushed for, whatever that is called`()
        async throws
    {
        _ = try await adopt(named("one", "a"), named("two", "b"))
        try await ledger.enqueue(pushed("one"), at: at(1))

        _ = try await adopt(named("one", "b"), named("two", "a"))

        #expect(try await ledger.record(of: "/elsewhere/a")?.account == "two")
        #expect(try await ledger.book(of: named("one", "b")).claim(.oldest(9), except: .nothing, at: at(2)).isEmpty)
        _ = try await adopt(named("three", "a"))
        #expect(try await ledger.record(of: "/elsewhere/a")?.account == "three")
    }

    @Test func `without a name it waits, and is let go of when its name means another account`() async throws {
        _ = try await adopt(named("one", "a"))
        try await ledger.enqueue(pushed("one"), at: at(1))

        _ = try await adopt(named("two", "b"))
        #expect(try await ledger.record(of: "/elsewhere/a")?.state == .queued)
        _ = try await adopt(named("one", "b"))

        let record = try await ledger.record(of: "/elsewhere/a")
        #expect(record?.state == .gone)
        #expect(record?.reason == "account one, which it was pushed for, is another one by now")
    }

    @Test func `a folder that goes through another account is no news of that account`() async throws {
        let (first, second) = (named("first", "a"), named("second", "b"))
        _ = try await ledger.adopt([first, second], folders: ["inbox": "first"], at: at(1))
        try await upload("/in/a", to: first)

        let changes = try await ledger.adopt([first, second], folders: ["inbox": "second"], at: at(9))

        #expect(changes == [AccountChange(account: "second", kind: .filesElsewhere(files: 1))])
    }
}
