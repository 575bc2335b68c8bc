import Pipeline

/// The state of the service, in one line for `systemctl status`.
struct ServiceStatus: Sendable {
    /// The folders that are watched.
    var folders: [String]
    /// Folders not yet looked through.
    var missing: [String] = []
    /// What is wrong with a configuration that was not taken; nil if the last one was taken.
    var refusal: String?
    /// Files that wait, and files that are on their way.
    var waiting = 0
    var uploading = 0
    /// Accounts whose files all wait for one cause, by name.
    var blocked: [(name: String, cause: WaitCause)] = []
    /// Why nothing can be recorded; nil if all can be.
    var recordsTrouble: String?

    /// The same numbers under another configuration, whose folders are not looked through yet.
    func renewed(folders: [String]) -> ServiceStatus {
        var status = ServiceStatus(folders: folders)
        status.take(self)
        return status
    }

    /// Takes the numbers of a later look.
    mutating func take(_ look: ServiceStatus) {
        waiting = look.waiting
        uploading = look.uploading
        blocked = look.blocked
        recordsTrouble = look.recordsTrouble
    }

    var line: String {
        var parts = ["watching " + folders.joined(separator: ", ")]
        if waiting > 0 {
            let causes = blocked.map { "\($0.name): \($0.cause.accountWords)" }.joined(separator: ", ")
            parts.append("\(waiting) wait" + (causes.isEmpty ? "" : " (\(causes))"))
        }
        if uploading > 0 { parts.append("\(uploading) uploading") }
        if let recordsTrouble { parts.append("nothing can be recorded: " + recordsTrouble) }
        if !missing.isEmpty { parts.append("not looked through yet: " + missing.joined(separator: ", ")) }
        if let refusal { parts.append("the configuration was not taken, the old one stays: " + refusal) }
        return printable(parts.joined(separator: "; "))
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
