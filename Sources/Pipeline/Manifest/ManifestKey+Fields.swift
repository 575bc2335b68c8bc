import SystemPackage

// A path as fields: its text, and a second field for a text that is percent-encoded.

extension ManifestKey {
    /// The name of the field that says how the path in the field `name` is written.
    static func encodingName(of name: String) -> String { name + "Encoding" }

    /// How the path is written; nil for one that is written as it is.
    package var encoding: String? { isPercentEncoded ? "percent" : nil }

    /// The path in the field `name`, and how it is written.
    package func fields(_ name: String) -> [JSON.Member] {
        [JSON.Member(name, .string(text))] + encoding(name)
    }

    /// The names of files in the field `name`, and how they are written: all percent-encoded if one has to be.
    static func fields(_ name: String, of files: [FilePath.Component]) -> [JSON.Member] {
        let paths = files.map { FilePath(root: nil, [$0]) }
        let isEncoded = paths.contains { ManifestKey($0).isPercentEncoded }
        let keys = paths.map { isEncoded ? ManifestKey(percentEncoding: $0) : ManifestKey($0) }
        let texts = keys.map { JSON.string($0.text) }
        let encoding = isEncoded ? [JSON.Member(encodingName(of: name), .string("percent"))] : []
        return [JSON.Member(name, .array(texts))] + encoding
    }

    /// How the path in the field `name` is written; no field for one that is written as it is.
    func encoding(_ name: String) -> [JSON.Member] {
        encoding.map { [JSON.Member(Self.encodingName(of: name), .string($0))] } ?? []
    }
}

extension [JSON.Member] {
    /// The path in the field `name`; nil if there is none.
    func path(_ name: String) -> FilePath? {
        self[name]?.string.flatMap { ManifestKey.path($0, encoding: self[ManifestKey.encodingName(of: name)]?.string) }
    }

    /// The names of files in the field `name`; none if one of them is no name.
    func fileNames(_ name: String) -> [FilePath.Component] {
        let texts = self[name]?.strings ?? []
        let encoding = self[ManifestKey.encodingName(of: name)]?.string
        let names = texts.compactMap { text -> FilePath.Component? in
            guard let path = ManifestKey.path("/" + text, encoding: encoding), path.components.count == 1,
                let name = path.lastComponent, name.kind == .regular
            else { return nil }
            return name
        }
        return names.count == texts.count ? names : []
    }
}

extension FileStep.Facts {
    /// The other path of a move, and how it is written; nothing for nil.
    package init(path: FilePath?) {
        let key = path.map { ManifestKey($0) }
        self.init(path: key?.text, pathEncoding: key?.encoding)
    }
}
