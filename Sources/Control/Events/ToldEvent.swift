import Pipeline
import SystemPackage

/// An event of the pipeline as those who watch the service get it: a name, and its facts as JSON.
struct ToldEvent: Sendable {
    /// Scripts go by the names. A released one never changes its meaning.
    let name: String
    let data: JSON
    /// The file whose progress it tells; nil for any other event.
    let progressOf: FilePath?

    /// Nil for an event that says nothing to a person.
    init?(_ event: PipelineEvent, at time: Timestamp) {
        var path: FilePath?
        var facts: KeyValuePairs<String, JSON?> = [:]
        var progressOf: FilePath?
        switch event {
        case .uploaded(let file, let receipt):
            (name, path) = ("uploaded", file.path)
            facts = [
                "folder": file.folder.map(JSON.string), "account": .string(file.account),
                "assetUrn": receipt.assetURN.map(JSON.string), "mediaId": receipt.mediaID.map(JSON.string),
                "publicUrl": receipt.publicURL.map(JSON.string), "status": .string(receipt.status.rawValue),
            ]
        case .reused(let file, let movedFrom):
            (name, path) = ("known", file.path)
            facts = [
                "folder": file.folder.map(JSON.string), "account": .string(file.account),
                "from": movedFrom.map { .string(ManifestKey($0).text) },
                "fromEncoding": movedFrom.flatMap { ManifestKey($0).encoding }.map(JSON.string),
            ]
        case .adopted(let file, let asset):
            (name, path) = ("known", file.path)
            facts = [
                "folder": file.folder.map(JSON.string), "account": .string(file.account),
                "host": asset.host.map(JSON.string),
            ]
        case .rejected(let file, let rejection):
            (name, path) = ("rejected", file)
            facts = ["code": .string(rejection.code.rawValue), "reason": .string(rejection.reason)]
        case .postponed(let file, let reason, let due):
            (name, path) = ("postponed", file.path)
            facts = [
                "folder": file.folder.map(JSON.string), "account": .string(file.account),
                "reason": .string(reason), "next": .string(due.iso8601),
            ]
        case .status(let file, let status):
            (name, path) = ("status", file)
            facts = ["status": .string(status.rawValue)]
        case .sending(let file, let sent):
            (name, path, progressOf) = ("progress", file.path, file.path)
            facts = ["account": .string(file.account), "bytes": .integer(file.size), "sent": .integer(sent)]
        case .accountBlocked(let account, let reason, let until):
            name = "blocked"
            facts = ["account": .string(account), "reason": .string(reason), "next": .string(until.iso8601)]
        case .accountOpen(let account):
            name = "open"
            facts = ["account": .string(account)]
        case .paused(let subject):
            name = "paused"
            facts = ["scope": .string(subject.scope), "name": subject.name.map(JSON.string)]
        case .resumed(let subject):
            name = "resumed"
            facts = ["scope": .string(subject.scope), "name": subject.name.map(JSON.string)]
        default: return nil
        }
        let members = facts.compactMap { name, value in value.map { JSON.Member(name, $0) } }
        data = .object([.init("at", .string(time.iso8601))] + (path?.controlMembers ?? []) + members)
        self.progressOf = progressOf
    }

    /// The event as a server sends it. JSON has no line break, so the data is one line.
    ///
    /// https://html.spec.whatwg.org/multipage/server-sent-events.html
    func text(id: String) -> [UInt8] { Array("id: \(id)\nevent: \(name)\ndata: \(data.json)\n\n".utf8) }
}
