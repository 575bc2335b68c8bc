import Pipeline

/// Lenient reading, for the answers of both providers. A missing value, null, or a value of the wrong type reads as
/// nil; nothing throws.
extension JSON {
    /// The member with this name. Nil if there is none, if it is null, or if this is no object.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self, let value = members.last(where: { $0.name == name })?.value,
            value != .null
        else { return nil }
        return value
    }

    /// The member with this name as it came, even `null`. Nil only if there is none.
    func verbatim(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    var isObject: Bool {
        if case .object = self { true } else { false }
    }

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
        guard let text else { return nil }
        return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0) }
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
        guard case .object(let members) = self else { return [] }
        return members.compactMap { member in
            switch member.value {
            case .string(let value): HeaderField(member.name, value)
            case .number(let digits): HeaderField(member.name, digits)
            case .bool(let value): HeaderField(member.name, String(value))
            case .null, .array, .object: nil
            }
        }
    }
}
