/// The state of the service, in one line for `systemctl status`.
struct ServiceStatus: Sendable {
    /// The folders that are watched.
    var folders: [String]
    /// Folders not yet looked through.
    var missing: [String] = []
    /// What is wrong with a configuration that was not taken; nil if the last one was taken.
    var refusal: String?

    var line: String {
        var parts = ["watching " + folders.joined(separator: ", ")]
        if !missing.isEmpty { parts.append("not looked through yet: " + missing.joined(separator: ", ")) }
        if let refusal { parts.append("the configuration was not taken, the old one stays: " + refusal) }
        return parts.joined(separator: "; ")
    }
}

extension ConfigurationError {
    /// The first problem, and the number of further ones.
    var summary: String {
        let lines = description.split(separator: "\n")
        let first = lines.first.map(String.init) ?? "unknown"
        return lines.count > 1 ? "\(first) (and \(lines.count - 1) more)" : first
    }
}
