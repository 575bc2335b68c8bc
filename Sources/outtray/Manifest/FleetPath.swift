import ArgumentParser
import Pipeline
import SystemPackage

/// A path of the fleet's manifest on the command line: `HOST:PATH`, or a path alone, which may be any host's.
struct FleetPath {
    /// The host's name.
    let host: String?
    let path: FilePath

    /// A host's name has neither a colon nor a slash, and its path is absolute. Everything else is a path of this
    /// host's form, such as `./a:/b`.
    init(_ argument: PathArgument) {
        let bytes = argument.path.bytes
        if let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            !bytes[..<colon].contains(UInt8(ascii: "/")), bytes[(colon + 1)...].first == UInt8(ascii: "/"),
            let name = String(validating: bytes[..<colon], as: UTF8.self)
        {
            host = name
            path = FilePath(bytes: bytes[(colon + 1)...]).lexicallyNormalized()
        } else {
            host = nil
            path = argument.absolute
        }
    }

    /// For people.
    var words: String { (host.map { printable($0) + ":" } ?? "") + printablePath(path) }

    /// What the manifest says of the path: of the named host, else of this host, else of the only one that has it. Nil
    /// if it says nothing.
    ///
    /// - Throws: A `ValidationError` that lists the hosts, if there are several.
    func item(in manifest: ManifestFile, own: String?) throws -> ManifestFile.Item? {
        let items = manifest.items(ofHosts: path).filter { host == nil || $0.host == host }
        if let item = items.first(where: { $0.host == own }) ?? (items.count < 2 ? items.first : nil) { return item }
        if items.isEmpty { return nil }
        let keys = items.map { printable($0.key) }.sorted().joined(separator: ", ")
        throw ValidationError("several hosts have \(printablePath(path)), give one of them: \(keys)")
    }
}
