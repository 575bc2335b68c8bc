import Pipeline

/// A JSON value as it came. Numbers keep their digits and objects keep their order, for values that must be echoed.
enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The number as it was written, so none is rounded.
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    /// A name and a value of an object.
    struct Member: Hashable, Sendable {
        let name: String
        let value: JSON
    }
}

extension JSON: ExpressibleByStringLiteral {
    init(stringLiteral value: String) {
        self = .string(value)
    }

    static func integer(_ value: Int64) -> JSON { .number(String(value)) }

    /// An object with those members that have a value.
    static func object(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }
}

extension JSON: CustomStringConvertible {
    /// JSON text without white space.
    var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let value): Self.write(value, to: &text)
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.name, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\", "\u{0}"..."\u{1F}": text += JSONEscape.text(for: scalar)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
