/// All that is wrong with a configuration, each problem with its place.
struct ConfigurationError: Error, CustomStringConvertible {
    /// One thing that is wrong.
    struct Problem: Hashable {
        /// From 1; nil if the fault has no place in the file.
        var line: Int?
        var column: Int?
        /// `folders.inbox.settle`; empty for the file as a whole.
        var key: String
        /// For people, without a full stop: what is wrong, and what would be right.
        var reason: String
        /// The keys that are known in the place of an unknown one; nil for any other problem.
        var known: [String]?

        /// The same place with a reason.
        func saying(_ reason: String) -> Problem {
            Problem(line: line, column: column, key: key, reason: reason)
        }
    }

    let file: String
    let problems: [Problem]

    /// Sorts the problems in the order of the file. Problems without a place come last.
    init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems.sorted { ($0.line ?? .max, $0.column ?? .max) < ($1.line ?? .max, $1.column ?? .max) }
    }

    /// One line a problem, whatever the file holds: `outtray.yaml:12:13: folders.inbox.settle: …`.
    var description: String {
        problems.map(text).joined(separator: "\n")
    }

    /// One problem on one line.
    func text(_ problem: Problem) -> String {
        let place = problem.line.map { ":\($0)" + (problem.column.map { ":\($0)" } ?? "") } ?? ""
        let key = problem.key.isEmpty ? "" : "\(problem.key): "
        return printable("\(file)\(place): \(key)\(problem.reason)")
    }
}

/// Where a mapping of the configuration and its members stand in the file.
struct ConfigurationPlaces: Sendable {
    fileprivate let own: ConfigurationError.Problem
    fileprivate let members: [String: ConfigurationError.Problem]

    init(own: ConfigurationError.Problem, members: [String: ConfigurationError.Problem]) {
        self.own = own
        self.members = members
    }

    /// The place of a key's value. If the key is not given, the mapping's own place under the key's name.
    subscript(key: String) -> ConfigurationError.Problem {
        if let given = members[key] { return given }
        // `after_upload.move`, given as one text.
        if let dot = key.firstIndex(of: "."), var place = members[String(key[..<dot])] {
            place.key += key[dot...]
            return place
        }
        var place = own
        if !key.isEmpty { place.key = own.key.isEmpty ? key : "\(own.key).\(key)" }
        return place
    }
}
