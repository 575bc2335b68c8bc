import Pipeline
import SystemPackage
import Testing

@testable import Ledger

/// What the try of an older version may still record once a newer one was noted.
@Suite struct AssetBookVersionTests {
    private let folder: TemporaryFolder
    private let ledger: SQLiteLedger
    private let file = media("/in/a")
    private let ticket = Ticket(receipt: receipt("m1", .unknown), pieces: [], lifetime: 900, completion: nil)

    init() throws {
        folder = try TemporaryFolder()
        ledger = try folder.ledger()
    }

    @Test func `a ticket that comes after the file was touched is found by the newer version`() async throws {
        let touched = file.after(change: 1)
        try await ledger.start(file)
        try await ledger.beginUpload(of: file, at: at(2))
        try await ledger.start(touched)

        try await ledger.recordTicket(ticket, of: file, at: at(3))

        let expected = UploadUnderWay(ticket: ticket, askedAt: at(3), answers: [])
        #expect(try await ledger.upload(of: touched) == expected)
    }

    @Test func `a touched file's own ticket stays when that of the older version comes late`() async throws {
        let touched = file.after(change: 1)
        let late = Ticket(receipt: receipt("late"), pieces: [], lifetime: 900, completion: nil)
        try await ledger.start(file)
        try await ledger.beginUpload(of: file, at: at(2))
        try await ledger.start(touched)
        try await ledger.beginUpload(of: touched, at: at(3))
        try await ledger.recordTicket(ticket, of: touched, at: at(4))

        try await ledger.recordTicket(late, of: file, at: at(5))

        let expected = UploadUnderWay(ticket: ticket, askedAt: at(4), answers: [])
        #expect(try await ledger.upload(of: touched) == expected)
    }

    @Test func `nothing is recorded for bytes that others have replaced`() async throws {
        try await ledger.start(file)
        try await ledger.beginUpload(of: file, at: at(2))
        try await ledger.start(media("/in/a", 2))

        try await ledger.recordTicket(ticket, of: file, at: at(3))
        #expect(try await ledger.upload(of: file) == nil)

        try await ledger.beginUpload(of: file, at: at(4))
        #expect(try await ledger.upload(of: file) == nil)
    }
}
