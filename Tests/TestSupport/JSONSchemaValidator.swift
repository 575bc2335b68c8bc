/// Checks JSON against a JSON Schema, as far as the schemas in `etc/` go.
///
/// Known are `type`, `properties`, `required`, `additionalProperties`, `propertyNames`, `items`, `minItems`, `enum`,
/// `const`, `pattern`, `minLength`, `minimum`, `oneOf`, `anyOf`, and `$ref` into `$defs`.
///
/// Any other keyword is itself a problem, so that no keyword seems checked without being so. Keywords that check
/// nothing are passed over (`title`, `description`, `format`, …).
package struct JSONSchemaValidator: Sendable {
    private static let silent: Set<String> = ["$schema", "$id", "$defs", "title", "description", "format", "examples"]

    private let root: JSONTree

    package init(schema: JSONTree) {
        root = schema
    }

    /// All problems, each with its place. Empty if the value is valid.
    package func problems(in value: JSONTree) -> [String] {
        check(value, root, at: "$")
    }

    private func check(_ value: JSONTree, _ schema: JSONTree, at place: String) -> [String] {
        switch schema {
        case .bool(let allowed):
            return allowed ? [] : ["\(place): nothing is allowed here"]
        case .object(let keywords):
            return keywords.sorted { $0.key < $1.key }.flatMap { name, rule in
                Self.silent.contains(name) ? [] : check(value, name, rule, of: schema, at: place)
            }
        default:
            return ["\(place): the schema is neither an object nor true or false"]
        }
    }

    private func check(
        _ value: JSONTree,
        _ keyword: String,
        _ rule: JSONTree,
        of schema: JSONTree,
        at place: String
    ) -> [String] {
        switch (keyword, rule, value) {
        case ("$ref", .string(let target), _):
            guard let definition = definition(target) else { return ["\(place): \(target) is not in the schema"] }
            return check(value, definition, at: place)
        case ("type", _, _):
            let types: [JSONTree] = if case .array(let types) = rule { types } else { [rule] }
            return types.contains { isOf(value, $0.string ?? "") } ? [] : ["\(place): is not of type \(types)"]
        case ("enum", .array(let allowed), _):
            return allowed.contains(value) ? [] : ["\(place): \(value) is none of \(allowed)"]
        case ("const", _, _):
            return rule == value ? [] : ["\(place): is not \(rule)"]
        case ("oneOf", .array(let choices), _), ("anyOf", .array(let choices), _):
            let found = choices.map { check(value, $0, at: place) }
            let fitting = found.count(where: \.isEmpty)
            if keyword == "anyOf" ? fitting > 0 : fitting == 1 { return [] }
            return ["\(place): fits \(fitting) of \(choices.count) choices: \(found)"]
        case ("pattern", .string(let pattern), .string(let text)):
            guard let regex = try? Regex(pattern) else { return ["\(place): the pattern \(pattern) cannot be read"] }
            return text.contains(regex) ? [] : ["\(place): \"\(text)\" is not like \(pattern)"]
        case ("minLength", .number(let least), .string(let text)):
            return Double(text.unicodeScalars.count) >= least ? [] : ["\(place): is shorter than \(least)"]
        case ("minimum", .number(let least), .number(let number)):
            return number >= least ? [] : ["\(place): \(number) is less than \(least)"]
        case ("minItems", .number(let least), .array(let elements)):
            return Double(elements.count) >= least ? [] : ["\(place): has fewer items than \(least)"]
        case ("items", _, .array(let elements)):
            return elements.enumerated().flatMap { check($1, rule, at: "\(place)[\($0)]") }
        case ("required", _, .object), ("properties", _, .object), ("additionalProperties", _, .object),
            ("propertyNames", _, .object):
            return checkMembers(of: value, keyword, rule, of: schema, at: place)
        case ("pattern", _, _), ("minLength", _, _), ("minimum", _, _), ("items", _, _), ("minItems", _, _),
            ("required", _, _), ("properties", _, _), ("additionalProperties", _, _), ("propertyNames", _, _):
            // These keywords say nothing of values of other types.
            return []
        default:
            return ["\(place): the keyword \(keyword) is not known here"]
        }
    }

    private func checkMembers(
        of value: JSONTree,
        _ keyword: String,
        _ rule: JSONTree,
        of schema: JSONTree,
        at place: String
    ) -> [String] {
        guard case .object(let members) = value else { return [] }
        let sorted = members.sorted { $0.key < $1.key }
        switch (keyword, rule) {
        case ("required", .array(let names)):
            return names.compactMap(\.string).filter { members[$0] == nil }.map { "\(place): \($0) is missing" }
        case ("properties", .object(let rules)):
            return sorted.flatMap { name, member in
                rules[name].map { check(member, $0, at: "\(place).\(name)") } ?? []
            }
        case ("additionalProperties", _):
            return sorted.filter { schema["properties"]?[$0.key] == nil }
                .flatMap { check($0.value, rule, at: "\(place).\($0.key)") }
        case ("propertyNames", _):
            return sorted.flatMap { check(.string($0.key), rule, at: "\(place).\($0.key) (name)") }
        default:
            return ["\(place): \(keyword) is not as it must be in the schema"]
        }
    }

    private func definition(_ target: String) -> JSONTree? {
        guard target.hasPrefix("#/") else { return nil }
        return target.dropFirst(2).split(separator: "/").reduce(Optional(root)) { tree, name in tree?[String(name)] }
    }

    private func isOf(_ value: JSONTree, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
            (.object, "object"):
            true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }
}
