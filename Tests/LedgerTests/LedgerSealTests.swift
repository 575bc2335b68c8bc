import Foundation
import GRDB
import Pipeline
import SystemPackage
import Testing

@testable import Ledger

/// Whether a start may leave the pages of a ledger unread.
@Suite(.timeLimit(.minutes(5))) struct LedgerSealTests {
    private let folder: TemporaryFolder
    private var seal: LedgerSeal { LedgerSeal(of: folder.database.string) }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func close() async throws {
        let ledger = try folder.ledger()
        try await ledger.upload(media("/in/a"))
        try ledger.close()
    }

    @Test func `a ledger that was closed is sealed, and nobody else may read the seal`() async throws {
        try await close()

        #expect(seal.holds)
        #expect(try folder.mode(of: "outtray.db-seal") == 0o600)
    }

    @Test func `a seal does not hold while a ledger is open, or after a kill`() async throws {
        try await close()
        let ledger = try folder.ledger()
        try await ledger.enqueue(media("/in/b"), at: at(1))

        #expect(!seal.holds, "the log has what the file lacks")
        try ledger.close()
        #expect(seal.holds)
    }

    @Test func `a write breaks the seal, also one of the same bytes right after the closing`() async throws {
        for _ in 0..<20 {
            try? FileManager.default.removeItem(atPath: folder.database.string)
            try await close()
            let file = try FileDescriptor.open(folder.database, .readWrite)
            try file.closeAfter {
                var page = [UInt8](repeating: 0, count: 16)
                _ = try page.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 8192, into: $0) }
                _ = try file.writeAll(toAbsoluteOffset: 8192, page)
            }

            #expect(!seal.holds)
        }
    }

    @Test(arguments: ["", "garbage\n", "1 2 3 4 5\n"])
    func `a seal of something else does not hold`(text: String) async throws {
        try await close()
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.database.string + "-seal"))

        #expect(!seal.holds)
        try folder.ledger().close()
    }

    @Test func `a copy of a sealed ledger is read whole`() async throws {
        try await close()
        let bytes = try folder.bytes()
        try FileManager.default.removeItem(atPath: folder.database.string)
        try folder.write(bytes)

        #expect(!seal.holds)
    }

    @Test func `a ledger in which damage was met is not sealed`() async throws {
        try await close()
        let ledger = try folder.ledger()
        await #expect(throws: LedgerError.self) {
            try await ledger.write { _ in throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a page") }
        }
        try ledger.close()

        #expect(!FileManager.default.fileExists(atPath: folder.database.string + "-seal"))
    }
}
