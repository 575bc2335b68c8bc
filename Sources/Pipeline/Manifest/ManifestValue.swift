/// A value of the manifest's JSON as it was written: numbers keep their digits, objects their order.
///
/// Not `Equatable`: Swift takes two spellings of one character for equal, but paths are bytes. Compare `utf8`.
package enum ManifestValue: Sendable {
    case null
    case truth(Bool)
    /// The number as it was written, so that none is rounded.
    case number(String)
    case text(String)
    case list([ManifestValue])
    case object([ManifestField])

    static func whole(_ number: Int64) -> ManifestValue { .number(String(number)) }

    package var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// A whole number: `5`, `5.0`, `5e0`.
    package var integer: Int64? {
        guard case .number(let digits) = self else { return nil }
        return Int64(digits) ?? Double(digits).flatMap { Int64(exactly: $0) }
    }

    package var truth: Bool? {
        if case .truth(let truth) = self { truth } else { nil }
    }

    /// The texts of a list; nil for any other value.
    package var texts: [String]? {
        if case .list(let items) = self { items.compactMap(\.text) } else { nil }
    }

    /// JSON text without white space.
    package var json: String {
        var json = JSONText()
        json.write(self)
        return json.text
    }
}

/// One name and value of an object.
package struct ManifestField: Sendable {
    package let name: String
    package let value: ManifestValue

    package init(_ name: String, _ value: ManifestValue) {
        self.name = name
        self.value = value
    }
}

extension [ManifestField] {
    /// The value of that name, compared by bytes; nil if there is none. If the name occurs twice, the last value
    /// counts.
    package subscript(name: String) -> ManifestValue? {
        last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }
}
