import SystemPackage

/// The text of the manifest's two files, schema 1, written and read; `etc/` has a JSON Schema of each.
///
/// ``ManifestFields`` lists the fields of entries and rejections. ``ManifestKey`` has the spelling of paths. This file
/// has what stands around both.
enum ManifestFormat {
    static let schema: Int64 = 1

    // MARK: The snapshot

    /// One member of the snapshot's `entries` or `rejected`: `"path": {…}`. In a fleet's, it is `"host:path": {…}`,
    /// with both among its fields, and the fleet's name of the account. A host's name has no colon.
    static func member(_ row: ManifestRow) -> String {
        let key = ManifestKey(row.path)
        var json = JSONText()
        if let host = row.host {
            let account = row.fleetAccount.map { [JSON.Member(ManifestFields.fleetAccount, .string($0))] } ?? []
            let fields = [JSON.Member("host", .string(host))] + account + key.fields("path") + row.content.fields()
            json.member("\(host):\(key.text)", .object(fields))
        } else {
            json.member(key.text, .object(key.encoding("path") + row.content.fields()))
        }
        return json.text
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

    /// The readable members of a snapshot that is cut or damaged. Outtray writes each on a line of its own. All else
    /// counts as one unreadable member.
    static func remains(ofSnapshot text: [UInt8]) -> ManifestSnapshot {
        let rows = text.split(separator: UInt8(ascii: "\n")).compactMap { line -> ManifestRow? in
            let member = line.last == UInt8(ascii: ",") ? line.dropLast() : line
            let object = [UInt8(ascii: "{")] + member + [UInt8(ascii: "}")]
            guard case .object(let members)? = try? JSONReader.value(of: object[...]), members.count == 1,
                let member = members.first, case .object(let fields) = member.value
            else { return nil }
            return row(of: ManifestText.Member(key: member.name, isRejected: fields["code"] != nil, fields: fields))
        }
        return ManifestSnapshot(revision: PublishedRevision.revision(ofSnapshot: text), rows: rows, unreadable: 1)
    }

    /// Nil for a member that Outtray did not write. So one bad member does not spoil the others.
    private static func row(of member: ManifestText.Member) -> ManifestRow? {
        guard let path = member.path, let content = member.fields.flatMap(ManifestRow.Content.init) else { return nil }
        return ManifestRow(path: path, content: content)
    }

    // MARK: The journal

    /// One line of the journal, with its newline.
    static func line(_ change: ManifestChange) -> String {
        let key = ManifestKey(change.row.path)
        var fields = [
            JSON.Member("revision", .integer(change.revision)),
            JSON.Member("event", .string(change.event.rawValue)),
        ]
        if let host = change.row.host { fields.append(JSON.Member("host", .string(host))) }
        fields.append(JSON.Member("path", .string(key.text)))
        if let movedFrom = change.movedFrom { fields += ManifestKey(movedFrom).fields("from") }
        fields += key.encoding("path")
        fields += change.row.content.fields().filter { $0.name != "revision" }
        return JSON.object(fields).json + "\n"
    }

    /// The one line for a row in a replaced journal.
    static func line(standingFor row: ManifestRow) -> String {
        line(ManifestChange(event: row.standing, row: row))
    }

    /// One line of the journal, without its newline. Nil for a line that is cut short or not ours.
    static func change(ofLine line: ArraySlice<UInt8>) -> ManifestChange? {
        guard case .object(let fields)? = try? JSONReader.value(of: line),
            let event = fields["event"]?.string.flatMap(ManifestChange.Event.init(rawValue:)),
            let path = fields.path("path"),
            let content = ManifestRow.Content(fields)
        else { return nil }
        return ManifestChange(event: event, path: path, content: content, movedFrom: fields.path("from"))
    }
}

// MARK: The beginning

extension ManifestFormat {
    /// The revision of a snapshot, by its beginning. Nil if anything else than Outtray wrote that.
    static func revision(ofSnapshotHead text: some Collection<UInt8>) -> Int64? {
        number(behind: #"{"schema":\#(schema),"revision":"#, in: text)
    }

    /// The revision of a journal's line, by its beginning. Nil if anything else than Outtray wrote that.
    static func revision(ofLineHead line: some Collection<UInt8>) -> Int64? {
        number(behind: #"{"revision":"#, in: line)
    }

    /// The number between this beginning and a comma.
    private static func number(behind beginning: String, in text: some Collection<UInt8>) -> Int64? {
        guard text.starts(with: beginning.utf8) else { return nil }
        let rest = text.dropFirst(beginning.utf8.count)
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard rest.dropFirst(digits.count).first == UInt8(ascii: ",") else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}

extension ManifestChange {
    /// A change that is read back. A rejection is no longer shown when its file has left. An entry stays until it is
    /// forgotten.
    package init(
        event: Event,
        path: FilePath,
        content: ManifestRow.Content,
        movedFrom: FilePath?,
        host: String? = nil
    ) {
        let isShown = if case .rejected = content { event != .removed } else { event != .forgotten }
        var row = ManifestRow(path: path, content: content, shown: isShown, host: host)
        row.isForgotten = event == .forgotten
        self.init(event: event, row: row, movedFrom: movedFrom)
    }
}

extension ManifestRow {
    /// The event that tells the row as it is, whatever led to it.
    package var standing: ManifestChange.Event {
        switch content {
        case .entry(let entry): isForgotten ? .forgotten : shown && entry.present ? .uploaded : .removed
        case .rejected: shown ? .rejected : .removed
        }
    }

    /// The row as one JSON object: its path, and its fields as the manifest has them.
    package var json: String {
        JSON.object(ManifestKey(path).fields("path") + content.fields()).json
    }
}

extension ManifestText.Member {
    /// The member's path; nil if its key is no path. In a fleet's manifest, it is among the fields.
    package var path: FilePath? {
        if let fields, fields["host"] != nil { return fields.path("path") }
        return ManifestKey.path(key, encoding: fields?[ManifestKey.encodingName(of: "path")]?.string)
    }
}
