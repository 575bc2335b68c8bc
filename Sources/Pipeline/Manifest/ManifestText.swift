/// `manifest.json` as it was written. Commands and the repair read the snapshot only through it.
///
/// Members come one by one with all their fields. Fields that this version does not know are included, as fields may be
/// added. Keys are bytes from end to end.
package struct ManifestText: Sendable {
    /// One path of the manifest.
    package struct Member: Sendable {
        /// As the manifest writes it.
        package let key: String
        package let isRejected: Bool
        /// Nil if the member is no object.
        package let fields: [JSON.Member]?
    }

    package let revision: Int64
    private let sections: [(text: ArraySlice<UInt8>, isRejected: Bool)]

    /// Checks the whole text, and keeps the ranges of its sections.
    package init(_ text: [UInt8]) throws(ManifestDamage) {
        var reader = JSONReader(text[...])
        var schema: JSON?
        var revision: JSON?
        var entries: ArraySlice<UInt8>?
        var rejected: ArraySlice<UInt8>?
        do throws(JSONDamage) {
            try reader.members { name, reader throws(JSONDamage) in
                let isObject = reader.isAtObject
                let start = reader.place
                switch name {
                case "schema": schema = try reader.value()
                case "revision": revision = try reader.value()
                default: try reader.skip()
                }
                guard isObject else { return }
                if name == "entries" { entries = text[start..<reader.place] }
                if name == "rejected" { rejected = text[start..<reader.place] }
            }
            try reader.end()
        } catch {
            throw text.isEmpty ? ManifestDamage.empty : ManifestDamage.notJSON(after: error.place, of: text.count)
        }
        guard let schema = schema?.int64 else { throw ManifestDamage.noManifest }
        guard schema == ManifestFormat.schema else { throw ManifestDamage.otherSchema(schema) }
        guard let revision = revision?.int64, let entries, let rejected else { throw ManifestDamage.noManifest }
        self.revision = revision
        sections = [(entries, false), (rejected, true)]
    }

    /// Walks over the members with wanted keys, entries first, in the order of the text.
    package func forEach(where isWanted: (String) -> Bool = { _ in true }, _ take: (Member) -> Void) {
        for section in sections {
            var reader = JSONReader(section.text)
            // `init` has read the whole text, so this cannot fail.
            try? reader.members { key, reader throws(JSONDamage) in
                guard isWanted(key) else { return try reader.skip() }
                take(Member(key: key, isRejected: section.isRejected, fields: try reader.value().members))
            }
        }
    }
}

/// Why a text cannot be read as a manifest.
package enum ManifestDamage: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case notJSON(after: Int, of: Int)
    case noManifest
    case otherSchema(Int64)

    package var description: String {
        switch self {
        case .empty: "is empty"
        case .notJSON(let place, let length) where place >= length: "is cut short: its JSON does not end"
        case .notJSON(let place, _): "is damaged: it is no JSON after its first \(place) bytes"
        case .noManifest: "is not a manifest"
        case .otherSchema(let schema):
            "is a manifest of schema \(schema), and this version of outtray reads schema \(ManifestFormat.schema)"
        }
    }
}
