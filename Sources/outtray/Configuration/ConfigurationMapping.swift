import Pipeline

/// Reads one mapping of the configuration. A key that was not asked for is an error. Two providers may ask for one key,
/// and its problem is told once.
///
/// Problems are gathered rather than thrown, so a person sees all of them at once. A bad value is replaced by its
/// default.
struct ConfigurationMapping {
    let node: ConfigurationNode
    private let members: [(name: String, keyNode: ConfigurationNode, value: ConfigurationNode)]
    private var asked: [String] = []
    private(set) var problems: [ConfigurationError.Problem] = []

    init(_ node: ConfigurationNode) {
        self.node = node
        members = node.members ?? []
        if node.members == nil { problems = [node.problem("must be a mapping (`key: value` lines)")] }
    }

    /// The node of a key; nil if it is not given.
    mutating func node(_ name: String) -> ConfigurationNode? {
        if !asked.contains(name) { asked.append(name) }
        return members.first { $0.name == name }.flatMap { $0.value.isNull ? nil : $0.value }
    }

    /// The places of the values given here, for problems that are found later. `""` is the mapping itself.
    ///
    /// Members of a member are there too, as `limits.video`, and elements of a list, as `ignore[0]`.
    var places: ConfigurationPlaces {
        let own = members.map { ($0.name, $0.value.problem("")) }
        let deeper = members.flatMap { member in
            (member.value.members ?? []).map { ("\(member.name).\($0.name)", $0.value.problem("")) }
                + (member.value.elements ?? []).enumerated().map { ("\(member.name)[\($0)]", $1.problem("")) }
        }
        return ConfigurationPlaces(
            own: node.problem(""),
            members: Dictionary(own + deeper, uniquingKeysWith: { first, _ in first })
        )
    }

    /// The value that `parse` makes of a scalar's text. `expected` says what is allowed.
    ///
    /// A problem quotes the text only if `isQuoted`: other texts may hold a secret.
    mutating func value<Value>(
        _ name: String,
        expected: String,
        isQuoted: Bool = true,
        hint: (String) -> String? = { _ in nil },
        parse: (String) -> Value?
    ) -> Value? {
        guard let node = node(name) else { return nil }
        guard let text = node.text, let value = parse(text) else {
            let quote = isQuoted ? node.text.map { ", not \"\($0.cut)\"" } ?? "" : ""
            let hint = isQuoted ? node.text.flatMap(hint) : nil
            report(node.problem("must be \(expected)\(quote)\(hint.map { ": \($0)" } ?? "")"))
            return nil
        }
        return value
    }

    mutating func text(_ name: String) -> String? {
        value(name, expected: "a text that is not empty, on one line") { $0.isEmpty || $0.hasControls ? nil : $0 }
    }

    /// A duration of ten years at most, or of a whole number of minutes.
    mutating func duration(_ name: String, atMost longest: Duration? = nil) -> Duration? {
        let most = longest.map { "\($0.components.seconds / 60)m" } ?? "3650d"
        let expected = "a duration such as 250ms, 2s, 15m or 1h, of \(most) at most"
        return value(name, expected: expected, hint: { Int($0) == nil ? nil : "give it a unit, as \($0)s" }) { text in
            Duration(configuration: text).flatMap { duration in longest.map { duration <= $0 } ?? true ? duration : nil
            }
        }
    }

    mutating func duration(_ name: String, in range: ClosedRange<Duration>) -> Duration? {
        let (least, most) = (range.lowerBound.milliseconds, range.upperBound.components.seconds / 60)
        let expected = "a duration from \(least)ms to \(most)m, such as 2s"
        return value(name, expected: expected, hint: { Int($0) == nil ? nil : "give it a unit, as \($0)s" }) { text in
            Duration(configuration: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
        value(name, expected: "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func truth(_ name: String) -> Bool? {
        guard let node = node(name) else { return nil }
        if let truth = node.truth { return truth }
        problems.append(node.problem("must be true or false"))
        return nil
    }

    /// One word of a closed list.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, of _: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        let expected = "\(words.dropLast().joined(separator: ", ")) or \(words.last ?? "")"
        return value(name, expected: expected, parse: Choice.init(rawValue:))
    }

    mutating func texts(_ name: String) -> [String]? {
        guard let node = node(name) else { return nil }
        guard let elements = node.elements else {
            let right = node.text.map { ", as [\"\($0.cut)\"]" } ?? ", such as [\"*.draft.*\"]"
            problems.append(node.problem("must be a list\(right)"))
            return nil
        }
        return elements.compactMap { element in
            if element.text == nil { problems.append(element.problem("must be a text")) }
            return element.text
        }
    }

    /// Members in file order, each named by the user: accounts, folders.
    mutating func named(_ name: String) -> [(name: String, node: ConfigurationNode)] {
        guard let node = node(name) else { return [] }
        guard let members = node.members else {
            problems.append(node.problem("must be a mapping of names"))
            return []
        }
        for member in members {
            if let trouble = Self.trouble(withName: member.name) { problems.append(member.keyNode.problem(trouble)) }
        }
        return members.map { ($0.name, $0.value) }
    }

    /// What is wrong with a name. Names are shown in logs and tables, and typed in commands.
    static func trouble(withName name: String) -> String? {
        if name.isEmpty { return "a name is not empty" }
        if name.utf8.count > 100 { return "a name has 100 bytes at most" }
        if name.hasControls { return "a name is one line, without control characters" }
        if name.trimmed.count != name.count { return "a name neither begins nor ends with white space" }
        return nil
    }

    mutating func report(_ problem: ConfigurationError.Problem) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    mutating func adopt(_ others: [ConfigurationError.Problem]) {
        problems += others
    }

    /// All problems of this mapping, also those of keys that nobody asked for.
    mutating func finish() -> [ConfigurationError.Problem] {
        for member in members where !asked.contains(member.name) {
            let near = asked.min { distance($0, member.name) < distance($1, member.name) }
            let hint = near.flatMap { distance($0, member.name) <= 2 ? "; did you mean \($0)?" : nil } ?? ""
            let known = hint.isEmpty ? "; known here: \(asked.joined(separator: ", "))" : hint
            let space = member.value.isNull && member.name.contains(":") ? "; a space belongs after the colon" : nil
            var problem = member.keyNode.problem("unknown key\(space ?? known)")
            problem.known = asked
            problems.append(problem)
        }
        return problems
    }

    /// Levenshtein's distance: the least number of changed letters.
    private func distance(_ left: String, _ right: String) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let next = min(row[j + 1] + 1, row[j] + 1, previous + (a == b ? 0 : 1))
                previous = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[right.count]
    }
}
