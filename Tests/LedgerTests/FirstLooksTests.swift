import Pipeline
import SystemPackage
import TestSupport
import Testing
import Watch

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct FirstLooksTests {
    private let ledger: SQLiteLedger

    init() throws {
        ledger = try SQLiteLedger(inMemory: quiet)
    }

    private func skip(_ paths: FilePath...) async throws {
        let files = paths.enumerated().map { found($1, Int64($0 + 1)) }
        #expect(try await ledger.skip(files, at: at(1)) == [])
    }

    private func state(_ path: FilePath) async throws -> FileState? { try await ledger.record(of: path)?.state }

    @Test func `a folder's first look keeps its beginning until it has ended`() async throws {
        #expect(try await ledger.beginFirstLook(of: "/in", .skip, at: at(5)) == FirstLook(begun: at(5)))
        #expect(try await ledger.beginFirstLook(of: "/in", .skip, at: at(9)) == FirstLook(begun: at(5)))
        #expect(try await ledger.beginFirstLook(of: "/in2", .skip, at: at(9)) == FirstLook(begun: at(9)))

        try await ledger.endFirstLook(of: "/in", at: at(10))

        #expect(try await ledger.beginFirstLook(of: "/in", .skip, at: at(11)) == nil)
        #expect(try await ledger.beginFirstLook(of: "/in2", .skip, at: at(11)) != nil)
    }

    @Test func `with upload it ends at once`() async throws {
        #expect(try await ledger.beginFirstLook(of: "/in", .upload, at: at(5)) == nil)
        #expect(try await ledger.beginFirstLook(of: "/in", .skip, at: at(6)) == nil)
    }

    @Test func `a skipped file is dealt with, and keeps no other from settling`() async throws {
        try await skip("/in/a")
        let compared = try await ledger.unhandled(among: [found("/in/a"), found("/in/a", 2), found("/in/b")])
        #expect(compared == [found("/in/a", 2), found("/in/b")])
        #expect(try await !ledger.admit(media("/in/a"), at: at(2)))
        #expect(try await ledger.counts() == [.skipped: 1])
    }

    @Test func `a file with another story is not skipped, and given back`() async throws {
        try await ledger.upload(media("/in/up", 3))
        try await ledger.recordGone(["/in/up"], at: at(2))
        try await ledger.enqueue(media("/in/queued"), at: at(2))
        try await ledger.reject(found("/in/rejected"), Rejection(.empty, "it is empty"), at: at(2))
        let files = ["/in/queued", "/in/rejected", "/in/up", "/in/old"].map { found(FilePath($0), 5) }

        #expect(try await ledger.skip(files, at: at(3)) == Array(files.dropLast()))

        #expect(try await state("/in/queued") == .queued)
        #expect(try await state("/in/rejected") == .rejected)
        #expect(try await state("/in/up") == .gone)
        #expect(try await state("/in/old") == .skipped)
    }

    @Test func `the same bytes stay skipped under other names of the folder, for an hour after they left`() async throws
    {
        try await skip("/in/a")
        try await ledger.recordGone(["/in/a"], at: at(1))
        #expect(try await state("/in/a") == nil)
        try await ledger.tidy(at: at(3_000_000))
        #expect(try await !ledger.skipAgain(found("/other/b"), beneath: "/other", at: at(3_000_000)))
        #expect(try await ledger.skipAgain(found("/in/b"), beneath: "/in", at: at(3_000_000)))
        #expect(try await state("/in/b") == .skipped)
        #expect(try await !ledger.skipAgain(found("/in/c", 2), beneath: "/in", at: at(3_000_000)))

        try await ledger.recordGone(["/in/b"], at: at(3_000_001))
        try await ledger.tidy(at: at(3_000_002 + 3_600_000))
        #expect(try await !ledger.skipAgain(found("/in/d"), beneath: "/in", at: at(9_000_000)))
    }

    @Test func `a name that was used once says nothing of the next file with the same numbers`() async throws {
        try await skip("/in/a")
        try await ledger.recordGone(["/in/a"], at: at(1))
        #expect(try await ledger.skipAgain(found("/in/b"), beneath: "/in", at: at(2)))
        try await ledger.record([.settling(settling("/in/b", 2))], at: at(3))

        #expect(try await !ledger.skipAgain(found("/in/c"), beneath: "/in", at: at(4)))
    }

    @Test func `other rights leave a skipped file skipped, and other bytes do not`() async throws {
        try await skip("/in/a")
        var changed = version(1)
        changed.changed += 1
        try await ledger.recordSettling(
            [SettlingFile(FoundFile(folder: "inbox", path: "/in/a", version: changed), reason: "changed")],
            at: at(2)
        )
        #expect(try await state("/in/a") == .skipped)
        #expect(try await ledger.record(of: "/in/a")?.version == changed)

        // A disk that was mounted again may have other numbers.
        changed.device += 1
        changed.inode -= 1
        try await ledger.recordSettling(
            [SettlingFile(FoundFile(folder: "inbox", path: "/in/a", version: changed), reason: "changed")],
            at: at(2)
        )
        #expect(try await state("/in/a") == .skipped)
        #expect(try await ledger.record(of: "/in/a")?.version == changed)

        try await ledger.recordSettling([settling("/in/a", 2)], at: at(3))
        #expect(try await state("/in/a") == .settling)
    }

    @Test func `somebody who asks for one name of a file gets that one, and no other`() async throws {
        #expect(try await ledger.skip([found("/in/a"), found("/in/link")], at: at(1)) == [])
        let retried = try await ledger.retry(["/in/a"], watched: ["inbox"], at: at(2))
        #expect(retried.map(\.outcome) == [.settles])

        #expect(try await !ledger.skipAgain(found("/in/a"), beneath: "/in", at: at(3)))
        // The first look may go on, after a restart.
        try await ledger.tidy(at: at(3))
        #expect(try await ledger.skip([found("/in/a")], at: at(3)) == [found("/in/a")])
        #expect(try await state("/in/a") == .settling)
        #expect(try await state("/in/link") == .skipped)

        try await ledger.enqueue(media("/in/a"), at: at(4))
        #expect(try await state("/in/a") == .queued)
        try await ledger.recordGone(["/in/a"], at: at(5))
        try await ledger.tidy(at: at(5))
        #expect(try await ledger.skipAgain(found("/in/a"), beneath: "/in", at: at(6)))
    }

    @Test func `a skipped file that becomes a sidecar is one`() async throws {
        try await skip("/in/a.txt")
        #expect(try await ledger.unnoted(among: [found("/in/a.txt")]).count == 1)

        try await ledger.noteSidecar(found("/in/a.txt"), at: at(2))

        #expect(try await ledger.unnoted(among: [found("/in/a.txt")]).isEmpty)
        #expect(try await ledger.counts() == [:])
    }

    @Test func `upload after skip forgets what lies beneath the folder, and nothing else`() async throws {
        let paths = (0..<600).map { FilePath("/in/\($0)") } + ["/in2/a"]
        #expect(try await ledger.skip(paths.enumerated().map { found($1, Int64($0 + 1)) }, at: at(1)) == [])
        try await ledger.enqueue(media("/in/queued", 9999), at: at(1))

        _ = try await ledger.beginFirstLook(of: "/in", .upload, at: at(2))

        #expect(try await ledger.counts() == [.skipped: 1, .queued: 1])
        #expect(try await state("/in2/a") == .skipped)
    }
}
