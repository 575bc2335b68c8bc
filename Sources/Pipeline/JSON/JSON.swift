/// A JSON value as it was written: numbers keep their digits and objects keep their order, for values that are echoed.
package enum JSON: Sendable {
    case null
    case bool(Bool)
    /// The number as it was written, so none is rounded.
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    /// A name and a value of an object.
    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    package static func integer(_ value: Int64) -> JSON { .number(String(value)) }

    /// An object with those members that have a value.
    package static func object(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name, $0) } })
    }

    /// JSON text without white space.
    package var json: String {
        var text = JSONText()
        text.write(self)
        return text.text
    }
}

/// Values are equal if their texts are the same bytes.
///
/// Swift takes two spellings of one character for equal. Paths are bytes, and there the two spellings are two files.
extension JSON: Equatable {
    package static func == (left: JSON, right: JSON) -> Bool {
        left.json.utf8.elementsEqual(right.json.utf8)
    }
}

extension JSON.Member {
    package static func == (left: JSON.Member, right: JSON.Member) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8) && left.value == right.value
    }
}

extension JSON: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) {
        self = .string(value)
    }
}

// MARK: Strict access

// A value of another type reads as nil.

extension JSON {
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// A whole number: `5`, `5.0`, `5e0`.
    package var int64: Int64? {
        if case .number(let digits) = self { Self.wholeNumber(digits) } else { nil }
    }

    package var elements: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The strings of an array; its other items are left out.
    package var strings: [String]? {
        if case .array(let items) = self { items.compactMap(\.string) } else { nil }
    }

    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The whole number that these digits mean; nil if they mean none.
    package static func wholeNumber(_ digits: String) -> Int64? {
        Int64(digits) ?? Double(digits).flatMap { Int64(exactly: $0) }
    }
}

extension [JSON.Member] {
    /// The value of that name, compared by bytes; nil if there is none. If the name occurs twice, the last value
    /// counts.
    package subscript(name: String) -> JSON? {
        last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}
