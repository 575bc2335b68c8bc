import Pipeline
import SystemPackage
import Testing
import Watch

@testable import Ledger

/// Uploads that are known by the bytes that went with them.
@Suite struct AssetBookBytesTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger
    private let file = media("/in/a")
    private let ticket = Ticket(receipt: receipt("m1", .unknown), pieces: [], lifetime: 900, completion: nil)

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    /// An upload of which the first piece was answered, and the last byte has gone.
    private func send(_ file: MediaFile, bytes: UInt8 = 1, at time: Timestamp = at(2)) async throws {
        try await ledger.start(file)
        try await ledger.beginUpload(of: file, at: time)
        try await ledger.recordTicket(ticket, of: file, at: time)
        try await ledger.recordAnswer(PieceAnswer(index: 0, status: 200, headers: []), of: file)
        try await ledger.recordBytes(digest(bytes), of: file, with: ticket, askedAt: time)
    }

    @Test func `a copy goes on with the upload of its bytes and its answers, in place of the first file`() async throws
    {
        let copy = media("/in/b").written(7)
        try await send(file)
        try await ledger.start(copy)
        #expect(try await ledger.hasUploads(besides: copy))
        #expect(try await !ledger.hasUploads(besides: file), "its own is no other one")

        #expect(try await ledger.upload(of: copy, sha256: digest(1))?.answers.count == 1)

        #expect(try await ledger.upload(of: copy)?.ticket == ticket)
        #expect(try await ledger.upload(of: file) == nil)
        #expect(try await ledger.upload(of: file, sha256: digest(1))?.answers.count == 1, "and back")
    }

    @Test(arguments: [false, true])
    func `bytes that go although another file has come to the path are known all the same`(asked: Bool) async throws {
        let moved = media("/in/b").written(7)
        let other = media("/in/a", 2)
        try await ledger.start(file)
        try await ledger.beginUpload(of: file, at: at(2))
        if asked { try await ledger.recordTicket(ticket, of: file, at: at(2)) }
        try await ledger.start(other)
        try await ledger.beginUpload(of: other, at: at(3))

        try await ledger.recordBytes(digest(1), of: file, with: ticket, askedAt: at(2))
        try await ledger.start(moved)

        #expect(try await ledger.hasUploads(besides: moved))
        let left = try await ledger.upload(of: moved, sha256: digest(1))
        #expect(left?.ticket == ticket && left?.askedAt == at(2))
        #expect(try await ledger.upload(of: other)?.askedAt == at(3), "its own stays")
    }

    @Test func `nobody goes on with an upload of other bytes, of another size or of another account`() async throws {
        let others = [media("/in/b").written(7), media("/in/c", 2), media("/in/d", account: "other").written(7)]
        try await send(file)
        for other in others { try await ledger.start(other) }

        #expect(try await ledger.upload(of: others[0], sha256: digest(2)) == nil)
        #expect(try await ledger.upload(of: others[0]) == nil, "it was not read")
        for other in others.dropFirst() {
            #expect(try await !ledger.hasUploads(besides: other))
            #expect(try await ledger.upload(of: other, sha256: digest(1))?.ticket == nil)
        }
        #expect(try await ledger.upload(of: file)?.ticket == ticket)
    }

    @Test func `when a touched file turns out to have other bytes, its upload waits for a file that has them`()
        async throws
    {
        let touched = file.written(7)
        try await send(file)
        try await ledger.start(touched)
        #expect(try await ledger.hasUploads(besides: touched))

        #expect(try await ledger.upload(of: touched, sha256: digest(2)) == nil)
        try await ledger.beginUpload(of: touched, at: at(3))

        let copy = media("/in/b").written(8)
        try await ledger.start(copy)
        #expect(try await ledger.upload(of: copy, sha256: digest(1))?.answers.count == 1)
        #expect(try await ledger.upload(of: touched)?.askedAt == at(3))
    }

    @Test func `what is begun for other bytes leaves an upload to a file that has its bytes`() async throws {
        let touched = file.written(7)
        let copy = media("/in/b").written(8)
        try await send(file)
        try await ledger.start(touched)

        try await ledger.beginUpload(of: touched, at: at(3))

        #expect(try await ledger.upload(of: copy, sha256: digest(1))?.ticket == ticket)
    }

    @Test func `what was begun for a file is recorded also when the file was touched meanwhile`() async throws {
        try await ledger.start(file)
        try await ledger.start(file.written(7))

        try await ledger.beginUpload(of: file, at: at(2))
        try await ledger.recordTicket(ticket, of: file, at: at(3))

        #expect(try await ledger.upload(of: file)?.ticket == ticket)
    }

    @Test func `of several uploads of its bytes a file goes on with the one at its own path`() async throws {
        let touched = file.written(7)
        try await send(media("/in/b").written(50), at: at(3))
        try await send(file)
        try await ledger.start(touched)

        #expect(try await ledger.upload(of: touched, sha256: digest(1))?.askedAt == at(2))
    }

    @Test func `a file that left its path to another one goes on with its upload though nobody read it`() async throws {
        let moved = media("/in/b")
        try await send(file)
        try await ledger.start(media("/in/a", 2))
        try await ledger.start(moved)
        #expect(try await !ledger.hasUploads(besides: moved), "it is of this very version")

        #expect(try await ledger.upload(of: moved)?.answers.count == 1)
    }

    @Test func `what may be other bytes by now is known by none until they are named, and its parts go again`()
        async throws
    {
        let renamed = file.after(change: 1)
        let copy = media("/in/b").written(7)
        try await send(file)
        try await ledger.start(renamed)

        #expect(try await ledger.upload(of: renamed) == UploadUnderWay(ticket: ticket, askedAt: at(2), answers: []))
        try await ledger.start(copy)

        #expect(try await !ledger.hasUploads(besides: copy))
        #expect(try await ledger.upload(of: copy, sha256: digest(1)) == nil)
        try await ledger.recordBytes(digest(1), of: renamed, with: ticket, askedAt: at(2))
        #expect(try await ledger.upload(of: copy, sha256: digest(1))?.ticket == ticket)
    }

    @Test func `a file with other bytes and the same times leaves the upload to those who have its bytes`() async throws
    {
        let rewritten = file.after(change: 1)
        try await send(file)
        try await ledger.start(rewritten)

        #expect(try await ledger.upload(of: rewritten, sha256: digest(2)) == nil)

        // Whatever becomes of the file, a copy of the first bytes finds them.
        try await ledger.beginUpload(of: rewritten, at: at(5))
        try await ledger.leaveUpload(of: rewritten)
        let copy = media("/in/b").written(7)
        try await ledger.start(copy)
        #expect(try await ledger.upload(of: copy, sha256: digest(1))?.ticket == ticket)
    }

    @Test func `two files that change places keep each its own upload`() async throws {
        try await send(file)
        try await send(media("/in/b").written(50), bytes: 2, at: at(3))

        let first = media("/in/b").after(change: 1)
        let second = media("/in/a").written(50).after(change: 1)
        try await ledger.start(first)
        try await ledger.start(second)

        #expect(try await ledger.upload(of: second, sha256: digest(2))?.askedAt == at(3))
        #expect(try await ledger.upload(of: first, sha256: digest(1))?.askedAt == at(2))
    }

    @Test func `an upload without a file is kept for a day`() async throws {
        let day: Int64 = 86_400_000
        let copy = media("/in/b").written(7)
        try await send(file)
        try await ledger.start(media("/in/a", 2))

        try await ledger.forgetOld(at: at(2 + day))
        #expect(try await ledger.hasUploads(besides: copy))
        try await ledger.forgetOld(at: at(3 + day))

        #expect(try await !ledger.hasUploads(besides: copy))
    }

    @Test func `an upload whose file is gone is kept for a day, whether its last byte has gone or not`() async throws {
        let day: Int64 = 86_400_000
        let begun = media("/in/b", 3)
        let other = media("/in/e", 5)
        try await send(file)
        try await ledger.start(begun)
        try await ledger.recordTicket(ticket, of: begun, at: at(2))
        try await ledger.recordGone([file.path, begun.path], at: at(2))

        try await ledger.beginUpload(of: other, at: at(2 + day))
        try await ledger.forgetOld(at: at(2 + day))
        #expect(try await ledger.upload(of: begun)?.ticket == ticket)
        #expect(try await ledger.upload(of: file)?.ticket == ticket)
        try await ledger.forgetOld(at: at(3 + day))

        #expect(try await ledger.upload(of: begun) == nil)
        #expect(try await ledger.upload(of: file) == nil)
        #expect(try await ledger.upload(of: other) != nil)
    }

    @Test func `an upload without a file is forgotten once its bytes have an asset`() async throws {
        let copy = media("/in/b").written(7)
        try await send(file)
        try await ledger.start(media("/in/a", 2))
        #expect(try await ledger.hasUploads(besides: copy))

        try await ledger.upload(copy, 1)

        #expect(try await !ledger.hasUploads(besides: media("/in/c").written(8)))
    }

    @Test func `a file that changed leaves its upload if all bytes may be there, else none`() async throws {
        try await ledger.start(file)
        try await ledger.recordTicket(ticket, of: file, at: at(2))
        try await ledger.leaveUpload(of: file)
        #expect(try await ledger.upload(of: file) == nil)

        try await send(file)
        try await ledger.leaveUpload(of: file)
        #expect(try await ledger.upload(of: file)?.ticket == ticket)
    }

    @Test func `a file with known bytes leaves an upload of other ones to whoever has them`() async throws {
        let touched = file.written(7)
        let copy = media("/in/b").written(8)
        try await ledger.upload(media("/in/k").written(6), 9)
        try await send(file)
        try await ledger.start(touched)
        let known = try #require(try await ledger.assets(account: "main", size: file.size).first)

        try await ledger.reuse(known, for: touched, movedFrom: nil, at: at(5))

        #expect(try await ledger.upload(of: copy, sha256: digest(1))?.ticket == ticket)
    }
}

extension MediaFile {
    /// The same file of the same size, written or touched at another time.
    fileprivate func written(_ number: Int64) -> MediaFile {
        with {
            $0.modified += number * 100
            $0.changed += number * 100
        }
    }
}
