import SystemPackage

// A path as fields: its text, and a second field for a text that is percent-encoded.

extension ManifestKey {
    /// The name of the field that says how the path in the field `name` is written.
    static func encodingName(of name: String) -> String { name + "Encoding" }

    /// The path in the field `name`, and how it is written.
    func fields(_ name: String) -> [ManifestField] {
        [ManifestField(name, .text(text))] + encoding(name)
    }

    /// How the path in the field `name` is written; no field for one that is written as it is.
    func encoding(_ name: String) -> [ManifestField] {
        isPercentEncoded ? [ManifestField(Self.encodingName(of: name), .text("percent"))] : []
    }
}

extension [ManifestField] {
    /// The path in the field `name`; nil if there is none.
    func path(_ name: String) -> FilePath? {
        self[name]?.text.flatMap { ManifestKey.path($0, encoding: self[ManifestKey.encodingName(of: name)]?.text) }
    }
}
