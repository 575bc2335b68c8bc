import ArgumentParser
import Foundation
import Pipeline
import SystemPackage

/// `manifest.json` as a script would read it: nothing but the file, so that any user may.
struct ManifestFile {
    /// One path of the manifest.
    struct Item {
        /// As the manifest writes it.
        let key: String
        let isRejected: Bool
        let fields: [String: Any]

        var revision: Int { fields["revision"] as? Int ?? 0 }
    }

    let revision: Int
    private let entries: [String: [String: Any]]
    private let rejected: [String: [String: Any]]

    /// - Throws: ``ManifestFileError``.
    init(_ path: FilePath) throws(ManifestFileError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path.string))
        } catch {
            throw ManifestFileError(reason: "\(path) cannot be read: \(Self.words(of: error))", isMissing: true)
        }
        guard
            let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            root["schema"] as? Int == 1
        else {
            throw ManifestFileError(reason: "\(path) is not a manifest of schema 1", isMissing: false)
        }
        revision = root["revision"] as? Int ?? 0
        entries = root["entries"] as? [String: [String: Any]] ?? [:]
        rejected = root["rejected"] as? [String: [String: Any]] ?? [:]
    }

    /// What the manifest says of a path; nil where it says nothing.
    subscript(path: FilePath) -> Item? {
        let key = ManifestKey(path).text
        if let fields = entries[key] { return Item(key: key, isRejected: false, fields: fields) }
        if let fields = rejected[key] { return Item(key: key, isRejected: true, fields: fields) }
        return nil
    }

    /// All that changed after `revision`, in order of revision.
    func items(since revision: Int) -> [Item] {
        let all =
            entries.map { Item(key: $0, isRejected: false, fields: $1) }
            + rejected.map { Item(key: $0, isRejected: true, fields: $1) }
        return all.filter { $0.revision > revision }
            .sorted { ($0.revision, $0.key) < ($1.revision, $1.key) }
    }

    private static func words(of error: any Error) -> String {
        let code = (error as? CocoaError)?.code
        return code == .fileReadNoSuchFile || code == .fileNoSuchFile
            ? "there is no such file" : "\(error.localizedDescription)"
    }
}

/// Why the manifest could not be read.
struct ManifestFileError: Error {
    let reason: String
    /// True where there is none yet, or this user may not read it.
    let isMissing: Bool
}

extension ManifestFile.Item {
    /// Its fields and its path as one JSON object on one line, keys sorted.
    var json: String {
        var object = fields
        object["path"] = key
        return Self.json(object)
    }

    /// One field for a script: a text bare, everything else as JSON; an empty line for `null`. Nil where there is no such
    /// field.
    func field(_ name: String) -> String? {
        if name == "path" { return key }
        guard let value = fields[name] else { return nil }
        switch value {
        case is NSNull: return ""
        case let text as String: return text
        default: return Self.json(value)
        }
    }

    private static func json(_ value: Any) -> String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed]
        let data = try? JSONSerialization.data(withJSONObject: value, options: options)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
