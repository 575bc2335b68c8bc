/// What the service is doing, in one line for `systemctl status`.
struct ServiceStatus: Sendable {
    /// The folders that are watched.
    var folders: [String]
    /// Those that were not looked through yet.
    var missing: [String] = []
    /// What is wrong with a configuration that was not taken; nil where the last one was.
    var refusal: String?

    var line: String {
        var parts = ["watching " + folders.joined(separator: ", ")]
        if !missing.isEmpty { parts.append("not looked through yet: " + missing.joined(separator: ", ")) }
        if let refusal { parts.append("the configuration was not taken, the old one stays: " + refusal) }
        return parts.joined(separator: "; ")
    }
}

extension ConfigurationError {
    /// The first problem, and how many there are beside it.
    var summary: String {
        let lines = description.split(separator: "\n")
        let first = lines.first.map(String.init) ?? "unknown"
        return lines.count > 1 ? "\(first) (and \(lines.count - 1) more)" : first
    }
}
