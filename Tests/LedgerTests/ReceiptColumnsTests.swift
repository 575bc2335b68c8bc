import GRDB
import Pipeline
import Testing

@testable import Ledger

@Suite struct ReceiptColumnsTests {
    private let database: DatabaseQueue

    init() throws {
        var configuration = Configuration()
        // The rows of these tests have no account.
        configuration.foreignKeysEnabled = false
        database = try DatabaseQueue(configuration: configuration)
        try Schema.migrator.migrate(database)
    }

    private func keep(_ receipt: Receipt) throws {
        let content = AssetsTable.Content(
            provider: "postbreeze",
            account: "main",
            size: 1,
            sha256: SHA256Digest(bytes: [UInt8](repeating: 7, count: 32)),
            mime: .jpeg,
            kind: .image,
            receipt: receipt,
            uploadedAt: .atOnce
        )
        try database.write { db in
            try db.execute(sql: "DELETE FROM assets")
            _ = try AssetsTable.add(content, of: 1, firstLook: .atOnce, isClaimed: false, in: db)
        }
    }

    private var receipt: Receipt? {
        get throws {
            try database.read { db in
                try db.row("SELECT id, \(ReceiptColumns.list) FROM assets").map {
                    try ReceiptColumns.receipt($0, at: 1)
                }
            }
        }
    }

    @Test func `each field has its column, and those that were released keep their names`() throws {
        let columns = try database.read { db in try db.columns(in: "assets").map(\.name) }

        let released = ["asset_urn", "media_id", "public_url", "recipes", "status"]
        #expect(Set(ReceiptColumns.names).isSuperset(of: released))
        #expect(ReceiptColumns.names.count == Receipt.fields.count)
        #expect(Set(columns).isSuperset(of: ReceiptColumns.names))
    }

    @Test(arguments: [
        Receipt(status: .ready), Receipt(assetURN: "urn:li:1", recipes: ["a/b", "\"", "é"], status: .processing),
        Receipt(mediaID: "med_1", publicURL: "https://x/1", status: .failed),
        Receipt(assetURN: "7", mediaID: "[1]", publicURL: "", recipes: [""], status: .unknown),
    ])
    func `a receipt is read as it was kept`(kept: Receipt) throws {
        try keep(kept)

        #expect(try receipt == kept)
    }

    @Test func `a list that an older version wrote is read`() throws {
        try keep(Receipt(status: .ready))
        try database.write { try $0.execute(sql: #"UPDATE assets SET recipes = '["a\/b"]'"#) }

        #expect(try receipt?.recipes == ["a/b"])
    }

    @Test(arguments: ["status = 'x'", "status = ''", "recipes = '['", "recipes = ''"])
    func `what none of our versions wrote is damage`(change: String) throws {
        try keep(Receipt(status: .ready))
        try database.write { try $0.execute(sql: "UPDATE assets SET \(change)") }

        #expect { try receipt } throws: { ($0 as? DatabaseError)?.resultCode == .SQLITE_CORRUPT }
    }
}
