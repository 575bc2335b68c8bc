import SystemPackage

// Reads the text that ``ManifestFormat`` wrote.

extension ManifestFormat {
    /// One line of the journal, without its newline. Nil for a line that is cut short or not ours.
    static func change(ofLine line: ArraySlice<UInt8>) -> ManifestChange? {
        guard case .object(let fields)? = try? JSONReader.value(of: line),
            let revision = fields["revision"]?.integer,
            let event = fields["event"]?.text.flatMap(ManifestChange.Event.init(rawValue:)),
            let path = fields.path("path", encoding: "pathEncoding"),
            let content = content(of: fields, revision: revision)
        else { return nil }
        // A rejection is no longer shown when its file has left; an entry stays.
        let isShown = if case .rejected = content { event != .removed } else { true }
        return ManifestChange(
            event: event,
            row: ManifestRow(path: path, content: content, shown: isShown),
            movedFrom: fields.path("from", encoding: "fromEncoding")
        )
    }

    /// The whole snapshot. Nil if it is not JSON, or of another schema.
    static func snapshot(_ text: [UInt8]) -> ManifestSnapshot? {
        guard let manifest = try? ManifestText(text) else { return nil }
        var rows: [ManifestRow] = []
        var unreadable = 0
        manifest.forEach { member in
            if let row = row(of: member) { rows.append(row) } else { unreadable += 1 }
        }
        return ManifestSnapshot(revision: manifest.revision, rows: rows, unreadable: unreadable)
    }

    /// Nil for a member that Outtray did not write. So one bad member does not spoil the others.
    private static func row(of member: ManifestText.Member) -> ManifestRow? {
        guard let path = member.path, let fields = member.fields, let revision = fields["revision"]?.integer,
            let content = content(of: fields, revision: revision)
        else { return nil }
        return ManifestRow(path: path, content: content)
    }

    /// The content of an entry or a rejection; nil if a field is missing.
    private static func content(of fields: [ManifestField], revision: Int64) -> ManifestRow.Content? {
        if let rejection = rejection(of: fields, revision: revision) { return .rejected(rejection) }
        guard let kind = fields["kind"]?.text.flatMap(MediaKind.init(rawValue:)),
            let mimeType = fields["mimeType"]?.text,
            let bytes = fields["bytes"]?.integer,
            let sha256 = fields["sha256"]?.text.flatMap(SHA256Digest.init(hex:)),
            let provider = fields["provider"]?.text,
            let account = fields["account"]?.text,
            let status = fields["status"]?.text.flatMap(AssetStatus.init(rawValue:)),
            let present = fields["present"]?.truth,
            let uploadedAt = fields["uploadedAt"]?.text.flatMap(Timestamp.init(iso8601:))
        else { return nil }
        return .entry(
            ManifestEntry(
                folder: fields["folder"]?.text,
                kind: kind,
                mimeType: MIMEType(rawValue: mimeType),
                bytes: bytes,
                sha256: sha256,
                provider: provider,
                account: account,
                receipt: Receipt(
                    assetURN: fields["assetUrn"]?.text,
                    mediaID: fields["mediaId"]?.text,
                    publicURL: fields["publicUrl"]?.text,
                    recipes: fields["recipes"]?.texts ?? [],
                    status: status
                ),
                present: present,
                movedTo: fields.path("movedTo", encoding: "movedToEncoding"),
                uploadedAt: uploadedAt,
                revision: revision
            )
        )
    }

    private static func rejection(of fields: [ManifestField], revision: Int64) -> ManifestRejection? {
        guard let code = fields["code"]?.text.flatMap(Rejection.Code.init(rawValue:)),
            let reason = fields["reason"]?.text,
            let at = fields["at"]?.text.flatMap(Timestamp.init(iso8601:))
        else { return nil }
        let folder = fields["folder"]?.text
        return ManifestRejection(folder: folder, rejection: Rejection(code, reason), at: at, revision: revision)
    }
}

extension ManifestText.Member {
    /// The member's path; nil if its key is no path.
    package var path: FilePath? {
        ManifestKey.path(key, encoding: fields?["pathEncoding"]?.text)
    }
}

extension [ManifestField] {
    /// The path in the field `name`; the field `encoding` says how it is written.
    fileprivate func path(_ name: String, encoding: String) -> FilePath? {
        self[name]?.text.flatMap { ManifestKey.path($0, encoding: self[encoding]?.text) }
    }
}

extension ManifestValue {
    /// The texts of a list; nil for any other value.
    fileprivate var texts: [String]? {
        if case .list(let items) = self { items.compactMap(\.text) } else { nil }
    }
}
