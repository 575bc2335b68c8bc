import ArgumentParser
import Pipeline
import SystemPackage

/// `manifest.json` as a script would read it. Needs nothing but the file, so that any user may read it.
struct ManifestFile {
    typealias Item = ManifestText.Member

    private let text: ManifestText

    /// Reads the file.
    ///
    /// - Throws: ``ManifestFileError``.
    init(_ path: FilePath) throws(ManifestFileError) {
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.content(of: path)
        } catch {
            throw ManifestFileError(path, "cannot be read: \(error)", isMissing: isNoSuchFile(error))
        }
        do throws(ManifestDamage) {
            text = try ManifestText(bytes)
        } catch {
            throw ManifestFileError(path, "\(error)", isMissing: false)
        }
    }

    /// What the manifest says of a path, by its bytes; nil if it says nothing.
    subscript(path: FilePath) -> Item? {
        // The present spelling, and that of older versions.
        let spellings = [Array(ManifestKey(path).text.utf8), path.bytes]
        var found: Item?
        text.forEach {
            let key = $0.utf8
            return spellings.contains { $0.elementsEqual(key) }
        } _: { item in
            if found == nil, item.path == path { found = item }
        }
        return found
    }

    /// What the manifest of a fleet says of a path, one item for each host that has it.
    func items(ofHosts path: FilePath) -> [Item] {
        let spelling = Array(ManifestKey(path).text.utf8)
        var items: [Item] = []
        text.forEach {
            // The host's name, which has no colon, and the path.
            $0.utf8.drop { $0 != UInt8(ascii: ":") }.dropFirst().elementsEqual(spelling)
        } _: { item in
            if item.host != nil, item.path == path { items.append(item) }
        }
        return items
    }

    /// The items whose bytes have this digest.
    func items(of digest: SHA256Digest) -> [Item] {
        let hex = digest.hex
        var items: [Item] = []
        text.forEach { if $0.fields?["sha256"]?.string == hex { items.append($0) } }
        return items
    }

    /// The names of members that only the manifest of a fleet has.
    static let namesOfHosts = ["host", ManifestFields.fleetAccount]

    /// Walks over all items in the order of the text. Holds one of them at a time.
    func forEach(_ take: (Item) -> Void) {
        text.forEach { take($0) }
    }

    /// All items that changed after `revision`, in order of revision.
    func items(since revision: Int64) -> [Item] {
        var items: [Item] = []
        text.forEach { if $0.revision > revision { items.append($0) } }
        return items.sorted { left, right in
            left.revision == right.revision
                ? left.key.utf8.lexicographicallyPrecedes(right.key.utf8) : left.revision < right.revision
        }
    }
}

private func isNoSuchFile(_ error: any Error) -> Bool {
    [.noSuchFileOrDirectory, .notDirectory].contains(error as? Errno)
}

/// Why the manifest could not be read.
struct ManifestFileError: Error {
    let reason: String
    /// True if there is no manifest yet.
    let isMissing: Bool

    init(_ path: FilePath, _ reason: String, isMissing: Bool) {
        self.reason = "\(printablePath(path)) \(reason)"
        self.isMissing = isMissing
    }
}

extension ManifestFile.Item {
    var revision: Int64 { fields?["revision"]?.int64 ?? 0 }

    /// The name of the host, in the manifest of a fleet. The path is then among the fields.
    var host: String? { fields?["host"]?.string }

    /// The item's path and fields as one JSON object on one line, as the manifest has them.
    var json: String {
        JSON.object((host == nil ? [JSON.Member("path", .string(key))] : []) + (fields ?? [])).json
    }

    /// One field for a script: a text bare, everything else as JSON, `null` as an empty line. Nil if there is no such
    /// field.
    func field(_ name: String) -> String? {
        if name == "path", host == nil { return key }
        switch fields?[name] {
        case nil: return nil
        case .null: return ""
        case .string(let text): return text
        case let value?: return value.json
        }
    }

    /// An empty line for a field that the item may have and does not have; nil for any other name.
    func leftOut(_ name: String) -> String? {
        let names = isRejected ? ManifestFields.namesOfRejection : ManifestFields.namesOfEntry
        if host != nil, !isRejected, name == ManifestFields.fleetAccount { return fields?[name] == nil ? "" : nil }
        return names.contains(name) && fields?[name] == nil ? "" : nil
    }

    /// One line for people, whatever the path and the ids hold.
    var summary: String {
        let path = printable(key)
        if isRejected {
            return "\(revision)\t\(shown("code") ?? "?")\t\(path)\t\(shown("reason") ?? "")"
        }
        let id = ["assetUrn", "mediaId", "publicUrl"].compactMap { shown($0) }.first { !$0.isEmpty } ?? "-"
        let state = fields?["present"]?.bool == false ? "left" : shown("status") ?? "?"
        return "\(revision)\t\(state)\t\(id)\t\(path)"
    }

    /// A field for a person's eyes.
    func shown(_ name: String) -> String? { field(name).map(printable) }
}
