import FoundationEssentials

/// What names a host of a fleet: a UUID, made once with the host's ledger.
///
/// A host's name is for people. It may change, and two hosts may have the same.
package struct HostID: Hashable, Sendable, CustomStringConvertible {
    /// In lower case, with hyphens.
    package let text: String

    /// A new one.
    package init() {
        text = UUID().uuidString.lowercased()
    }

    /// Nil for a text that is no UUID.
    package init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        self.text = uuid.uuidString.lowercased()
    }

    package var description: String { text }
}
