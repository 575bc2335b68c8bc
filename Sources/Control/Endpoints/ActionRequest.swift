import Pipeline
import SystemPackage

// What the bodies of actions say.

extension ControlRequest {
    /// `{scope: all|account|folder, name}`. An empty body is for all.
    ///
    /// - Throws: ``ControlError``.
    func scope() throws(ControlError) -> ActionScope {
        let members = try object("scope", "name")
        let name = try members.text("name")
        switch (try members.text("scope") ?? "all", name) {
        case ("all", nil): return .all
        case ("account", let name?): return .account(name)
        case ("folder", let name?): return .folder(name)
        default:
            throw ControlError(
                .invalid,
                "scope and name do not fit",
                hint: "send {\"scope\": \"all\"}, or scope account or folder with a name"
            )
        }
    }
}

extension [JSON.Member] {
    /// A text; nil if there is none.
    func text(_ name: String) throws(ControlError) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw ControlError(.invalid, "\(name) is no text", hint: "send a text") }
        return text
    }

    /// A whole number in a range; nil if there is none.
    func number(_ name: String, in range: ClosedRange<Int64>) throws(ControlError) -> Int64? {
        guard let value = self[name] else { return nil }
        guard let number = value.int64, range.contains(number) else {
            throw ControlError(
                .invalid,
                "\(name) is no whole number from \(range.lowerBound) to \(range.upperBound)",
                hint: "send one"
            )
        }
        return number
    }

    /// A list of paths with at least one; nil if there is no list.
    func paths(_ name: String = "paths") throws(ControlError) -> [FilePath]? {
        guard let value = self[name] else { return nil }
        guard case .array(let items) = value, !items.isEmpty else {
            throw ControlError(.invalid, "\(name) is no list of paths", hint: "send [\"/srv/inbox/a.jpg\"]")
        }
        var paths: [FilePath] = []
        for item in items { paths.append(try FilePath(control: item)) }
        return paths
    }
}

extension ControlError {
    /// An account or folder that the configuration in force does not have.
    init(_ unknown: UnknownName) {
        self.init(
            .notFound,
            "there is no \(unknown.what) \(unknown.name)",
            hint: unknown.known.isEmpty ? "there is none" : "there is: \(unknown.known.joined(separator: ", "))"
        )
    }

    /// Does an action; a name that is not known becomes an answer.
    static func answering<Value>(_ action: () async throws -> Value) async throws -> Value {
        do {
            return try await action()
        } catch let unknown as UnknownName {
            throw ControlError(unknown)
        }
    }
}

extension FilePath {
    /// The members that name a path in an answer, as the manifest writes it.
    var controlMembers: [JSON.Member] { ManifestKey(self).fields("path") }
}
