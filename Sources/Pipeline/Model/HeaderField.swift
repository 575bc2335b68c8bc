/// One HTTP header, sent or received: name and value byte for byte.
package struct HeaderField: Hashable, Sendable, Codable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
