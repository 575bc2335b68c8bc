import Pipeline
import SystemPackage
import Threads

extension Endpoint {
    /// `GET /api/v1/files/asset?path=`: whether the provider still has the asset that the path shows. `look` asks it.
    ///
    /// The answer waits for the account's pace, which may take minutes.
    package static func asset(
        _ answers: LongAnswers,
        _ look: @escaping @Sendable (FilePath) async throws -> AssetLook?
    ) -> Endpoint {
        Endpoint(.get, "/api/v1/files/asset") { request in
            try request.query.allow("path")
            guard let path = try request.query.path("path") else {
                throw ControlError(.invalid, "no path is given", hint: "add ?path=, percent-encoded")
            }
            return .once(try answers.seat()) {
                let found = try await look(path)
                return .object(ManifestKey(path).fields("path") + (found?.json.members ?? AssetLook.nothing))
            }
        }
    }
}

/// The answer for scripts and for ``ControlClient``. Members may be added; none changes its meaning.
extension AssetLook {
    fileprivate static let nothing: [JSON.Member] = [.init("finding", "none")]

    private var word: String {
        switch finding {
        case .there: "there"
        case .gone: "gone"
        case .unknown: "unknown"
        case .unasked: "unasked"
        }
    }

    fileprivate var json: JSON {
        var status: AssetStatus?
        var reason: String?
        var isOfAccount: Bool?
        switch finding {
        case .there(let told): status = told
        case .gone: break
        case .unknown(let words, let ofAccount): (reason, isOfAccount) = (words, ofAccount)
        case .unasked(let words): reason = words
        }
        return .object([
            "id": .string(id),
            "provider": .string(provider),
            "account": .string(account),
            "recorded": .string(recorded.rawValue),
            "finding": .string(word),
            "status": status.map { .string($0.rawValue) },
            "reason": reason.map(JSON.string),
            "ofAccount": isOfAccount.map(JSON.bool),
        ])
    }

    /// What an answer says; nil if the path shows no asset.
    ///
    /// - Throws: ``ControlTrouble``, if it is no such answer.
    package static func of(_ answer: JSON) throws(ControlTrouble) -> AssetLook? {
        let strange = ControlTrouble.strange("the service's answer about an asset cannot be read")
        guard let members = answer.members, let word = members["finding"]?.string else { throw strange }
        if word == "none" { return nil }
        let reason = members["reason"]?.string ?? ""
        let finding: Finding? =
            switch word {
            case "there": members["status"]?.string.flatMap(AssetStatus.init).map(Finding.there)
            case "gone": .gone
            case "unknown": .unknown(reason, isOfAccount: members["ofAccount"] == .bool(true))
            case "unasked": .unasked(reason)
            default: nil
            }
        guard let finding, let id = members["id"]?.string, let provider = members["provider"]?.string,
            let account = members["account"]?.string,
            let recorded = members["recorded"]?.string.flatMap(AssetStatus.init)
        else { throw strange }
        return AssetLook(id: id, provider: provider, account: account, recorded: recorded, finding: finding)
    }
}
