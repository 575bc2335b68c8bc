import SystemPackage
import Yams

/// A place in the configuration file: its value, its key's path, and its line and column. The one file that meets YAML.
struct ConfigurationNode {
    let key: String
    private let node: Node

    private init(key: String, node: Node) {
        self.key = key
        self.node = node
    }

    /// Reads a whole file's text. An empty text is an empty mapping.
    static func root(ofYAML text: String) throws(ConfigurationProblems) -> ConfigurationNode {
        do {
            return ConfigurationNode(key: "", node: try Yams.compose(yaml: text) ?? Node([(Node, Node)]()))
        } catch {
            throw ConfigurationProblems([problem(of: error, in: text)])
        }
    }

    /// A problem at this place.
    func problem(_ reason: String) -> ConfigurationError.Problem {
        ConfigurationError.Problem(line: node.mark?.line, column: node.mark?.column, key: key, reason: reason)
    }

    /// The members in file order; nil if this is not a mapping. A missing value counts as an empty mapping.
    var members: [(name: String, keyNode: ConfigurationNode, value: ConfigurationNode)]? {
        if isNull { return [] }
        guard let mapping = node.mapping else { return nil }
        return mapping.map { pair in
            let name = pair.key.scalar?.string ?? "?"
            let path = key.isEmpty ? name : "\(key).\(name)"
            return (name, ConfigurationNode(key: path, node: pair.key), ConfigurationNode(key: path, node: pair.value))
        }
    }

    var elements: [ConfigurationNode]? {
        node.sequence.map { sequence in
            sequence.enumerated().map { ConfigurationNode(key: "\(key)[\($0)]", node: $1) }
        }
    }

    /// The text of a scalar as it is written; nil for a mapping, a list or a missing value.
    ///
    /// `!keep` without quotation marks is a tag to YAML, but a text to the person who wrote it.
    var text: String? {
        guard let scalar = node.scalar else { return nil }
        if let tag { return scalar.string.isEmpty ? tag : "\(tag) \(scalar.string)" }
        return isNull ? nil : scalar.string
    }

    private var tag: String? {
        guard let tag = node.scalar?.tag.description, tag.hasPrefix("!"), tag.utf8.count > 1 else { return nil }
        return tag
    }

    var truth: Bool? { node.bool }

    var isNull: Bool { node.scalar != nil && node.null != nil && tag == nil }

    private static func problem(of error: any Error, in text: String) -> ConfigurationError.Problem {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            // A bracket or quote that is not closed may begin above the line that the parser stopped at.
            for place in [context?.mark, mark].compactMap(\.self) where lines.indices.contains(place.line - 1) {
                let line = String(lines[place.line - 1])
                guard let advice = YAMLAdvice.words(for: problem, line: line) else { continue }
                return ConfigurationError.Problem(
                    line: place.line,
                    column: place.column,
                    key: "",
                    reason: "this is not YAML: \(problem); \(advice)"
                )
            }
            return ConfigurationError.Problem(
                line: mark.line,
                column: mark.column,
                key: "",
                reason: "this is not YAML: \(problem)"
            )
        case .duplicatedKeysInMapping(let names, let context):
            return ConfigurationError.Problem(
                line: context.mark.line,
                column: context.mark.column,
                key: "",
                reason: "this mapping has a key twice: \(names.joined(separator: ", "))"
            )
        default:
            return ConfigurationError.Problem(key: "", reason: "this is not YAML: \(error)")
        }
    }
}

/// Problems without the file's name, on their way to a ``ConfigurationError``.
struct ConfigurationProblems: Error {
    let list: [ConfigurationError.Problem]

    init(_ list: [ConfigurationError.Problem]) {
        self.list = list
    }
}
