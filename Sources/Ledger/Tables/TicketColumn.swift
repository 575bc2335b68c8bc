import Pipeline

// Tickets and answers as the JSON text of their columns. ``JSONColumn`` reads them.
//
// Each upload writes a ticket. Foundation's encoder took longer for it than SQLite.

extension Ticket {
    /// The ticket as its synthesized coding has it, with the same names.
    var column: String {
        JSON.object([
            "receipt": receipt.column,
            "pieces": .array(pieces.map(\.column)),
            "lifetime": lifetime.map(JSON.integer),
            "completion": completion.map(JSON.string),
            "owner": owner.map(JSON.string),
        ]).json
    }
}

extension [HeaderField] {
    var column: String { fields.json }

    fileprivate var fields: JSON {
        .array(map { .object(["name": .string($0.name), "value": .string($0.value)]) })
    }
}

extension Receipt {
    fileprivate var column: JSON {
        .object([
            "assetURN": assetURN.map(JSON.string),
            "mediaID": mediaID.map(JSON.string),
            "publicURL": publicURL.map(JSON.string),
            "recipes": .array(recipes.map(JSON.string)),
            "status": .string(status.rawValue),
        ])
    }
}

extension Piece {
    fileprivate var column: JSON {
        .object([
            "index": .integer(Int64(index)),
            "range": .array([.integer(range.lowerBound), .integer(range.upperBound)]),
            "url": .string(url),
            "headers": headers.fields,
        ])
    }
}
