import FoundationEssentials
import SystemPackage

// The way back: what ``ManifestFormat`` wrote, as values again.

extension ManifestFormat {
    /// One line of the journal; nil for one that is cut short or not ours.
    static func change(ofLine line: Data) -> ManifestChange? {
        guard let stored = try? JSONDecoder().decode(StoredLine.self, from: line),
            let event = ManifestChange.Event(rawValue: stored.event),
            let path = ManifestKey.path(stored.path, encoding: stored.fields.pathEncoding),
            let content = stored.fields.content(revision: stored.revision)
        else { return nil }
        // A rejection is no longer shown once its file has left; an entry stays.
        let isShown = if case .rejected = content { event != .removed } else { true }
        return ManifestChange(
            event: event,
            row: ManifestRow(path: path, content: content, shown: isShown),
            movedFrom: stored.from.flatMap { ManifestKey.path($0, encoding: stored.fromEncoding) }
        )
    }

    /// The whole snapshot; nil where it is not JSON, or of another schema.
    static func snapshot(_ text: Data) -> ManifestSnapshot? {
        guard let stored = try? JSONDecoder().decode(StoredSnapshot.self, from: text), stored.schema == schema else {
            return nil
        }
        let members = Array(stored.entries) + Array(stored.rejected)
        let rows = members.compactMap { key, member -> ManifestRow? in
            guard let fields = member.fields, let revision = fields.revision,
                let path = ManifestKey.path(key, encoding: fields.pathEncoding)
            else { return nil }
            return fields.content(revision: revision).map { ManifestRow(path: path, content: $0) }
        }
        return ManifestSnapshot(revision: stored.revision, rows: rows, unreadable: members.count - rows.count)
    }
}

private struct StoredSnapshot: Decodable {
    /// Nil fields where it is not what we write, so that one bad member does not take the others along.
    struct Member: Decodable {
        let fields: StoredFields?

        init(from decoder: any Decoder) throws {
            fields = try? StoredFields(from: decoder)
        }
    }

    let schema: Int64
    let revision: Int64
    let entries: [String: Member]
    let rejected: [String: Member]
}

private struct StoredLine: Decodable {
    let revision: Int64
    let event: String
    let path: String
    let from: String?
    let fromEncoding: String?
    let fields: StoredFields

    enum CodingKeys: CodingKey {
        case revision, event, path, from, fromEncoding
    }

    init(from decoder: any Decoder) throws {
        let line = try decoder.container(keyedBy: CodingKeys.self)
        revision = try line.decode(Int64.self, forKey: .revision)
        event = try line.decode(String.self, forKey: .event)
        path = try line.decode(String.self, forKey: .path)
        from = try line.decodeIfPresent(String.self, forKey: .from)
        fromEncoding = try line.decodeIfPresent(String.self, forKey: .fromEncoding)
        fields = try StoredFields(from: decoder)
    }
}

/// The fields of an entry or of a rejection.
private struct StoredFields: Decodable {
    let pathEncoding: String?
    let revision: Int64?
    let folder: String?
    let kind: MediaKind?
    let mimeType: String?
    let bytes: Int64?
    let sha256: String?
    let provider: String?
    let account: String?
    let assetUrn: String?
    let mediaId: String?
    let publicUrl: String?
    let recipes: [String]?
    let status: AssetStatus?
    let present: Bool?
    let uploadedAt: String?
    let code: Rejection.Code?
    let reason: String?
    let at: String?

    /// Nil where a field is missing.
    func content(revision: Int64) -> ManifestRow.Content? {
        if let code, let reason, let at = at.flatMap(Timestamp.init(iso8601:)) {
            let rejection = Rejection(code, reason)
            return .rejected(ManifestRejection(folder: folder, rejection: rejection, at: at, revision: revision))
        }
        guard let kind, let mimeType, let bytes, let sha256 = sha256.flatMap(SHA256Digest.init(hex:)), let provider,
            let account, let status, let present, let uploadedAt = uploadedAt.flatMap(Timestamp.init(iso8601:))
        else { return nil }
        return .entry(
            ManifestEntry(
                folder: folder,
                kind: kind,
                mimeType: MIMEType(rawValue: mimeType),
                bytes: bytes,
                sha256: sha256,
                provider: provider,
                account: account,
                receipt: Receipt(
                    assetURN: assetUrn,
                    mediaID: mediaId,
                    publicURL: publicUrl,
                    recipes: recipes ?? [],
                    status: status
                ),
                present: present,
                uploadedAt: uploadedAt,
                revision: revision
            )
        )
    }
}
