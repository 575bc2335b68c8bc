import GRDB
import Pipeline

/// A receipt in columns of ``AssetsTable``: one for each of its fields, in their order.
///
/// A new field needs its column (a migration) and nothing here. `assetUrn` stands in `asset_urn`. Strings stand as they
/// are, whole numbers as integers, anything else as JSON text.
enum ReceiptColumns {
    static let names = Receipt.fields.flatMap(\.names).map(column(of:))

    static let list = names.joined(separator: ", ")

    static func values(of receipt: Receipt) -> Bindings {
        let members = Receipt.fields.fields(of: receipt, times: .milliseconds)
        return Bindings(Receipt.fields.flatMap(\.names).map { value(of: members[$0]) })
    }

    /// Reads the columns, which begin at this one. Throws SQLITE_CORRUPT for values that none of our versions wrote.
    static func receipt(_ row: StoredRow, at column: Int) throws -> Receipt {
        let members = try zip(Receipt.fields, 0...).compactMap { field, index in
            try json(row[column + index], isString: field.isString).map { JSON.Member(field.names[0], $0) }
        }
        guard let receipt = Receipt.fields.filled(Receipt(status: .unknown), from: members) else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT,
                message: "a receipt that lacks a field, or has an unknown value"
            )
        }
        return receipt
    }

    private static func value(of json: JSON?) -> (any Bindable)? {
        switch json {
        case nil, .null: nil
        case .string(let text): text
        case let json?: json.int64 ?? json.json
        }
    }

    /// Nil for NULL: the field is left out.
    private static func json(_ value: StoredValue, isString: Bool) throws -> JSON? {
        switch value {
        case .null: return nil
        case .integer(let number): return .integer(number)
        case .text(let text) where isString: return .string(text)
        case .text(let text):
            if let json = try? JSONReader.value(of: Array(text.utf8)[...]) { return json }
        case .blob: break
        }
        throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown value \(value)")
    }

    /// `assetUrn` as SQL has it: `asset_urn`.
    private static func column(of name: String) -> String {
        name.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }
}
