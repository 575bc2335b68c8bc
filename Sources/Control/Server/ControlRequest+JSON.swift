import Pipeline
import SystemPackage

extension ControlRequest {
    /// The body as a JSON object with no other members than these. An empty body is an empty object.
    ///
    /// - Throws: ``ControlError`` with the code `malformed` or `invalid`.
    package func object(_ names: String...) throws(ControlError) -> [JSON.Member] {
        if body.isEmpty { return [] }
        let value: JSON
        do throws(JSONDamage) {
            value = try JSONReader.value(of: body[...])
        } catch {
            throw ControlError(.malformed, "the body is no JSON: \(error)", hint: "send a JSON object")
        }
        guard let members = value.members else {
            throw ControlError(.malformed, "the body is no JSON object", hint: "send a JSON object")
        }
        for member in members where !names.contains(member.name) {
            throw ControlError(
                .invalid,
                "there is no member \(member.name)",
                hint: "the members are: \(names.joined(separator: ", "))"
            )
        }
        return members
    }
}

extension FilePath {
    /// A path in a request's JSON: its text, or an object with `path` and `pathEncoding` as the manifest has them.
    ///
    /// - Throws: ``ControlError`` with the code `invalid`.
    init(control json: JSON) throws(ControlError) {
        let text = json.string ?? json.members?["path"]?.string
        let path = text.flatMap { ManifestKey.path($0, encoding: json.members?["pathEncoding"]?.string) }
        guard let path else {
            throw ControlError(
                .invalid,
                "\(text ?? json.json) is no absolute path",
                hint: "send the path's text, or path and pathEncoding as the manifest has them"
            )
        }
        self = path
    }

    /// The path for a request's JSON.
    package var controlJSON: JSON {
        let key = ManifestKey(self)
        if !key.isPercentEncoded { return .string(key.text) }
        return .object(["path": .string(key.text), "pathEncoding": "percent"])
    }
}
