import Pipeline

/// Lenient reading, for the answers of both providers. A missing value, null, or a value of the wrong type reads as
/// nil; nothing throws.
extension JSON {
    /// An answer's body as JSON, read by ``JSONReader/Grammar/lenient``; nil for other text.
    init?(lenient body: [UInt8]) {
        guard let value = try? JSONReader.value(of: body[...], as: .lenient) else { return nil }
        self = value
    }

    /// The member with this name. Nil if there is none, if it is null, or if this is no object.
    subscript(name: String) -> JSON? {
        if case .null? = verbatim(name) { nil } else { verbatim(name) }
    }

    /// The member with this name as it came, even `null`. Nil only if there is none.
    func verbatim(_ name: String) -> JSON? { members?[name] }

    var isObject: Bool { members != nil }

    /// A string that is not empty, or a number as it was written.
    var text: String? {
        switch self {
        case .string(let value): value.isEmpty ? nil : value
        case .number(let digits): digits
        default: nil
        }
    }

    /// A whole number: `5`, `5.0`, `5e0`, `"5"`.
    var integer: Int64? {
        text.flatMap(JSON.wholeNumber)
    }

    /// `true`, `"true"`, `1`, and their opposites.
    var flag: Bool? {
        switch self {
        case .bool(let value): value
        case .string(let value) where value.lowercased() == "true": true
        case .string(let value) where value.lowercased() == "false": false
        default: integer == 1 ? true : integer == 0 ? false : nil
        }
    }

    /// The items of an array; none for anything else.
    var items: [JSON] {
        if case .array(let items) = self { items } else { [] }
    }

    /// The members of an object as header fields, in their order.
    ///
    /// Values may be strings, numbers or booleans; null values are left out. Anything but an object has no fields: some
    /// servers send an empty map as `[]`.
    var headerFields: [HeaderField] {
        (members ?? []).compactMap { member in
            switch member.value {
            case .string(let value): HeaderField(member.name, value)
            case .number(let digits): HeaderField(member.name, digits)
            case .bool(let value): HeaderField(member.name, String(value))
            case .null, .array, .object: nil
            }
        }
    }
}
