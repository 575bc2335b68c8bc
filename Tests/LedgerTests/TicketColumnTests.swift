import FoundationEssentials
import Pipeline
import Testing

@testable import Ledger

@Suite struct TicketColumnTests {
    private let full = Ticket(
        receipt: Receipt(
            assetURN: "urn:li:digitalmediaAsset:1",
            mediaID: "med_1",
            publicURL: "https://cdn.example/a%20b\u{85}.pdf",
            recipes: ["feedshare-document", "é\u{2028}\""],
            status: .processing
        ),
        pieces: [
            Piece(index: 0, range: 0..<4_294_967_297, url: "https://s.example/0?X=a/b\\c", headers: []),
            Piece(
                index: 1,
                range: 4_294_967_297..<9_223_372_036_854_775_807,
                url: "https://s.example/1",
                headers: [HeaderField("Content-Type", "image/jpeg"), HeaderField("x-a", "\u{1F600}\t")]
            ),
        ],
        lifetime: 900,
        completion: #"{"a":[1,"\u0000"]}"#,
        owner: "user_1"
    )

    @Test func `a ticket is read back as it was written`() throws {
        let bare = Ticket(receipt: Receipt(status: .unknown), pieces: [])

        #expect(try JSONColumn.value(Ticket.self, full.column) == full)
        #expect(try JSONColumn.value(Ticket.self, bare.column) == bare)
        let headers = full.pieces[1].headers
        #expect(try JSONColumn.value([HeaderField].self, headers.column) == headers)
    }

    /// A field that is new in a ticket must not be forgotten here.
    @Test func `every field of a ticket is written`() throws {
        func names(_ text: String) throws -> [String] {
            func names(_ json: JSON) -> [String] {
                switch json {
                case .object(let members): members.flatMap { [$0.name] + names($0.value) }
                case .array(let items): items.flatMap(names)
                default: []
                }
            }
            return names(try JSONReader.value(of: Array(text.utf8)[...])).sorted()
        }
        let synthesized = String(decoding: try JSONEncoder().encode(full), as: UTF8.self)

        #expect(try names(full.column) == names(synthesized))
    }
}
