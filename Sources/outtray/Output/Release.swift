import CRelease

/// The release of this program.
enum Release {
    static let version = "0.1.0"

    /// The commit that it was built from; nil unless packaging built it.
    static var commit: String? {
        let text = String(cString: crelease_commit())
        return text.isEmpty ? nil : text
    }

    /// What `outtray --version` prints: the version, and the commit if it is known.
    static var words: String { words(version: version, commit: commit) }

    static func words(version: String, commit: String?) -> String {
        "outtray \(version)" + (commit.map { " (\($0))" } ?? "")
    }
}
