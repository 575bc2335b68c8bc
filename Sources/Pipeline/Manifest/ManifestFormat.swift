import SystemPackage

/// The text of the manifest's two files, schema 1; `etc/` has a JSON Schema of each.
enum ManifestFormat {
    static let schema: Int64 = 1

    /// One member of the snapshot's `entries` or `rejected`: `"path": {…}`.
    static func member(_ row: ManifestRow) -> String {
        let key = ManifestKey(row.path)
        var json = JSONText()
        json.member(key.text) { $0.object { $0.fields(of: row, key: key) } }
        return json.text
    }

    /// One line of the journal, with its newline.
    static func line(_ change: ManifestChange) -> String {
        let key = ManifestKey(change.row.path)
        var json = JSONText()
        json.object { json in
            json.member("revision", change.revision)
            json.member("event", change.event.rawValue)
            json.member("path", key.text)
            if let movedFrom = change.movedFrom {
                let from = ManifestKey(movedFrom)
                json.member("from", from.text)
                if from.isPercentEncoded { json.member("fromEncoding", "percent") }
            }
            json.fields(of: change.row, key: key, withRevision: false)
        }
        return json.text + "\n"
    }

    /// The one line for a row in a replaced journal.
    static func line(standingFor row: ManifestRow) -> String {
        let event: ManifestChange.Event =
            switch row.content {
            case .entry(let entry): row.shown && entry.present ? .uploaded : .removed
            case .rejected: row.shown ? .rejected : .removed
            }
        return line(ManifestChange(event: event, row: row))
    }
}

extension JSONText {
    fileprivate mutating func fields(of row: ManifestRow, key: ManifestKey, withRevision: Bool = true) {
        if key.isPercentEncoded { member("pathEncoding", "percent") }
        switch row.content {
        case .entry(let entry): fields(of: entry)
        case .rejected(let rejection): fields(of: rejection)
        }
        if withRevision { member("revision", row.revision) }
    }

    private mutating func fields(of entry: ManifestEntry) {
        member("folder", entry.folder)
        member("kind", entry.kind.rawValue)
        member("mimeType", entry.mimeType.rawValue)
        member("bytes", entry.bytes)
        member("sha256", entry.sha256.hex)
        member("provider", entry.provider)
        member("account", entry.account)
        member("assetUrn", entry.receipt.assetURN)
        member("mediaId", entry.receipt.mediaID)
        member("publicUrl", entry.receipt.publicURL)
        member("recipes", entry.receipt.recipes)
        member("status", entry.receipt.status.rawValue)
        member("present", entry.present)
        if let movedTo = entry.movedTo {
            let path = ManifestKey(movedTo)
            member("movedTo", path.text)
            if path.isPercentEncoded { member("movedToEncoding", "percent") }
        }
        member("uploadedAt", entry.uploadedAt.iso8601)
    }

    private mutating func fields(of rejection: ManifestRejection) {
        member("folder", rejection.folder)
        member("code", rejection.rejection.code.rawValue)
        member("reason", rejection.rejection.reason)
        member("at", rejection.at.iso8601)
    }
}

extension ManifestRow {
    /// The row as one JSON object: its path, and its fields as the manifest has them.
    package var json: String {
        let key = ManifestKey(path)
        var json = JSONText()
        json.object { json in
            json.member("path", key.text)
            json.fields(of: self, key: key)
        }
        return json.text
    }
}
