/// A key that never prints itself: not in a description, not in a dump, not in an error that holds it.
package struct Secret: Hashable, Sendable {
    /// The key itself, for the request that needs it.
    package let revealed: String

    package init(_ value: String) {
        revealed = value
    }

    /// Whether these bytes have the secret somewhere.
    func isIn(_ bytes: some Collection<UInt8>) -> Bool {
        let secret = revealed.utf8
        guard let first = secret.first else { return false }
        var rest = bytes[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: secret) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    /// The text with each occurrence of the secret made unreadable.
    package func removed(from text: String) -> String {
        revealed.isEmpty ? text : text.replacing(revealed, with: description)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "••••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
