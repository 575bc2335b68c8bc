import Pipeline
import SystemPackage
import Testing

@testable import Ledger

@Suite struct AssetBookTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger
    private let file = media("/in/a")
    private let ticket = Ticket(
        receipt: receipt("m1", .unknown),
        pieces: [Piece(index: 0, range: 0..<11, url: "https://s/x?sig=1", headers: [HeaderField("A", "b\"ü")])],
        lifetime: 900,
        completion: "{\"k\":1}"
    )

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    // MARK: Uploads under way

    @Test func `a restart finds the last step that was recorded`() async throws {
        let answers = [1, 0].map { PieceAnswer(index: $0, status: 201, headers: [HeaderField("etag", "\"\($0)\"")]) }
        #expect(try await ledger.upload(of: file) == nil)

        try await ledger.beginUpload(of: file, at: at(2))
        #expect(try await ledger.upload(of: file) == UploadUnderWay(ticket: nil, askedAt: at(2), answers: []))

        try await ledger.recordTicket(ticket, of: file, at: at(3))
        for answer in answers { try await ledger.recordAnswer(answer, of: file) }
        try ledger.close()
        let next = try folder.ledger()

        let expected = UploadUnderWay(ticket: ticket, askedAt: at(3), answers: answers.reversed())
        #expect(try await next.upload(of: file) == expected)
    }

    @Test func `an answer that comes twice is one answer, and asking again forgets all of them`() async throws {
        try await ledger.recordTicket(ticket, of: file, at: at(3))
        for status in [200, 201] {
            try await ledger.recordAnswer(PieceAnswer(index: 0, status: status, headers: []), of: file)
        }
        #expect(try await ledger.upload(of: file)?.answers.map(\.status) == [201])

        try await ledger.beginUpload(of: file, at: at(5))

        #expect(try await ledger.upload(of: file) == UploadUnderWay(ticket: nil, askedAt: at(5), answers: []))
    }

    @Test func `asking for another version or account forgets the upload`() async throws {
        for other in [media("/in/a", 2), media("/in/a", account: "other")] {
            try await ledger.beginUpload(of: file, at: at(2))

            #expect(try await ledger.upload(of: other) == nil)
            #expect(try await ledger.upload(of: file) == nil)
        }
    }

    @Test func `steps of an older version do not touch the newer one's upload`() async throws {
        let newer = media("/in/a", 2)
        try await ledger.start(newer)
        try await ledger.recordTicket(ticket, of: newer, at: at(2))

        try await ledger.beginUpload(of: file, at: at(3))
        try await ledger.recordTicket(ticket, of: file, at: at(3))
        try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)
        try await ledger.dropUpload(of: file)

        #expect(try await ledger.upload(of: newer) == UploadUnderWay(ticket: ticket, askedAt: at(2), answers: []))
    }

    @Test func `an upload follows its file to another path, and its parts go again`() async throws {
        try await ledger.start(file)
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)
        try await ledger.recordGone(["/in/a"], at: at(3))
        let moved = media("/in/b").after(change: 1)
        try await ledger.start(moved)

        let upload = try await ledger.upload(of: moved)

        #expect(upload == UploadUnderWay(ticket: ticket, askedAt: at(2), answers: []))
        #expect(try await ledger.upload(of: moved) == upload)
        #expect(try await ledger.upload(of: file) == nil)
    }

    @Test func `an upload follows its file to another directory's name with the parts that were sent`() async throws {
        try await ledger.start(file)
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)
        try await ledger.recordGone(["/in/a"], at: at(3))
        // A directory that is renamed changes nothing of the files in it.
        let moved = media("/in/d/a")
        try await ledger.start(moved)

        #expect(try await ledger.upload(of: moved)?.answers.count == 1)
    }

    @Test func `an upload follows no file of other bytes or of another account, and none from a file that is there`()
        async throws
    {
        try await ledger.start(file)
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        let copy = media("/in/b").after(change: 1)
        try await ledger.start(copy)
        #expect(try await ledger.upload(of: copy) == nil, "the file is still there")
        try await ledger.recordGone(["/in/a"], at: at(3))

        for other in [media("/in/b", 2), media("/in/b", account: "other").after(change: 1)] {
            try await ledger.start(other)
            #expect(try await ledger.upload(of: other)?.ticket == nil)
        }

        try await ledger.start(file)
        #expect(try await ledger.upload(of: file)?.ticket == ticket)
    }

    @Test func `a file whose ctime alone changed keeps its ticket, and sends all parts again`() async throws {
        let touched = file.after(change: 1)
        try await ledger.start(file)
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)
        try await ledger.start(touched)

        #expect(
            try await ledger.upload(of: touched) == UploadUnderWay(ticket: ticket, askedAt: at(2), answers: [])
        )

        // What the older version's try still has to say is not about these bytes.
        try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)
        #expect(try await ledger.upload(of: file) == nil)
        try await ledger.dropUpload(of: file)
        #expect(try await ledger.upload(of: touched)?.ticket == ticket)
        #expect(try await ledger.upload(of: touched)?.answers == [])
    }

    @Test func `a file that moves onto one with an upload of its own takes its ticket along`() async throws {
        let there = media("/in/b", 2)
        try await ledger.start(there)
        try await ledger.beginUpload(of: there, at: at(1))
        try await ledger.start(file)
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        try await ledger.recordGone(["/in/a"], at: at(3))
        let moved = media("/in/b").after(change: 1)
        try await ledger.start(moved)

        #expect(try await ledger.upload(of: moved)?.ticket == ticket)
        #expect(try await ledger.upload(of: there) == nil)
    }

    @Test func `a dropped upload is forgotten with its answers`() async throws {
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)

        try await ledger.dropUpload(of: file)
        #expect(try await ledger.upload(of: file) == nil)
        try await ledger.recordTicket(ticket, of: file, at: at(3))

        #expect(try await ledger.upload(of: file)?.answers == [])
    }

    // MARK: Results

    @Test func `a finished upload is asset, file and entry`() async throws {
        try await ledger.start(file)
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        try await ledger.complete(file, provider: "postbreeze", sha256: digest(7), receipt: receipt("m7"), at: at(5))

        let entry = ManifestEntry(
            folder: "inbox",
            kind: .image,
            mimeType: .jpeg,
            bytes: 11,
            sha256: digest(7),
            provider: "postbreeze",
            account: "main",
            receipt: receipt("m7"),
            present: true,
            uploadedAt: at(5),
            revision: 1
        )
        #expect(try await ledger.entry("/in/a") == entry)
        #expect(try await ledger.state("/in/a") == .uploaded)
        #expect(try await ledger.upload(of: file) == nil)
        #expect(try await ledger.assets(account: "main", size: 11).map(\.sha256) == [digest(7)])
        #expect(try await ledger.assets(account: "other", size: 11).isEmpty)
        #expect(try await ledger.assets(account: "main", size: 12).isEmpty)
    }

    @Test func `assets of one size are told newest first`() async throws {
        try await ledger.upload(media("/in/a"), 1)
        try await ledger.upload(media("/in/b"), 2)

        #expect(try await ledger.assets(account: "main", size: 11).map(\.sha256) == [digest(2), digest(1)])
    }

    @Test func `completing twice changes the manifest once`() async throws {
        try await ledger.upload(file)
        try await ledger.upload(file)

        #expect(try await ledger.revision() == 1)
    }

    @Test func `a file that has another version by now gets the entry and keeps its state`() async throws {
        try await ledger.start(file)
        try await ledger.enqueue(media("/in/a", 2), at: at(3))
        try await ledger.beginUpload(of: media("/in/a", 2), at: at(4))

        try await ledger.complete(file, provider: "p", sha256: digest(1), receipt: receipt("m1"), at: at(5))

        #expect(try await ledger.entry("/in/a")?.receipt == receipt("m1"))
        #expect(try await ledger.state("/in/a") == .queued)
        #expect(try await ledger.upload(of: media("/in/a", 2))?.askedAt == at(4))
    }

    @Test func `an older version that ends late does not take the place of a newer one that is through`() async throws {
        try await ledger.start(file)
        try await ledger.upload(media("/in/a", 2), 2)
        let newer = try await ledger.entry("/in/a")

        try await ledger.complete(file, provider: "p", sha256: digest(1), receipt: receipt("late"), at: at(5))

        #expect(try await ledger.entry("/in/a") == newer)
        #expect(try await ledger.assets(account: "main", size: file.size).contains { $0.sha256 == digest(1) })
    }

    @Test func `an older version that ends late does not take the place of a newer one's rejection`() async throws {
        try await ledger.start(file)
        try await ledger.reject(found("/in/a", 2), tooLarge, at: at(3))

        try await ledger.complete(file, provider: "p", sha256: digest(1), receipt: receipt("late"), at: at(5))

        #expect(try await ledger.entry("/in/a") == nil)
        #expect(try await ledger.state("/in/a") == .rejected)
    }

    @Test func `a file that left while it went up gets its entry as not present`() async throws {
        try await ledger.start(file)
        try await ledger.recordGone(["/in/a"], at: at(2))

        try await ledger.complete(file, provider: "p", sha256: digest(1), receipt: receipt("m1"), at: at(5))

        #expect(try await ledger.entry("/in/a")?.present == false)
        #expect(try await ledger.state("/in/a") == .gone)
    }

    @Test func `two equal files that go up side by side are one asset, the one recorded first`() async throws {
        let ledger = ledger
        let paths = (0..<8).map { FilePath("/in/\($0)") }
        for path in paths { try await ledger.start(media(path)) }
        await withTaskGroup(of: Void.self) { group in
            for path in paths {
                group.addTask {
                    try? await ledger.complete(
                        media(path),
                        provider: "p",
                        sha256: digest(1),
                        receipt: receipt(path.string),
                        at: at(5)
                    )
                }
            }
        }

        let assets = try await ledger.assets(account: "main", size: 11)
        #expect(assets.count == 1)
        #expect(try await ledger.paths(ofAsset: assets[0].id) == paths)
        guard case .entry(let first)? = try await ledger.changes(after: 0, limit: 1).first?.row.content else {
            Issue.record("no entry")
            return
        }
        for path in paths { #expect(try await ledger.entry(path)?.receipt == first.receipt) }
        #expect(try await ledger.counts() == [.uploaded: 8])
    }

    @Test func `an asset that its provider could not process is not handed out, and the same bytes make a new one`()
        async throws
    {
        try await ledger.upload(file, 1, .processing)
        let look = try #require(try await ledger.processing(account: "main", at: at(9), limit: 1).first)
        try await ledger.recordStatus(.failed, of: look, nextLook: nil, at: at(9))
        #expect(try await ledger.assets(account: "main", size: 11).isEmpty)

        let copy = media("/in/b")
        try await ledger.start(copy)
        try await ledger.complete(copy, provider: "p", sha256: digest(1), receipt: receipt("anew"), at: at(10))

        #expect(try await ledger.entry("/in/a")?.receipt == receipt("m1", .failed))
        #expect(try await ledger.entry("/in/b")?.receipt == receipt("anew"))
        let known = try await ledger.assets(account: "main", size: 11)
        #expect(known.count == 1 && known.first?.id != look.id)
    }

    @Test func `an asset that the ledger does not have is refused, and nothing is written`() async throws {
        try await ledger.start(file)

        await #expect(throws: LedgerError.self) {
            try await ledger.reuse(KnownAsset(id: 99, sha256: digest(1)), for: file, movedFrom: nil, at: at(2))
        }

        #expect(try await ledger.state("/in/a") == .uploading)
        #expect(try await ledger.revision() == 0)
    }

    // MARK: Looking again

    @Test func `a clock that jumped back does not stop the looking`() async throws {
        try await ledger.upload(file, 1, .processing)
        let asset = try #require(try await ledger.processing(account: "main", at: at(5), limit: 9).first)
        try await ledger.recordStatus(.processing, of: asset, nextLook: at(120_001), at: at(6))

        #expect(try await ledger.processing(account: "main", at: at(1), limit: 9).isEmpty)
        #expect(try await ledger.processing(account: "main", at: at(0), limit: 9).count == 1)
    }

    @Test func `a processing asset is looked at from its upload on, until it is ready`() async throws {
        try await ledger.upload(file, 1, .processing)
        try await ledger.upload(media("/in/b"), 2)
        #expect(try await ledger.nextLook(account: "main") == .atOnce)
        let first = try #require(try await ledger.processing(account: "main", at: at(5), limit: 9).first)
        #expect(first.receipt == receipt("m1", .processing))
        #expect(first.uploadedAt == at(5))

        try await ledger.recordStatus(.processing, of: first, nextLook: at(20), at: at(6))
        #expect(try await ledger.revision() == 2)
        #expect(try await ledger.processing(account: "main", at: at(19), limit: 9).isEmpty)
        let second = try #require(try await ledger.processing(account: "main", at: at(20), limit: 9).first)
        #expect(second.looks == 1)
        try await ledger.recordStatus(.ready, of: second, nextLook: nil, at: at(21))

        #expect(try await ledger.nextLook(account: "main") == nil)
        #expect(try await ledger.events() == [.uploaded, .uploaded, .updated])
        #expect(try await ledger.entry("/in/a")?.receipt.status == .ready)
    }

    @Test func `all entries that show an asset change with its status`() async throws {
        try await ledger.upload(file, 1, .processing)
        let asset = try #require(try await ledger.assets(account: "main", size: 11).first)
        try await ledger.start(media("/in/b"))
        try await ledger.reuse(asset, for: media("/in/b"), movedFrom: nil, at: at(6))
        let look = try #require(try await ledger.processing(account: "main", at: at(9), limit: 1).first)

        try await ledger.recordStatus(.failed, of: look, nextLook: nil, at: at(9))

        let changes = try await ledger.changes(after: 2, limit: 9)
        #expect(changes.map(\.row.path) == ["/in/a", "/in/b"])
        #expect(changes.map(\.revision) == [3, 4])
        #expect(changes.map(\.event) == [.updated, .updated])
    }
}
