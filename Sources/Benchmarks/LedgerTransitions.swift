import Ledger
import Pipeline
import SystemPackage
import Watch

/// All that the ledger records of files that go up in one PUT, from settling to uploaded. Eight are under way at
/// a time.
enum LedgerTransitions {
    static func measure(_ count: Int, in directory: FilePath) async throws -> Measurement {
        let ledger = try SQLiteLedger(directory: directory, logger: Samples.quiet)
        let identity = AccountIdentity(
            provider: "postbreeze",
            contract: "postbreeze",
            address: "https://api.example",
            proof: .owner,
            key: "key"
        )
        let account = ConfiguredAccount(name: "main", identity: identity)
        _ = try await ledger.adopt([account], folders: ["inbox": "main"], at: time)
        let book = ledger.book(of: account)
        let measurement = try await Measurement.of("ledger transitions", count) {
            for first in stride(from: 0, to: count, by: 256) {
                let numbers = first..<min(first + 256, count)
                try await ledger.recordSettling(
                    numbers.map { SettlingFile(Samples.found($0), reason: "new") },
                    at: time
                )
                try await sideBySide(Array(numbers)) { number in
                    _ = try await ledger.admit(Samples.media(number), at: time)
                }
            }
            while case let claimed = try await book.claim(.oldest(8), except: .nothing, at: time), !claimed.isEmpty {
                try await sideBySide(claimed) { try await upload($0.file, in: book) }
            }
        }
        let uploaded = try await ledger.counts()[.uploaded] ?? 0
        try WrongResult.check("ledger transitions", uploaded, is: count)
        return measurement
    }

    private static let time = Timestamp(milliseconds: 1_800_000_000_000)

    private static func upload(_ file: MediaFile, in book: any AssetBook) async throws {
        let number = Int(file.version.inode)
        let receipt = Samples.receipt(number)
        let piece = Piece(index: 0, range: 0..<file.size, url: "https://storage.example/\(number)?sig=1", headers: [])
        let ticket = Ticket(receipt: receipt, pieces: [piece], lifetime: 900, owner: "usr_1")
        _ = try await book.recordTicket(ticket, of: file, at: time)
        let digest = Samples.digest(number)
        try await book.recordBytes(digest, of: file, with: ticket, askedAt: time)
        try await book.complete(file, provider: "postbreeze", sha256: digest, receipt: receipt, at: time)
    }

    /// Works on eight values at a time.
    private static func sideBySide<Value: Sendable>(
        _ values: [Value],
        _ work: @escaping @Sendable (Value) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, value) in values.enumerated() {
                if number >= 8 { try await group.next() }
                group.addTask { try await work(value) }
            }
            try await group.waitForAll()
        }
    }
}
