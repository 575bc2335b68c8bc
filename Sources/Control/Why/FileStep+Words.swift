import Pipeline

extension FileStep {
    /// The step in plain words, made of its facts.
    package var words: String {
        switch kind {
        case .seen: size ?? "it was there"
        case .held: "another process has it open for writing"
        case .settled: "it has rested, and nobody has it open"
        case .classified: classified
        case .queued: facts.account.map { "for account \($0)" } ?? "for its account"
        case .asked: [facts.asset, pieces].compactMap(\.self).joined(separator: ", ")
        case .sent: times == 1 ? "the storage has taken it" : "the storage has taken \(times) pieces"
        case .finished: [facts.asset, facts.status?.rawValue].compactMap(\.self).joined(separator: ", ")
        case .reused: "its bytes are up already"
        case .adopted: adopted
        case .postponed: facts.reason ?? facts.cause?.rawValue ?? ""
        case .changed: facts.reason ?? size.map { "it changed: \($0)" } ?? "it changed"
        case .status: facts.status?.rawValue ?? ""
        case .rejected: facts.reason ?? facts.code?.rawValue ?? ""
        case .retried: "somebody asked for another try"
        case .moved: facts.path.map { "from \($0)" } ?? ""
        case .left: facts.reason ?? facts.path.map { "to \($0)" } ?? "it is not there any more"
        case .departed: facts.path.map { "moved to \($0)" } ?? "deleted after its upload"
        case .hook: [facts.hook, facts.reason ?? "done"].compactMap(\.self).joined(separator: ": ")
        }
    }

    /// How often the step was taken; empty if once. Pieces that were sent are counted in the words.
    package var count: String { times > 1 && kind != .sent ? "\(times) times" : "" }

    private var classified: String {
        let measure = facts.measure.words
        return [facts.kind?.rawValue, facts.mimeType?.rawValue, measure.isEmpty ? nil : measure].compactMap(\.self)
            .joined(separator: ", ")
    }

    private var adopted: String {
        let time = facts.uploadedAt.map { " at \($0.iso8601)" } ?? ""
        return "\(facts.host ?? "another host") brought its bytes up\(time)"
    }

    private var size: String? { facts.bytes.map { ByteCount($0).description } }

    private var pieces: String? { facts.pieces.map { $0 == 1 ? "1 piece" : "\($0) pieces" } }
}
